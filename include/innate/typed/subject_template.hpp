// SPDX-License-Identifier: Apache-2.0
/// A family of subjects with named tokens, `"agent.{agent_id}.inbox"`, checked, formatted and matched from a literal.
#pragma once

#include <innate/meta/fixed_string.hpp>
#include <innate/protocol/subject.hpp>
#include <innate/typed/template_check.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>

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
    const auto put = [&at](std::string_view piece) {
      std::memcpy(at, piece.data(), piece.size());
      at += piece.size();
    };
    put(literals[0]);
    each_parameter([&]<std::size_t i> {
      put(given[i]);
      put(literals[i + 1]);
      return true;
    });
    return at;
  }

  /// True when `subject` is of this template; `found` then holds views of its parameters.
  [[nodiscard]] static constexpr bool match(std::string_view subject, values& found) noexcept {
    if (!take<0>(subject)) return false;
    const bool good = each_parameter([&]<std::size_t i> {
      const auto size = std::min(subject.find('.'), subject.size());
      found[i] = subject.substr(0, size);
      subject.remove_prefix(size);
      return size != 0 && take<i + 1>(subject);
    });
    return good && subject.empty();
  }

 private:
  // What is before, between and behind the parameters: `agent.` and `.inbox`.
  static constexpr std::array<std::string_view, parameter_count + 1> literals = [] {
    std::array<std::string_view, parameter_count + 1> found{};
    std::size_t begin = 0;
    std::size_t n = 0;
    for (std::size_t i = 0; i != view.size(); ++i) {
      if (view[i] == '{') found[n++] = view.substr(begin, i - begin);
      if (view[i] == '}') begin = i + 1;
    }
    found[n] = view.substr(begin);
    return found;
  }();

  template <class Visit>
  static constexpr bool each_parameter(Visit visit) noexcept {
    return [&]<std::size_t... i>(std::index_sequence<i...>) {
      return (visit.template operator()<i>() && ...);
    }(std::make_index_sequence<parameter_count>{});
  }

  // One literal off the front; false when it is not there.
  template <std::size_t i>
  static constexpr bool take(std::string_view& subject) noexcept {
    constexpr auto expected = literals[i];
    if (subject.size() < expected.size() ||
        std::char_traits<char>::compare(subject.data(), expected.data(), expected.size()) != 0)
      return false;
    subject.remove_prefix(expected.size());
    return true;
  }

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
