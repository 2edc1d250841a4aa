// SPDX-License-Identifier: Apache-2.0
/// A subscription whose messages arrive as events; what cannot be understood is told, and passed over.
#pragma once

#include <innate/subscription.hpp>
#include <innate/typed/received.hpp>

#include <asio/awaitable.hpp>

#include <optional>
#include <type_traits>
#include <utility>

namespace innate::inline v0 {

/// Move-only, like the `subscription` it owns. A message whose subject or payload is not the event's becomes an
/// `unreadable_message` event of the connection, with the subject and the reason; the stream goes on after it.
template <typed_event E>
class event_subscription {
 public:
  event_subscription() = default;
  explicit event_subscription(subscription plain) noexcept : x_plain(std::move(plain)) {}

  /// The next event in order; empty, and fails, as `subscription::next` does. The subscription must outlive it.
  [[nodiscard]] asio::awaitable<std::optional<received<E>>> next(duration patience = duration::max()) {
    for (;;) {
      auto m = x_plain.take_queued();  // most are: no coroutine more for them
      if (!m) m = co_await x_plain.next(patience);
      if (!m) co_return std::nullopt;
      if (auto e = understood(std::move(*m))) co_return e;
    }
  }

  /// An event if one is queued; never waits.
  [[nodiscard]] std::optional<received<E>> try_next() {
    while (auto m = x_plain.try_next())
      if (auto e = understood(std::move(*m))) return e;
    return std::nullopt;
  }

  /// Calls `handler(received<E>)` for each event; otherwise as `subscription::for_each`. The subscription must outlive
  /// it.
  template <class Handler>
  [[nodiscard]] asio::awaitable<void> for_each(Handler handler, for_each_options how = {}) {
    using answer = std::invoke_result_t<Handler&, received<E>>;
    return x_plain.for_each(
        [this, handler = std::move(handler)](message m) mutable -> answer {
          if (auto e = understood(std::move(m))) return handler(std::move(*e));
          if constexpr (!std::is_void_v<answer>) return nothing();
        },
        how);
  }

  /// For everything that does not depend on the type: unsubscribe, drain, closed, counters.
  [[nodiscard]] subscription& plain() noexcept { return x_plain; }
  [[nodiscard]] const subscription& plain() const noexcept { return x_plain; }
  [[nodiscard]] explicit operator bool() const noexcept { return static_cast<bool>(x_plain); }

 private:
  static asio::awaitable<void> nothing() { co_return; }

  std::optional<received<E>> understood(message&& m) {
    std::optional<received<E>> e{std::in_place};
    const auto failed = e->read(std::move(m));
    if (!failed.code) return e;
    x_plain.reject(e->message(), failed);
    return std::nullopt;
  }

  subscription x_plain;
};

}  // namespace innate::inline v0
