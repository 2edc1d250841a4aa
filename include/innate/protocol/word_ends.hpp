// SPDX-License-Identifier: Apache-2.0
/// Finds the bytes that end the words of a control line (blanks, CR, LF, every byte up to ' '), 32 bytes at a time.
#pragma once

#include <innate/meta/eight_bytes.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace innate::inline v0::protocol::word_ends {

inline constexpr std::size_t block = 32;

/// Bit i tells whether byte i of eight is up to ' '.
[[nodiscard]] inline std::uint32_t find_in_eight(const char* bytes) noexcept {
  constexpr std::uint64_t low = 0x7f7f7f7f7f7f7f7f;
  constexpr std::uint64_t carry = 0x5f5f5f5f5f5f5f5f;  // takes a byte above ' ' over 0x7f
  const auto word = meta::eight_bytes::load(bytes);
  const auto small = ~(((word & low) + carry) | word | low) >> 7;         // bit 0 of each small byte
  return static_cast<std::uint32_t>((small * 0x0102040810204080) >> 56);  // gathered, byte 0 first
}

/// Bit i tells whether byte i of the 32 at `bytes` is up to ' '. The same on every machine.
[[nodiscard]] inline std::uint32_t find_portably(const char* bytes) noexcept {
  std::uint32_t found = 0;
  for (unsigned i = 0; i != block; i += 8) found |= find_in_eight(bytes + i) << i;
  return found;
}

/// The same with what the machine has: every x86-64 has SSE2.
[[nodiscard]] inline std::uint32_t find(const char* bytes) noexcept {
#if defined(__SSE2__)
  const auto in_sixteen = [bytes](unsigned at) {
    const __m128i v = _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes + at));
    const __m128i small = _mm_cmpeq_epi8(_mm_min_epu8(v, _mm_set1_epi8(' ')), v);
    return static_cast<std::uint32_t>(_mm_movemask_epi8(small)) << at;
  };
  return in_sixteen(0) | in_sixteen(16);
#else
  return find_portably(bytes);
#endif
}

/// Less than 32 bytes of `text` are left from `from` on; nothing outside of it is read.
[[nodiscard]] inline std::uint32_t find_in_rest(std::string_view text, std::size_t from) noexcept {
  const auto left = text.size() - from;
  if (text.size() >= block) return find(text.data() + text.size() - block) >> (block - left);
  char padded[block];
  std::memset(padded, '.', block);
  std::memcpy(padded, text.data() + from, left);
  return find(padded);
}

/// Bit i tells whether byte `from` + i of `text` is up to ' ', for 32 bytes or as many as there are.
[[nodiscard]] inline std::uint32_t find(std::string_view text, std::size_t from) noexcept {
  return text.size() - from >= block ? find(text.data() + from) : find_in_rest(text, from);
}

}  // namespace innate::inline v0::protocol::word_ends
