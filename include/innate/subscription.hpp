// SPDX-License-Identifier: Apache-2.0
/// A live subscription: messages are taken out of it, one by one, in batches, or by a handler.
#pragma once

#include <innate/core/subscription_state.hpp>
#include <innate/message.hpp>
#include <innate/net/driver.hpp>
#include <innate/net/initiate.hpp>

#include <asio/awaitable.hpp>
#include <asio/co_spawn.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <type_traits>
#include <utility>

namespace innate::inline v0 {

/// How `subscription::for_each` runs its handler.
struct for_each_options {
  std::size_t concurrency = 1;  ///< handlers under way at once; 1 keeps the order of messages
  bool stop_on_error = false;   ///< a handler that throws ends the loop with its exception instead of an event
};

/// Move-only. Destroying it unsubscribes and discards what is queued. It may outlive its connection, whose end is its
/// end too. Every operation runs on the connection's executor; one without a token returns an awaitable that throws
/// `std::system_error`, one with a token completes with an `error_code` first.
class subscription {
 public:
  subscription() = default;
  subscription(std::shared_ptr<net::driver> driver, std::shared_ptr<core::subscription_state> state) noexcept
      : x_driver(std::move(driver)), x_state(std::move(state)) {}
  subscription(subscription&&) = default;
  subscription& operator=(subscription&& other) noexcept {
    std::swap(x_driver, other.x_driver);
    std::swap(x_state, other.x_state);
    return *this;
  }
  ~subscription() { abandon(); }

  /// The next message in order. Completes at once when one is queued; empty once the subscription has ended normally
  /// (unsubscribed, drained, its maximum reached, connection closed by the user) and all was taken.
  /// Errors: `slow_consumer` once where messages were dropped (the stream goes on after it); `timeout` when nothing
  /// came within `patience`; the reason of an abnormal end; `operation_aborted`. Cancelling loses no message.
  [[nodiscard]] asio::awaitable<std::optional<message>> next(duration patience = duration::max()) {
    return next_or_throw(x_driver, x_state, patience);
  }
  template <class Token>
    requires(!std::convertible_to<Token, duration>)
  auto next(Token&& token) {
    return net::initiate(x_driver->executor(), next_outcome(x_driver, x_state, duration::max()),
                         std::forward<Token>(token));
  }

  /// A message if one is queued; never waits. Gaps are passed over.
  [[nodiscard]] std::optional<message> try_next() {
    static_cast<void>(x_state->take_gap());
    return take(*x_driver, *x_state);
  }

  /// Waits for one message, then takes as many as are queued and fit; 0 once the subscription has ended.
  /// Errors as `next`.
  [[nodiscard]] asio::awaitable<std::size_t> next_batch(std::span<message> into) {
    return batch_or_throw(x_driver, x_state, into);
  }

  /// Calls `handler(message)` for each message until the subscription ends; a handler may return `void` or
  /// `asio::awaitable<void>`. What it throws becomes a `handler_error` event, or ends the loop with `stop_on_error`.
  /// Dropped messages do not end it. Completes when the last handler has.
  template <class Handler>
  [[nodiscard]] asio::awaitable<void> for_each(Handler handler, for_each_options how = {}) {
    return net::or_throw(loop<Handler>(x_driver, x_state, std::move(handler), how));
  }
  template <class Handler, class Token>
    requires(!std::same_as<std::remove_cvref_t<Token>, for_each_options>)
  auto for_each(Handler handler, Token&& token) {
    return for_each(std::move(handler), for_each_options{}, std::forward<Token>(token));
  }
  template <class Handler, class Token>
  auto for_each(Handler handler, for_each_options how, Token&& token) {
    return net::initiate(x_driver->executor(), loop<Handler>(x_driver, x_state, std::move(handler), how),
                         std::forward<Token>(token));
  }

  /// Stops deliveries now; queued messages can still be taken.
  void unsubscribe() {
    x_driver->engine().unsubscribe(*x_state);
    x_driver->settle();
  }
  /// Ends the subscription after `max` messages in all, counted from its start. `subscription_closed` if it has ended.
  std::error_code auto_unsubscribe(std::uint64_t max) {
    const auto failed = x_driver->engine().auto_unsubscribe(*x_state, max);
    x_driver->settle();
    return failed;
  }

  /// Stops deliveries and completes when the server has confirmed it: then everything it had sent is queued, and `next`
  /// goes on until it is taken. Not replayed after a reconnect. Errors: `timeout` (the option `drain_timeout`).
  [[nodiscard]] asio::awaitable<void> drain() { return net::or_throw(start_drain()); }
  template <class Token>
  auto drain(Token&& token) {
    return net::initiate(x_driver->executor(), start_drain(), std::forward<Token>(token));
  }

  /// Completes when nothing more will come: with the reason it ended for, empty after a normal end. Never fails by
  /// itself.
  [[nodiscard]] asio::awaitable<std::error_code> closed() { return wait_closed(x_driver, x_state); }

  /// Tells the connection's events that `m` could not be understood (`unreadable_message`).
  void reject(const message& m, const error& why) {
    connection_event e{.kind = event_kind::unreadable_message, .code = why.code};
    e.detail = why.detail;
    e.subject = m.subject();
    e.sid = x_state->sid;
    x_driver->engine().emit(std::move(e));
    x_driver->settle();
  }

