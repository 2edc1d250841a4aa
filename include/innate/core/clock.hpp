// SPDX-License-Identifier: Apache-2.0
/// The time type of the engine: every decision takes "now" as an argument, so tests own the clock.
#pragma once

#include <chrono>

namespace innate::inline v0 {

using duration = std::chrono::nanoseconds;
using time_point = std::chrono::time_point<std::chrono::steady_clock, duration>;

}  // namespace innate::inline v0

namespace innate::inline v0::core {

/// A deadline that never comes.
inline constexpr time_point never = time_point::max();

/// `from + wait`, or `never` when the sum does not fit: a user's "infinite" wait must not wrap into the past.
[[nodiscard]] constexpr time_point after(time_point from, duration wait) noexcept {
  return wait >= never - from ? never : from + wait;
}

}  // namespace innate::inline v0::core
