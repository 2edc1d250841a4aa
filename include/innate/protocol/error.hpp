// SPDX-License-Identifier: Apache-2.0
/// An error code with the culprit's name, and the result type of functions that can fail without throwing.
#pragma once

#include <concepts>
#include <memory>
#include <string>
#include <system_error>
#include <type_traits>
#include <utility>

namespace innate::inline v0 {

/// Has constructors on purpose, as everything that owns strings and passes through coroutines: g++ 12 mishandles
/// temporaries of plain aggregates there.
struct error {
  error() noexcept {}
  error(std::error_code why, std::string what = {}) noexcept : code(why), detail(std::move(what)) {}

  std::error_code code{};
  std::string detail{};  ///< the thing that is wrong and, where there is one, the fix

  [[nodiscard]] std::string message() const { return detail.empty() ? code.message() : code.message() + ": " + detail; }
};

[[noreturn]] inline void throw_error(const error& why) {
  if (why.detail.empty()) throw std::system_error(why.code);  // whose text would begin with a colon otherwise
  throw std::system_error(why.code, why.detail);
}

/// Either a value or an `error`. Not a `std::variant`, which is dozens of functions to compile for each `T`.
template <class T>
class [[nodiscard]] result {
 public:
  result(T value) : x_value(std::move(value)), x_good(true) {}
  result(innate::error why) : x_error(std::move(why)), x_good(false) {}
  result(const result& other)
    requires std::copy_constructible<T>
      : x_good(other.x_good) {
    if (x_good)
      std::construct_at(&x_value, other.x_value);
    else
      std::construct_at(&x_error, other.x_error);
  }
  result(result&& other) noexcept(std::is_nothrow_move_constructible_v<T>) : x_good(other.x_good) { take(other); }
  result& operator=(result other) noexcept(std::is_nothrow_move_constructible_v<T>) {
    destroy();
    x_good = other.x_good;
    take(other);
    return *this;
  }
  ~result() { destroy(); }

  [[nodiscard]] explicit operator bool() const noexcept { return x_good; }
  [[nodiscard]] T& operator*() noexcept { return x_value; }
  [[nodiscard]] const T& operator*() const noexcept { return x_value; }
  [[nodiscard]] T* operator->() noexcept { return &x_value; }
  [[nodiscard]] const T* operator->() const noexcept { return &x_value; }
  [[nodiscard]] const innate::error& error() const noexcept { return x_error; }

  /// The value; throws `std::system_error` with the detail when there is none.
  [[nodiscard]] T& value() {
    if (!*this) throw_error(error());
    return **this;
  }

 private:
  void take(result& other) {
    if (x_good)
      std::construct_at(&x_value, std::move(other.x_value));
    else
      std::construct_at(&x_error, std::move(other.x_error));
  }
  void destroy() noexcept {
    if (x_good)
      std::destroy_at(&x_value);
    else
      std::destroy_at(&x_error);
  }

  union {
    T x_value;
    innate::error x_error;
  };
  bool x_good;
};

template <>
class [[nodiscard]] result<void> {
 public:
  result() = default;
  result(innate::error why) : x_error(std::move(why)) {}

  [[nodiscard]] explicit operator bool() const noexcept { return !x_error.code; }
  [[nodiscard]] const innate::error& error() const noexcept { return x_error; }
  void value() const {
    if (x_error.code) throw_error(x_error);
  }

 private:
  innate::error x_error{};
};

}  // namespace innate::inline v0
