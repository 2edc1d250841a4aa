// SPDX-License-Identifier: Apache-2.0
/// A first-in first-out queue in one block of a memory resource: it grows by doubling and never shrinks by itself.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <memory_resource>
#include <utility>

namespace innate::inline v0::core {

template <class T>
class ring {
 public:
  static constexpr std::uint32_t most = std::uint32_t{1} << 31;  ///< items

  explicit ring(std::pmr::memory_resource* memory) noexcept : x_allocator(memory) {}
  ring(const ring&) = delete;
  ring& operator=(const ring&) = delete;
  ~ring() {
    clear();
    if (x_items) x_allocator.deallocate(x_items, x_capacity);
  }

  [[nodiscard]] bool empty() const noexcept { return x_size == 0; }
  [[nodiscard]] std::size_t size() const noexcept { return x_size; }
  [[nodiscard]] T& front() noexcept { return x_items[x_head]; }

  template <class... From>
  void emplace_back(From&&... item) {
    if (x_size == x_capacity) grow();
    std::construct_at(x_items + wrap(x_head + x_size), std::forward<From>(item)...);
    ++x_size;
  }

  [[nodiscard]] T pop_front() noexcept {
    T item = std::move(front());
    drop_front();
    return item;
  }
  void drop_front() noexcept {
    std::destroy_at(x_items + x_head);
    x_head = wrap(x_head + 1);
    --x_size;
  }

  void clear() noexcept {
    while (!empty()) drop_front();
  }

 private:
  static constexpr std::uint32_t first_capacity = 16;  // a power of two, like every later capacity

  [[nodiscard]] std::uint32_t wrap(std::uint32_t i) const noexcept { return i & (x_capacity - 1); }

  void grow() {
    const std::uint32_t capacity = x_capacity ? x_capacity * 2 : first_capacity;
    T* items = x_allocator.allocate(capacity);
    for (std::uint32_t i = 0; i != x_size; ++i) {
      T& from = x_items[wrap(x_head + i)];
      std::construct_at(items + i, std::move(from));
      std::destroy_at(&from);
    }
    if (x_items) x_allocator.deallocate(x_items, x_capacity);
    x_items = items;
    x_capacity = capacity;
    x_head = 0;
  }

  T* x_items = nullptr;
  std::pmr::polymorphic_allocator<T> x_allocator;
  std::uint32_t x_size = 0;
  std::uint32_t x_head = 0;
  std::uint32_t x_capacity = 0;
};

}  // namespace innate::inline v0::core
