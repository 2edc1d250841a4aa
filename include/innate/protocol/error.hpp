// SPDX-License-Identifier: Apache-2.0
/// An error code with the culprit's name, and the result type of functions that can fail without throwing.
#pragma once

#include <string>
#include <system_error>
#include <utility>
#include <variant>

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

/// Either a value or an `error`.
template <class T>
class [[nodiscard]] result {
 public:
  result(T value) : x_state(std::in_place_index<0>, std::move(value)) {}
  result(innate::error why) : x_state(std::in_place_index<1>, std::move(why)) {}

  [[nodiscard]] explicit operator bool() const noexcept { return x_state.index() == 0; }
  [[nodiscard]] T& operator*() noexcept { return *std::get_if<0>(&x_state); }
  [[nodiscard]] const T& operator*() const noexcept { return *std::get_if<0>(&x_state); }
  [[nodiscard]] T* operator->() noexcept { return std::get_if<0>(&x_state); }
  [[nodiscard]] const T* operator->() const noexcept { return std::get_if<0>(&x_state); }
  [[nodiscard]] const innate::error& error() const noexcept { return *std::get_if<1>(&x_state); }

  /// The value; throws `std::system_error` with the detail when there is none.
  [[nodiscard]] T& value() {
    if (!*this) throw_error(error());
    return **this;
  }

 private:
  std::variant<T, innate::error> x_state;
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
