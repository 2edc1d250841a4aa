// SPDX-License-Identifier: Apache-2.0
/// A hash table made by the compiler: from a node and a word to the next node, in one probe or a few.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace innate::inline v0::meta {

[[nodiscard]] constexpr std::uint32_t hash_edge(std::uint16_t node, std::string_view word) noexcept {
  std::uint32_t h = 2166136261U ^ (node * 0x9E3779B1U);
  for (const char c : word) h = (h ^ static_cast<unsigned char>(c)) * 16777619U;
  return h ^ (h >> 15U);
}

/// For at most `edges` entries; at most half full. No edge leads to node 0, the root: 0 is what an empty slot holds.
/// (Not another number: g++ 12 takes default member initialisers of such tables for 0 when it optimises.)
template <std::size_t edges>
class edge_table {
 public:
  static constexpr std::uint16_t none = 0;

  constexpr void insert(std::uint16_t node, std::string_view word, std::uint16_t next) noexcept {
    auto i = hash_edge(node, word) % size;
    while (x_slots[i].next != none) i = (i + 1) % size;
    x_slots[i] = {word, node, next};
  }

  [[nodiscard]] constexpr std::uint16_t find(std::uint16_t node, std::string_view word) const noexcept {
    for (auto i = hash_edge(node, word) % size; x_slots[i].next != none; i = (i + 1) % size)
      if (x_slots[i].node == node && x_slots[i].word == word) return x_slots[i].next;
    return none;
  }

 private:
  static constexpr std::size_t size = [] {
    std::size_t power = 4;
    while (power < edges * 2) power *= 2;
    return power;
  }();

  struct slot {
    std::string_view word{};
    std::uint16_t node = 0;
    std::uint16_t next = 0;
  };
  std::array<slot, size> x_slots{};
};

}  // namespace innate::inline v0::meta
