// SPDX-License-Identifier: Apache-2.0
/// A growable run of raw bytes: extending it does not clear what the caller is about to write.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory_resource>
#include <string_view>
#include <utility>

namespace innate::inline v0::core {

class byte_buffer {
 public:
  explicit byte_buffer(std::pmr::memory_resource* memory) noexcept : x_memory(memory) {}
  byte_buffer(const byte_buffer&) = delete;
  byte_buffer& operator=(const byte_buffer&) = delete;
  ~byte_buffer() { release(); }

  [[nodiscard]] const char* data() const noexcept { return x_data; }
  [[nodiscard]] std::size_t size() const noexcept { return x_size; }
  [[nodiscard]] std::size_t capacity() const noexcept { return x_capacity; }
  [[nodiscard]] std::string_view view() const noexcept { return {x_data, x_size}; }

  /// Room for `count` more bytes at the end; valid until the next call. Throws what the memory resource throws.
  [[nodiscard]] char* extend(std::size_t count) {
    char* place = reserve(count);
    x_size += count;
    return place;
  }

  /// The same, of which `commit` then takes as much as was used.
  [[nodiscard]] char* reserve(std::size_t most) {
    if (x_capacity - x_size < most) grow(x_size + most);
    return x_data + x_size;
  }
  void commit(std::size_t count) noexcept { x_size += count; }

  void append(std::string_view bytes) {
    if (!bytes.empty()) std::memcpy(extend(bytes.size()), bytes.data(), bytes.size());
  }

  void clear() noexcept { x_size = 0; }

  /// Forgets the content and gives the memory back.
  void release() noexcept {
    if (x_data) x_memory->deallocate(x_data, x_capacity, alignment);
    x_data = nullptr;
    x_size = x_capacity = 0;
  }

  void swap(byte_buffer& other) noexcept {
    std::swap(x_memory, other.x_memory);
    std::swap(x_data, other.x_data);
    std::swap(x_size, other.x_size);
    std::swap(x_capacity, other.x_capacity);
  }

 private:
  static constexpr std::size_t alignment = 16;
  static constexpr std::size_t first_capacity = 4096;

  void grow(std::size_t needed) {
    const auto capacity = std::max({needed, x_capacity * 2, first_capacity});
    auto* data = static_cast<char*>(x_memory->allocate(capacity, alignment));
    if (x_size) std::memcpy(data, x_data, x_size);
    if (x_data) x_memory->deallocate(x_data, x_capacity, alignment);
    x_data = data;
    x_capacity = capacity;
  }

  std::pmr::memory_resource* x_memory;
  char* x_data = nullptr;
  std::size_t x_size = 0;
  std::size_t x_capacity = 0;
};

}  // namespace innate::inline v0::core