  [[nodiscard]] explicit operator bool() const noexcept { return x_state != nullptr; }
  [[nodiscard]] std::string_view subject() const noexcept { return x_state->subject(); }
  [[nodiscard]] std::string_view queue() const noexcept { return x_state->queue(); }
  [[nodiscard]] std::uint64_t sid() const noexcept { return x_state->sid; }  ///< 0 once it has ended
  [[nodiscard]] std::size_t pending_messages() const noexcept { return x_state->pending_messages(); }
  [[nodiscard]] std::size_t pending_bytes() const noexcept { return x_state->pending_bytes(); }
  [[nodiscard]] std::uint64_t delivered() const noexcept { return x_state->delivered(); }
  [[nodiscard]] std::uint64_t dropped() const noexcept { return x_state->dropped(); }

 private:
  using driver_ptr = std::shared_ptr<net::driver>;
  using state_ptr = std::shared_ptr<core::subscription_state>;
  using next_result = net::outcome<std::optional<message>>;

  static std::optional<message> take(net::driver& d, core::subscription_state& s) {
    auto m = s.pop();
    if (m && s.finished()) {
      d.engine().consumed(s);
      d.settle();
    }
    return m;
  }

  // Ready now? Then `done` holds a message, a gap or the end.
  static bool ready(net::driver& d, core::subscription_state& s, next_result& done) {
    if (!s.ready()) return false;
    done.value = take(d, s);
    if (done.value) return true;
    if (const auto lost = s.take_gap()) {
      done.failure = {errc::slow_consumer,
                      std::to_string(lost) + " messages dropped on '" + std::string{s.subject()} + "'"};
    } else if (s.reason()) {
      done.failure = {s.reason(), "subscription to '" + std::string{s.subject()} + "'"};
    }
    return true;
  }

  static asio::awaitable<next_result> next_outcome(driver_ptr d, state_ptr s, duration patience);

  static asio::awaitable<next_result> wait_next(const driver_ptr& d, const state_ptr& s, duration patience);

  static asio::awaitable<std::optional<message>> next_or_throw(driver_ptr d, state_ptr s, duration patience);

  static asio::awaitable<std::size_t> batch_or_throw(driver_ptr d, state_ptr s, std::span<message> into);

  template <class Handler>
  static asio::awaitable<void> call(Handler& handler, message m) {
    if constexpr (std::is_void_v<std::invoke_result_t<Handler&, message>>) {
      handler(std::move(m));
      co_return;
    } else {
      co_await handler(std::move(m));
    }
  }

  template <class Handler>
  static asio::awaitable<net::outcome<void>> loop(driver_ptr d, state_ptr s, Handler handler, for_each_options how);

  static net::outcome<void> report(net::driver& d, const core::subscription_state& s, const std::string& what) {
    connection_event e{.kind = event_kind::handler_error, .code = errc::handler_threw};
    e.detail = what;
    e.subject = s.subject();
    e.sid = s.sid;
    d.engine().emit(std::move(e));
    d.settle();
    return error{errc::handler_threw, what};
  }

  asio::awaitable<net::outcome<void>> start_drain() {
    net::answer_guard confirmed{x_driver, x_driver->engine().begin_drain(*x_state, x_driver->now())};
    x_driver->settle();
    return finish_drain(x_driver, x_state, std::move(confirmed));
  }
  static asio::awaitable<net::outcome<void>> finish_drain(driver_ptr d, state_ptr s, net::answer_guard confirmed);

  static asio::awaitable<std::error_code> wait_closed(driver_ptr d, state_ptr s);

  void abandon() noexcept {
    if (!x_state) return;
    x_driver->engine().unsubscribe(*x_state);
    x_state->discard_pending();
    x_driver->engine().consumed(*x_state);
    x_driver->settle();
  }

  driver_ptr x_driver;
  state_ptr x_state;
};

template <class Handler>
asio::awaitable<net::outcome<void>> subscription::loop(driver_ptr d, state_ptr s, Handler handler,
                                                       for_each_options how) {
  net::outcome<void> ended;
  std::size_t under_way = 0;
  core::operation_list slots;
  const auto guarded = [&](message m) -> asio::awaitable<void> {
    try {
      co_await call(handler, std::move(m));
    } catch (const std::exception& thrown) {
      auto failed = report(*d, *s, thrown.what());
      if (how.stop_on_error) ended = std::move(failed);
    } catch (...) {
      auto failed = report(*d, *s, "something that is not a std::exception");
      if (how.stop_on_error) ended = std::move(failed);
    }
  };
  while (!ended.failure.code) {
    auto got = co_await wait_next(d, s, duration::max());
    if (got.failure.code == errc::slow_consumer) continue;
    if (!got.value) {
      ended.failure = std::move(got.failure);
      break;
    }
    if (how.concurrency <= 1) {
      co_await guarded(std::move(*got.value));
      continue;
    }
    ++under_way;
    asio::co_spawn(d->executor(), guarded(std::move(*got.value)), [&, d](const std::exception_ptr&) {
      --under_way;
      d->engine().finish_all(slots);
      d->settle();
    });
    while (under_way >= how.concurrency) co_await d->wait(slots);
  }
  while (under_way) co_await d->wait(slots);
  co_return ended;
}

}  // namespace innate::inline v0

#if !defined(INNATE_SEPARATE_COMPILATION)
#include <innate/subscription.ipp>
#endif
