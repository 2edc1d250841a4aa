// SPDX-License-Identifier: Apache-2.0
/// base64 in the alphabet for URLs and without padding, as NATS wants signatures.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace innate::inline v0::protocol {

[[nodiscard]] inline std::string base64url(std::string_view bytes) {
  constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::string out;
  out.reserve((bytes.size() * 4 + 2) / 3);
  std::uint32_t buffer = 0;
  unsigned bits = 0;
  for (const char c : bytes) {
    buffer = (buffer << 8) | static_cast<unsigned char>(c);
    for (bits += 8; bits >= 6; bits -= 6) out.push_back(alphabet[(buffer >> (bits - 6)) & 63]);
  }
  if (bits != 0) out.push_back(alphabet[(buffer << (6 - bits)) & 63]);
  return out;
}

}  // namespace innate::inline v0::protocol
