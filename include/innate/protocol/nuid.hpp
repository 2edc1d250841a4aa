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

/// Not thread-safe; each user owns one. Seeded from the system's randomness, so two of them never share a prefix.
class nuid {
 public:
  static constexpr std::size_t size = 22;

  nuid() : nuid(std::random_device{}) {}
  template <class Source>  // a callable that returns random bits
  explicit nuid(Source&& source) : x_engine(seed_from(source)) {
    start();
  }

  /// The next name as a string.
  [[nodiscard]] std::string next_text() {
    const auto name = next();
    return {name.data(), name.size()};
  }
  [[nodiscard]] std::array<char, size> next() noexcept {
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

  template <class Source>
  static std::mt19937_64 seed_from(Source& source) {
    std::array<std::uint32_t, 8> words{};
    for (auto& w : words) w = static_cast<std::uint32_t>(source());
    std::seed_seq seeds(words.begin(), words.end());
    return std::mt19937_64{seeds};
  }

  void start() noexcept {
    for (std::size_t i = 0; i != prefix_size; ++i) x_prefix[i] = alphabet[x_engine() % base];
    x_sequence = x_engine() % sequence_end;
    x_step = 33 + x_engine() % 300;
  }

  std::mt19937_64 x_engine;
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
