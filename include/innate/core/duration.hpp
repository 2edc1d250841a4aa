// SPDX-License-Identifier: Apache-2.0
/// Reads durations as people write them: `500ms`, `2s`, `1h30m`, `250us`; a bare number such as `2` or `2.5`
/// is seconds.
#pragma once

#include <innate/core/clock.hpp>
#include <innate/protocol/errc.hpp>
#include <innate/protocol/error.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

namespace innate::inline v0 {

namespace core {

struct duration_unit {
  std::string_view name;
  std::int64_t nanoseconds;
};

/// Longer names first where one begins another.
inline constexpr std::array<duration_unit, 6> duration_units{{{"ns", 1},
                                                              {"us", 1'000},
                                                              {"ms", 1'000'000},
                                                              {"s", 1'000'000'000},
                                                              {"m", 60'000'000'000},
                                                              {"h", 3'600'000'000'000}}};

inline constexpr std::string_view duration_forms =
    "a number of seconds (2, 2.5) or numbers with units (500ms, 2s, 1h30m)";

/// `total += digits.fraction * unit`, exactly; false when it does not fit. What is below a nanosecond is cut
/// off.
[[nodiscard]] constexpr bool add_amount(std::int64_t& total, std::string_view digits, std::string_view fraction,
                                        std::int64_t unit) noexcept {
  constexpr auto max = std::numeric_limits<std::int64_t>::max();
  std::int64_t whole = 0;
  for (const char c : digits) {
    const int digit = c - '0';
    if (whole > (max - digit) / 10) return false;
    whole = whole * 10 + digit;
  }
  if (whole > (max - total) / unit) return false;
  total += whole * unit;
  std::int64_t below = 0;
  for (const char c : fraction) {
    below += unit * (c - '0') / 10;  // no unit is longer than an hour, so this fits
    unit /= 10;
  }
  if (below > max - total) return false;
  total += below;
  return true;
}

[[nodiscard]] constexpr std::string_view take_digits(std::string_view& text) noexcept {
  std::size_t n = 0;
  while (n != text.size() && text[n] >= '0' && text[n] <= '9') ++n;
  const auto digits = text.substr(0, n);
  text.remove_prefix(n);
  return digits;
}

/// Takes the unit that `text` begins with; 0 when it begins with none.
[[nodiscard]] constexpr std::int64_t take_unit(std::string_view& text) noexcept {
  std::size_t n = 0;
  while (n != text.size() && text[n] >= 'a' && text[n] <= 'z') ++n;
  for (const auto& unit : duration_units) {
    if (unit.name != text.substr(0, n)) continue;
    text.remove_prefix(n);
    return unit.nanoseconds;
  }
  return 0;
}

}  // namespace core

/// Fails with `invalid_option` for anything else, a negative number or one beyond 292 years; the detail
/// quotes the text.
[[nodiscard]] inline result<duration> parse_duration(std::string_view text) {
  const auto refuse = [text](std::string_view why) {
    return error{errc::invalid_option, "duration '" + std::string{text} + "' " + std::string{why} + "; write " +
                                           std::string{core::duration_forms}};
  };
  if (text.empty()) return refuse("is empty");
  if (text.front() == '-') return refuse("is negative");
  std::int64_t total = 0;
  std::string_view rest = text;
  while (!rest.empty()) {
    const bool first = rest.size() == text.size();
    const auto digits = core::take_digits(rest);
    std::string_view fraction;
    if (!rest.empty() && rest.front() == '.') {
      rest.remove_prefix(1);
      fraction = core::take_digits(rest);
      if (fraction.empty()) return refuse("ends in a bare point");
    }
    if (digits.empty()) return refuse("is not understood");
    const bool bare = first && rest.empty();
    const auto unit = bare ? std::int64_t{1'000'000'000} : core::take_unit(rest);
    if (unit == 0) return refuse("is not understood");
    if (!core::add_amount(total, digits, fraction, unit)) return refuse("is too long");
  }
  return duration{total};
}

}  // namespace innate::inline v0
