// SPDX-License-Identifier: Apache-2.0
/// Eight bytes of text as one number, whose lowest byte is the first one on every machine.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <type_traits>

namespace innate::inline v0::meta::eight_bytes {

[[nodiscard]] constexpr bool as_in_memory() noexcept {
  return std::endian::native == std::endian::little && !std::is_constant_evaluated();
}

[[nodiscard]] constexpr std::uint64_t load(const char* at) noexcept {
  std::uint64_t bytes = 0;
  if (as_in_memory()) {
    std::memcpy(&bytes, at, 8);
  } else {
    for (unsigned i = 0; i != 8; ++i) bytes |= std::uint64_t{static_cast<unsigned char>(at[i])} << (8 * i);
  }
  return bytes;
}

constexpr void store(char* at, std::uint64_t bytes) noexcept {
  if (as_in_memory()) {
    std::memcpy(at, &bytes, 8);
  } else {
    for (unsigned i = 0; i != 8; ++i) at[i] = static_cast<char>(bytes >> (8 * i));
  }
}

}  // namespace innate::inline v0::meta::eight_bytes
