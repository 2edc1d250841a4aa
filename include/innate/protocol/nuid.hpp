// SPDX-License-Identifier: Apache-2.0
/// Unique names: 12 random characters and a sequence of 10 that advances by a random step, in base 62 (NUID).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>

namespace innate::inline v0::protocol {

/// Not thread-safe; each user owns one. The system's randomness makes its prefix, so two of them never share one.
class nuid {
 public:
  static constexpr std::size_t size = 22;

  nuid() { start(); }

  /// The next name as a string.
  [[nodiscard]] std::string next_text() {
    const auto name = next();
    return {name.data(), name.size()};
  }
  [[nodiscard]] std::array<char, size> next() {
    x_sequence += x_step;
    if (x_sequence >= sequence_end) start();
    std::array<char, size> id = x_prefix;
    auto n = x_sequence;
    for (std::size_t i = size; i-- != prefix_size; n /= base) id[i] = alphabet[n % base];
    return id;
  }

 private:
  static constexpr std::string_view alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  static constexpr std::uint64_t base = 62;
  static constexpr std::size_t prefix_size = 12;
  static constexpr std::uint64_t sequence_end = 839'299'365'868'340'224;  // 62^10

  [[gnu::cold]] void start() {
    std::random_device random;  // not kept: it is needed again after a million billion names
    for (std::size_t i = 0; i != prefix_size; ++i) x_prefix[i] = alphabet[random() % base];
    x_sequence = ((std::uint64_t{random()} << 32) | random()) % sequence_end;
    x_step = 33 + random() % 300;
  }

  std::array<char, size> x_prefix{};
  std::uint64_t x_sequence = 0;
  std::uint64_t x_step = 0;
};

/// `prefix.<22 characters>`, a subject nobody else listens to.
[[nodiscard]] inline std::string new_inbox(nuid& ids, std::string_view prefix = "_INBOX") {
  const auto id = ids.next();
  return std::string{prefix}.append(1, '.').append(id.data(), id.size());
}

}  // namespace innate::inline v0::protocol
