// SPDX-License-Identifier: Apache-2.0
/// Subjects as operations take them: literals are checked by the compiler, other strings when the operation runs.
#pragma once

#include <innate/protocol/subject.hpp>

#include <concepts>
#include <cstddef>
#include <string_view>
#include <type_traits>

namespace innate::inline v0::protocol {

/// Calling one of these in a constant expression is the compile error; its name is the message.
namespace literal_error {
inline void this_subject_is_empty() {}
inline void this_subject_contains_a_blank() {}
inline void this_subject_contains_a_control_byte() {}
inline void this_subject_has_an_empty_token() {}
inline void a_wildcard_cannot_be_published_to() {}
inline void the_wildcard_gt_must_be_the_last_token() {}
}  // namespace literal_error

consteval void refuse_bad_literal(subject_check check) {
  switch (check.fault) {
  case subject_fault::none: break;
  case subject_fault::empty: literal_error::this_subject_is_empty(); break;
  case subject_fault::space: literal_error::this_subject_contains_a_blank(); break;
  case subject_fault::control: literal_error::this_subject_contains_a_control_byte(); break;
  case subject_fault::empty_token: literal_error::this_subject_has_an_empty_token(); break;
  case subject_fault::wildcard: literal_error::a_wildcard_cannot_be_published_to(); break;
  case subject_fault::gt_not_last: literal_error::the_wildcard_gt_must_be_the_last_token(); break;
  }
}

/// Strings that are not literals: `std::string`, `std::string_view`, `const char*`, writable arrays.
template <class T>
concept run_time_string =
    std::convertible_to<const T&, std::string_view> &&
    !(std::is_array_v<std::remove_reference_t<T>> && std::is_const_v<std::remove_extent_t<std::remove_reference_t<T>>>);

/// A subject to publish to. A view: only has to live until the call that takes it returns.
class subject_ref {
 public:
  template <std::size_t N>
  consteval subject_ref(const char (&literal)[N]) : x_view(literal, N - 1), x_checked(true) {
    refuse_bad_literal(check_subject(x_view));
  }
  template <class String>
    requires(run_time_string<String> && !std::same_as<std::remove_cvref_t<String>, subject_ref>)
  constexpr subject_ref(String&& text) noexcept : x_view(text) {}

  /// For whoever has checked `text` as `check_subject` does: it goes to the server as it is.
  [[nodiscard]] static constexpr subject_ref already_checked(std::string_view text) noexcept {
    subject_ref made{text};
    made.x_checked = true;
    return made;
  }

  [[nodiscard]] constexpr std::string_view view() const noexcept { return x_view; }
  /// A literal, or checked by whoever made it.
  [[nodiscard]] constexpr bool checked() const noexcept { return x_checked; }
  [[nodiscard]] constexpr subject_check check() const noexcept {
    return x_checked ? subject_check{} : check_subject(x_view);
  }

 private:
  std::string_view x_view;
  bool x_checked = false;
};

/// A subject to subscribe to, wildcards allowed. A view like `subject_ref`.
class filter_ref {
 public:
  template <std::size_t N>
  consteval filter_ref(const char (&literal)[N]) : x_view(literal, N - 1), x_checked(true) {
    refuse_bad_literal(check_filter(x_view));
  }
  template <class String>
    requires(run_time_string<String> && !std::same_as<std::remove_cvref_t<String>, filter_ref>)
  constexpr filter_ref(String&& text) noexcept : x_view(text) {}

  [[nodiscard]] constexpr std::string_view view() const noexcept { return x_view; }
  [[nodiscard]] constexpr subject_check check() const noexcept {
    return x_checked ? subject_check{} : check_filter(x_view);
  }

 private:
  std::string_view x_view;
  bool x_checked = false;
};

}  // namespace innate::inline v0::protocol
