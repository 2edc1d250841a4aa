// SPDX-License-Identifier: Apache-2.0
/// What an option holds that is called with events: a function, or a coroutine.
#pragma once

#include <innate/typed/received.hpp>

#include <asio/awaitable.hpp>

#include <concepts>
#include <functional>
#include <type_traits>
#include <utility>

namespace innate::inline v0::sdk {

/// Empty until something is assigned. A coroutine takes the event by value, because it outlives the call.
template <typed_event E>
class event_handler {
 public:
  event_handler() = default;
  template <class Handler>
    requires(std::invocable<Handler&, received<E>> && !std::same_as<std::remove_cvref_t<Handler>, event_handler>)
  event_handler(Handler handler) {
    using answer = std::invoke_result_t<Handler&, received<E>>;
    static_assert(std::is_void_v<answer> || std::same_as<answer, asio::awaitable<void>>,
                  "an event handler returns void or asio::awaitable<void>");
    if constexpr (std::is_void_v<answer>) {
      x_call = [handler = std::move(handler)](received<E> ev) mutable {
        handler(std::move(ev));
        return nothing();
      };
    } else {
      x_call = std::move(handler);
    }
  }

  [[nodiscard]] explicit operator bool() const noexcept { return static_cast<bool>(x_call); }

  /// Completes when the handler has, at once when there is none; throws what it throws.
  [[nodiscard]] asio::awaitable<void> operator()(received<E> ev) const {
    return x_call ? x_call(std::move(ev)) : nothing();
  }

 private:
  static asio::awaitable<void> nothing() { co_return; }

  std::function<asio::awaitable<void>(received<E>)> x_call{};
};

}  // namespace innate::inline v0::sdk
