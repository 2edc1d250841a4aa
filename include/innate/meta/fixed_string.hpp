// SPDX-License-Identifier: Apache-2.0
/// A string that can be a template argument: `template <fixed_string name> struct field;`, then
/// `field<"task_id">`.
#pragma once

#include <cstddef>
#include <string_view>

namespace innate::inline v0::meta {

/// `N` characters, the terminating NUL not counted, so that `fixed_string{"abc"}` is a `fixed_string<3>`.
template <std::size_t N>
struct fixed_string {
  char characters[N + 1]{};  ///< ends with NUL; public, as types of template arguments must have it

  constexpr fixed_string() noexcept = default;
  constexpr fixed_string(const char (&literal)[N + 1]) noexcept {
    for (std::size_t i = 0; i != N; ++i) characters[i] = literal[i];
  }

  [[nodiscard]] static constexpr std::size_t size() noexcept { return N; }
  [[nodiscard]] constexpr std::string_view view() const noexcept { return {characters, N}; }

  template <std::size_t M>
  [[nodiscard]] friend constexpr bool operator==(const fixed_string& a, const fixed_string<M>& b) noexcept {
    return a.view() == b.view();
  }
};

template <std::size_t Size>
fixed_string(const char (&)[Size]) -> fixed_string<Size - 1>;

}  // namespace innate::inline v0::meta
