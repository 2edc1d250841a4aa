// SPDX-License-Identifier: Apache-2.0
/// Shared ownership among coroutines of one executor: a count without the atomic operations of `std::shared_ptr`.
#pragma once

#include <cstddef>
#include <utility>

namespace innate::inline v0::core {

/// Base of what is counted. Handles are copied and dropped by one thread at a time.
class locally_counted {
 public:
  locally_counted() = default;
  locally_counted(const locally_counted&) = delete;
  locally_counted& operator=(const locally_counted&) = delete;

 private:
  template <class T>
  friend class local_ptr;
  std::size_t x_owners = 0;
};

template <class T>
class local_ptr {
 public:
  local_ptr() = default;
  local_ptr(std::nullptr_t) noexcept {}
  explicit local_ptr(T* made) noexcept : x_object(made) { enter(); }
  local_ptr(const local_ptr& other) noexcept : x_object(other.x_object) { enter(); }
  local_ptr(local_ptr&& other) noexcept : x_object(std::exchange(other.x_object, nullptr)) {}
  local_ptr& operator=(local_ptr other) noexcept {
    std::swap(x_object, other.x_object);
    return *this;
  }
  ~local_ptr() {
    if (x_object && --x_object->x_owners == 0) destroy(x_object);
  }

  [[nodiscard]] T& operator*() const noexcept { return *x_object; }
  [[nodiscard]] T* operator->() const noexcept { return x_object; }
  [[nodiscard]] T* get() const noexcept { return x_object; }
  [[nodiscard]] explicit operator bool() const noexcept { return x_object != nullptr; }

 private:
  void enter() noexcept {
    if (x_object) ++x_object->x_owners;
  }

  // Out of line, so that letting go of what others hold is small enough to be inlined.
  [[gnu::noinline]] static void destroy(T* object) noexcept { delete object; }

  T* x_object = nullptr;
};

}  // namespace innate::inline v0::core
