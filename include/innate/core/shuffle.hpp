// SPDX-License-Identifier: Apache-2.0
/// Random order from a generator of eight bytes, where a standard engine would cost each connection
/// kilobytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace innate::inline v0::core {

/// Steele, Lea and Flood's generator: not for secrets.
class splitmix64 {
 public:
  explicit splitmix64(std::uint64_t seed) noexcept : x_state(seed) {}

  [[nodiscard]] std::uint64_t operator()() noexcept {
    x_state += 0x9e3779b97f4a7c15;
    std::uint64_t z = x_state;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }

 private:
  std::uint64_t x_state;
};

template <class T>
void shuffle(std::vector<T>& items, splitmix64& random) {
  for (std::size_t i = items.size(); i > 1; --i) std::swap(items[i - 1], items[static_cast<std::size_t>(random() % i)]);
}

}  // namespace innate::inline v0::core
