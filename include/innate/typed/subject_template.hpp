// SPDX-License-Identifier: Apache-2.0
/// A family of subjects with named tokens, `"agent.{agent_id}.inbox"`, checked, formatted and matched from a literal.
#pragma once

#include <innate/meta/fixed_string.hpp>
#include <innate/protocol/subject.hpp>
#include <innate/typed/template_check.hpp>

#include <array>
#include <cstddef>
#include <cstring>
#include <string_view>

namespace innate::inline v0 {

/// The template `text`. Two templates are the same type when their texts are equal; see `same_subjects` for templates
/// that differ in the names of their parameters only.
template <meta::fixed_string text>
class subject_template {
  static_assert(typed::accept_template<text>());

 public:
  static constexpr std::string_view view = text.view();
  static constexpr std::size_t token_count = typed::count_tokens(text.view());
  static constexpr auto tokens = typed::split_template<token_count>(text.view());
  static constexpr std::size_t parameter_count = typed::count_parameters(text.view());
  static constexpr std::size_t npos = static_cast<std::size_t>(-1);

  /// One value for each parameter, in the order of the template.
  using values = std::array<std::string_view, parameter_count>;

  /// Names of the parameters, in the order of the template.
  static constexpr values names = [] {
    values found{};
    std::size_t n = 0;
    for (const auto& t : tokens)
      if (t.parameter) found[n++] = t.text;
    return found;
  }();

  /// Place of a parameter in `names`; `npos` when there is none of that name.
  [[nodiscard]] static constexpr std::size_t index_of(std::string_view name) noexcept {
    for (std::size_t i = 0; i != parameter_count; ++i)
      if (names[i] == name) return i;
    return npos;
  }

  /// What to subscribe to for every subject of the template: `agent.*.inbox`.
  static constexpr std::string_view filter() noexcept { return {filter_text.data(), filter_text.size()}; }

  /// Bytes of the subject, or filter, that these values make.
  [[nodiscard]] static constexpr std::size_t size(const values& given) noexcept {
    std::size_t total = literal_size;
    for (const auto v : given) total += v.size();
    return total;
  }

  /// Writes `size(given)` bytes to `at`, returns the end. Values must have passed `check_parameter`, or be
  /// `*` for a filter.
  static char* format(char* at, const values& given) noexcept {
    std::size_t parameter = 0;
    for (std::size_t i = 0; i != token_count; ++i) {
      if (i != 0) *at++ = '.';
      const auto t = tokens[i].parameter ? given[parameter++] : tokens[i].text;
      std::memcpy(at, t.data(), t.size());
      at += t.size();
    }
    return at;
  }

  /// True when `subject` is of this template; `found` then holds views of its parameters.
  [[nodiscard]] static constexpr bool match(std::string_view subject, values& found) noexcept {
    std::size_t parameter = 0;
    for (std::size_t i = 0; i != token_count; ++i) {
      const bool last = i + 1 == token_count;
      const auto dot = subject.find('.');
      if ((dot == subject.npos) != last) return false;
      const auto token = subject.substr(0, dot);
      if (token.empty()) return false;
      if (tokens[i].parameter)
        found[parameter++] = token;
      else if (tokens[i].text != token)
        return false;
      if (!last) subject.remove_prefix(dot + 1);
    }
    return true;
  }

 private:
  static constexpr std::size_t literal_size = [] {
    std::size_t total = token_count - 1;  // dots
    for (const auto& t : tokens) total += t.parameter ? 0 : t.text.size();
    return total;
  }();

  static constexpr auto filter_text = [] {
    std::array<char, literal_size + parameter_count> out{};
    std::size_t at = 0;
    for (std::size_t i = 0; i != token_count; ++i) {
      if (i != 0) out[at++] = '.';
      for (const char c : tokens[i].parameter ? std::string_view{"*"} : tokens[i].text) out[at++] = c;
    }
    return out;
  }();
};

/// True when both templates have the same filter: every subject of one is a subject of the other.
template <class A, class B>
inline constexpr bool same_subjects = A::filter() == B::filter();

/// True when a subject can be of both templates.
template <class A, class B>
inline constexpr bool overlapping = [] {
  if (A::token_count != B::token_count) return false;
  for (std::size_t i = 0; i != A::token_count && i != B::token_count; ++i) {
    const auto& a = A::tokens[i];
    const auto& b = B::tokens[i];
    if (!a.parameter && !b.parameter && a.text != b.text) return false;
  }
  return true;
}();

}  // namespace innate::inline v0
