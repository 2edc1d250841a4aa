// SPDX-License-Identifier: Apache-2.0
/// Named values for the parameters of a subject template: `"agent_id"_p = id`.
#pragma once

#include <innate/meta/fixed_string.hpp>
#include <innate/protocol/errc.hpp>
#include <innate/protocol/error.hpp>
#include <innate/protocol/subject.hpp>
#include <innate/typed/subject_template.hpp>

#include <array>
#include <charconv>
#include <concepts>
#include <cstddef>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace innate::inline v0 {

/// A value as text: views of strings, or an integer written into room of its own. Lives as long as the call it is an
/// argument of.
class parameter_value {
 public:
  constexpr parameter_value(std::string_view text) noexcept : x_text(text) {}
  template <std::integral Integer>
    requires(!std::same_as<Integer, bool> && !std::same_as<Integer, char>)
  parameter_value(Integer number) noexcept {
    x_size = static_cast<std::size_t>(std::to_chars(x_digits.data(), x_digits.data() + x_digits.size(), number).ptr -
                                      x_digits.data());
  }

  [[nodiscard]] constexpr std::string_view view() const noexcept {
    return x_size == 0 ? x_text : std::string_view{x_digits.data(), x_size};
  }

 private:
  std::string_view x_text{};
  std::array<char, 24> x_digits{};
  std::size_t x_size = 0;
};

template <meta::fixed_string name>
struct argument {
  static constexpr auto key = name;
  parameter_value value;
};

template <meta::fixed_string name>
struct parameter_name {
  template <class Value>
  [[nodiscard]] constexpr argument<name> operator=(const Value& value) const noexcept {
    static_assert(std::is_constructible_v<parameter_value, const Value&>,
                  "the value of a subject parameter must be a string or an integer");
    return {parameter_value{value}};
  }
};

inline namespace literals {

/// `using namespace innate::literals;` then `"agent_id"_p = "a1"`.
template <meta::fixed_string name>
[[nodiscard]] consteval parameter_name<name> operator""_p() noexcept {
  return {};
}

}  // namespace literals

/// What is wrong with a value that shall become one token of a subject; `wildcard` for any `*` or `>` in it.
[[nodiscard]] constexpr protocol::subject_check check_parameter(std::string_view value) noexcept {
  using protocol::subject_fault;
  using protocol::subject_rules::byte_class;
  if (value.empty()) return {subject_fault::empty, 0};
  for (std::size_t i = 0; i != value.size(); ++i) {
    switch (protocol::subject_rules::of(value[i])) {
    case byte_class::plain: break;
    case byte_class::dot: return {subject_fault::empty_token, i};
    case byte_class::special: return {subject_fault::wildcard, i};
    case byte_class::space: return {subject_fault::space, i};
    case byte_class::control: return {subject_fault::control, i};
    }
  }
  return {};
}

namespace typed {

/// Nothing is wrong with it.
[[nodiscard]] constexpr bool is_token(std::string_view value) noexcept {
  using protocol::subject_rules::byte_class;
  bool plain = !value.empty();
  for (const char c : value) plain = plain && protocol::subject_rules::of(c) == byte_class::plain;
  return plain;
}

template <class T>
inline constexpr bool is_argument = false;
template <meta::fixed_string name>
inline constexpr bool is_argument<argument<name>> = true;

template <meta::fixed_string of_template, meta::fixed_string named>
consteval bool require_known_parameter() {
  static_assert(subject_template<of_template>::index_of(named.view()) != subject_template<of_template>::npos,
                "the subject template has no parameter of this name");
  return true;
}

template <class... Arguments>
consteval bool names_differ() {
  const std::array<std::string_view, sizeof...(Arguments)> names{Arguments::key.view()...};
  for (std::size_t i = 0; i != names.size(); ++i)
    for (std::size_t j = 0; j != i; ++j)
      if (names[i] == names[j]) return false;
  return true;
}

[[nodiscard]] inline error parameter_error(std::string_view name, std::string_view of_template, std::string_view value,
                                           protocol::subject_check check) {
  using protocol::subject_fault;
  const auto shown = value.substr(0, 64);
  const auto at = " at position " + std::to_string(check.position);
  std::string detail = "parameter '" + std::string{name} + "' of '" + std::string{of_template} + "': ";
  if (check.fault == subject_fault::empty_token) {  // a dot in a value
    detail.append("'").append(shown).append("' contains a dot").append(at);
  } else if (check.fault == subject_fault::wildcard) {
    detail.append("'").append(shown).append("' contains a wildcard").append(at);
  } else {
    detail.append(protocol::describe(check, shown));
  }
  return {errc::invalid_parameter, std::move(detail)};
}

/// The values in the order of the template; `*` for those not given. False when one of them cannot be a token.
template <meta::fixed_string text, class... Arguments>
[[nodiscard]] bool place_arguments(typename subject_template<text>::values& values,
                                   const Arguments&... given) noexcept {
  using subjects = subject_template<text>;
  static_assert((is_argument<Arguments> && ...), "subject parameters are given by name, as in \"agent_id\"_p = id");
  static_assert((require_known_parameter<text, Arguments::key>() && ...));
  static_assert(names_differ<Arguments...>(), "a parameter of the subject template is given twice");
  if constexpr (sizeof...(given) != subjects::parameter_count) values.fill("*");
  bool good = true;
  [[maybe_unused]] const auto place = [&](std::size_t at, std::string_view value) {
    values[at] = value;
    good = good && is_token(value);
  };
  (place(std::integral_constant<std::size_t, subjects::index_of(Arguments::key.view())>{}, given.value.view()), ...);
  return good;
}

/// The same; the first value that cannot be a token is the error.
template <meta::fixed_string text, class... Arguments>
[[nodiscard]] error order_arguments(typename subject_template<text>::values& values, const Arguments&... given) {
  error refused;
  if (place_arguments<text>(values, given...)) return refused;
  [[maybe_unused]] const auto good = [&](std::string_view name, std::string_view value) {
    const auto check = check_parameter(value);
    if (check.fault == protocol::subject_fault::none) return true;
    refused = parameter_error(name, text.view(), value, check);
    return false;
  };
  static_cast<void>((good(Arguments::key.view(), given.value.view()) && ...));
  return refused;
}

}  // namespace typed
}  // namespace innate::inline v0
