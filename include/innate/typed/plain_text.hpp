// SPDX-License-Identifier: Apache-2.0
/// Finds the bytes that cannot go into a JSON string unseen: control bytes, quotes, backslashes, and what is not ASCII,
/// which must be checked to be UTF-8. Sixteen at once.
#pragma once

#include <innate/meta/eight_bytes.hpp>

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace innate::inline v0::typed::plain_text {

inline constexpr std::size_t block = 16;

/// Not zero when one of eight bytes is special; the lowest bit that is set is the top one of the first of them.
[[nodiscard]] constexpr std::uint64_t special_in(std::uint64_t eight) noexcept {
  constexpr std::uint64_t ones = 0x0101010101010101;
  // Where a byte is ASCII, its top bit is set by taking away too much: a blank from a control byte, one from nothing.
  const auto control = eight - ones * ' ';
  const auto quote = (eight ^ (ones * '"')) - ones;
  const auto backslash = (eight ^ (ones * '\\')) - ones;
  return (eight | control | quote | backslash) & (ones * 0x80);
}

/// Not zero when one of the 16 bytes at `at` is special; the lowest bit that is set tells which one is the first. The
/// same on every machine.
[[nodiscard]] inline std::uint32_t special_portably(const char* at) noexcept {
  const auto in_eight = [at](unsigned from) {
    const auto found = special_in(meta::eight_bytes::load(at + from));
    return found == 0 ? 0U : 1U << (from + static_cast<unsigned>(std::countr_zero(found)) / 8);
  };
  return in_eight(0) | in_eight(8);
}

/// The same with what the machine has: every x86-64 has SSE2.
[[nodiscard]] inline std::uint32_t special(const char* at) noexcept {
#if defined(__SSE2__)
  const __m128i v = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
  const __m128i signs = _mm_cmplt_epi8(v, _mm_set1_epi8(' '));  // what is not ASCII is negative
  const __m128i marks = _mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8('"')), _mm_cmpeq_epi8(v, _mm_set1_epi8('\\')));
  return static_cast<std::uint32_t>(_mm_movemask_epi8(_mm_or_si128(signs, marks)));
#else
  return special_portably(at);
#endif
}

/// The first special byte from `at` on, or `end`; 15 bytes behind it may be read.
[[nodiscard]] inline const char* find(const char* at, const char* end) noexcept {
  for (; at < end; at += block) {
    if (const auto found = special(at)) {
      at += std::countr_zero(found);
      return at < end ? at : end;
    }
  }
  return end;
}

/// Copies `text`; false when a byte of it is special.
[[nodiscard]] inline bool copy(char* to, std::string_view text) noexcept {
  const char* const from = text.data();
  const auto size = text.size();
  if (size >= block) {
    std::uint32_t seen = 0;
    const auto copy_block = [&](std::size_t at) {
      seen |= special(from + at);
      std::memcpy(to + at, from + at, block);
    };
    for (std::size_t at = 0; at < size - block; at += block) copy_block(at);
    copy_block(size - block);
    return seen == 0;
  }
  // In two halves that overlap.
  if (size >= 8) {
    const auto first = meta::eight_bytes::load(from);
    const auto last = meta::eight_bytes::load(from + size - 8);
    meta::eight_bytes::store(to, first);
    meta::eight_bytes::store(to + size - 8, last);
    return (special_in(first) | special_in(last)) == 0;
  }
  std::uint64_t bytes = 0x2020202020202020;
  if (size >= 4) {
    std::uint32_t halves[2];
    std::memcpy(&halves[0], from, 4);
    std::memcpy(&halves[1], from + size - 4, 4);
    std::memcpy(to, &halves[0], 4);
    std::memcpy(to + size - 4, &halves[1], 4);
    bytes = std::uint64_t{halves[0]} << 32U | halves[1];
  } else {
    for (std::size_t i = 0; i != size; ++i) {
      to[i] = from[i];
      bytes = bytes << 8U | static_cast<unsigned char>(from[i]);
    }
  }
  return special_in(bytes) == 0;
}

}  // namespace innate::inline v0::typed::plain_text
