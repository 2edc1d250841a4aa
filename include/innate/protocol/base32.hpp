// SPDX-License-Identifier: Apache-2.0
/// base32 without padding, as nkeys are written, between caller-owned buffers: no copy of a secret is left anywhere.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace innate::inline v0::protocol {

inline constexpr std::string_view base32_alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// Characters that `bytes` take.
[[nodiscard]] constexpr std::size_t base32_size(std::size_t bytes) noexcept { return (bytes * 8 + 4) / 5; }

/// Fills all of `out`. False when `text` has another length than `out` takes, a character outside the alphabet (lower
/// case is outside), or stray bits at its end; `out` is unspecified then.
[[nodiscard]] constexpr bool base32_decode(std::string_view text, std::span<std::uint8_t> out) noexcept {
  if (text.size() != base32_size(out.size())) return false;
  std::uint32_t buffer = 0;
  unsigned bits = 0;
  std::size_t filled = 0;
  for (const char c : text) {
    const auto value = base32_alphabet.find(c);
    if (value == base32_alphabet.npos) return false;
    buffer = (buffer << 5 | static_cast<std::uint32_t>(value)) & 0xfff;
    bits += 5;
    if (bits < 8) continue;
    bits -= 8;
    out[filled++] = static_cast<std::uint8_t>(buffer >> bits);
  }
  return (buffer & ((1U << bits) - 1)) == 0;
}

[[nodiscard]] inline std::string base32_encode(std::span<const std::uint8_t> bytes) {
  std::string out;
  out.reserve(base32_size(bytes.size()));
  std::uint32_t buffer = 0;
  unsigned bits = 0;
  for (const std::uint8_t byte : bytes) {
    buffer = (buffer << 8 | byte) & 0xfff;
    for (bits += 8; bits >= 5; bits -= 5) out.push_back(base32_alphabet[(buffer >> (bits - 5)) & 31]);
  }
  if (bits != 0) out.push_back(base32_alphabet[(buffer << (5 - bits)) & 31]);
  return out;
}

}  // namespace innate::inline v0::protocol
