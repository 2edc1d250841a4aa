// SPDX-License-Identifier: Apache-2.0
/// The text of a moment in the one form that is written, `2026-11-24T04:05:06.123456Z`, eight bytes at a time.
#pragma once

#include <innate/meta/eight_bytes.hpp>

#include <array>
#include <cstddef>
#include <cstdint>

namespace innate::inline v0::typed::timestamp_text {

inline constexpr std::size_t size = 27;

using meta::eight_bytes::load;
using meta::eight_bytes::store;

// Four pieces make the text; the last two overlap.
inline constexpr std::array<std::size_t, 4> places{0, 8, 16, 19};
inline constexpr std::array<std::uint64_t, 4> zeros{load("0000-00-"), load("00T00:00"), load(":00.0000"),
                                                    load(".000000Z")};

// Added to a piece without its `zeros` they take a byte that does not belong there over 0x7f: more than 9 where a digit
// is, more than 0 elsewhere.
inline constexpr std::array<std::uint64_t, 4> limits = [] {
  std::array<std::uint64_t, 4> made{};
  for (std::size_t piece = 0; piece != 4; ++piece)
    for (unsigned i = 0; i != 64; i += 8)
      made[piece] |= ((zeros[piece] >> i & 0xff) == '0' ? std::uint64_t{0x76} : std::uint64_t{0x7f}) << i;
  return made;
}();

// Numbers of two digits, to be added to `zeros`.
inline constexpr std::array<std::uint16_t, 100> pairs = [] {
  std::array<std::uint16_t, 100> made{};
  for (unsigned i = 0; i != 100; ++i) made[i] = static_cast<std::uint16_t>(i / 10 + i % 10 * 256);
  return made;
}();
[[nodiscard]] constexpr std::uint64_t pair(unsigned value, unsigned at_byte) noexcept {
  return std::uint64_t{pairs[value]} << (8 * at_byte);
}

/// The whole part of a fraction of 2^32, of which the rest is then `times` as large.
[[nodiscard]] constexpr unsigned take_whole(std::uint64_t& fraction, unsigned times) noexcept {
  const auto whole = static_cast<unsigned>(fraction >> 32);
  fraction = (fraction & 0xffffffff) * times;
  return whole;
}

/// Writes `size` bytes, for a year of four digits.
constexpr void put(char* at, unsigned year, unsigned month, unsigned day, std::uint64_t micros_of_day) noexcept {
  store(at, zeros[0] + pair(year / 100, 0) + pair(year % 100, 2) + pair(month, 5));
  // Hours and hundredths, rounded up by less than a second and a millionth in the whole range.
  std::uint64_t hours = micros_of_day / 1'000'000 * 1'193'047;
  std::uint64_t hundredths = micros_of_day % 1'000'000 * 429'497;
  const auto hour = take_whole(hours, 60);
  const auto minute = take_whole(hours, 60);
  store(at + places[1], zeros[1] + pair(day, 0) + pair(hour, 3) + pair(minute, 6));
  const auto high = take_whole(hundredths, 100);
  const auto middle = take_whole(hundredths, 100);
  store(at + places[2], zeros[2] + pair(take_whole(hours, 1), 1) + pair(high, 4) + pair(middle, 6));
  store(at + places[3], zeros[3] + pair(high, 1) + pair(middle, 3) + pair(take_whole(hundredths, 1), 5));
}

/// The number of two digits at a byte of a piece without its zeros.
[[nodiscard]] constexpr unsigned number(std::uint64_t piece, unsigned at_byte) noexcept {
  return static_cast<unsigned>((piece * 10 + (piece >> 8)) >> (8 * at_byte) & 0xff);
}

/// Reads `size` bytes and calls `then(year, month, day, hour, minute, second, micros)`, none of which is checked. An
/// empty answer when they do not have this form.
template <class Then>
[[nodiscard]] constexpr auto get(const char* at, Then then) noexcept -> decltype(then(0U, 0U, 0U, 0U, 0U, 0U, 0U)) {
  const auto date = load(at) ^ zeros[0];
  const auto hours = load(at + places[1]) ^ zeros[1];
  const auto seconds = load(at + places[2]) ^ zeros[2];
  const auto micros = load(at + places[3]) ^ zeros[3];
  const auto wrong = (date + limits[0]) | (hours + limits[1]) | (seconds + limits[2]) | (micros + limits[3]);
  if (((wrong | date | hours | seconds | micros) & 0x8080808080808080) != 0) return {};
  return then(number(date, 0) * 100 + number(date, 2), number(date, 5), number(hours, 0), number(hours, 3),
              number(hours, 6), number(seconds, 1),
              number(micros, 1) * 10'000 + number(micros, 3) * 100 + number(micros, 5));
}

}  // namespace innate::inline v0::typed::timestamp_text
