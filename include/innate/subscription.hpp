// SPDX-License-Identifier: Apache-2.0
/// A live subscription: messages are taken out of it, one by one, in batches, or by a handler.
#pragma once

#include <innate/core/local_ptr.hpp>
#include <innate/core/subscription_state.hpp>
#include <innate/event_fwd.hpp>
#include <innate/message.hpp>
#include <innate/net/driver.hpp>
#include <innate/net/initiate.hpp>

#include <asio/awaitable.hpp>
#include <asio/cancellation_state.hpp>
#include <asio/co_spawn.hpp>
#include <asio/error.hpp>
#include <asio/this_coro.hpp>

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
  subscription(std::shared_ptr<net::driver> driver, core::subscription_ptr state) : x_state(std::move(state)) {
    x_state->owner = std::move(driver);
  }
  subscription(subscription&&) = default;
  subscription& operator=(subscription&& other) noexcept {
    std::swap(x_state, other.x_state);
    return *this;
  }
  ~subscription() { abandon(); }

  /// The next message in order. Completes at once when one is queued; empty once the subscription has ended normally
  /// (unsubscribed, drained, its maximum reached, connection closed by the user) and all was taken.
  /// Errors: `slow_consumer` once where messages were dropped (the stream goes on after it); `timeout` when nothing
  /// came within `patience`; the reason of an abnormal end; `operation_aborted`. Cancelling loses no message.
  [[nodiscard]] asio::awaitable<std::optional<message>> next(duration patience = duration::max()) {
    return next_or_throw(x_state, patience);
  }
  template <class Token>
    requires(!std::convertible_to<Token, duration>)
  auto next(Token&& token) {
    return net::initiate(driver().executor(), next_outcome(x_state, duration::max()), std::forward<Token>(token));
  }

  /// A message if one is queued; never waits. Gaps are passed over.
  [[nodiscard]] std::optional<message> try_next() {
    static_cast<void>(x_state->take_gap());
    return take(*x_state);
  }

  /// Waits for one message, then takes as many as are queued and fit; 0 once the subscription has ended.
  /// Errors as `next`.
  [[nodiscard]] asio::awaitable<std::size_t> next_batch(std::span<message> into) {
    return batch_or_throw(x_state, into);
  }

  /// Calls `handler(message)` for each message until the subscription ends; a handler may return `void` or
  /// `asio::awaitable<void>`. What it throws becomes a `handler_error` event, or ends the loop with `stop_on_error`.
  /// Dropped messages do not end it. Completes when the last handler has. A handler that returns `void` is called when
  /// a message arrives, without a queue between; it may end the subscription or the connection.
  template <class Handler>
  [[nodiscard]] asio::awaitable<void> for_each(Handler handler, for_each_options how = {}) {
    return net::or_throw(loop<Handler>(x_state, std::move(handler), how));
  }
  template <class Handler, class Token>
    requires(!std::same_as<std::remove_cvref_t<Token>, for_each_options>)
  auto for_each(Handler handler, Token&& token) {
    return for_each(std::move(handler), for_each_options{}, std::forward<Token>(token));
  }
  template <class Handler, class Token>
  auto for_each(Handler handler, for_each_options how, Token&& token) {
    return net::initiate(driver().executor(), loop<Handler>(x_state, std::move(handler), how),
                         std::forward<Token>(token));
  }

  /// Stops deliveries now; queued messages can still be taken.
  void unsubscribe() {
    driver().engine().unsubscribe(*x_state);
    driver().settle();
  }
  /// Ends the subscription after `max` messages in all, counted from its start. `subscription_closed` if it has ended.
  std::error_code auto_unsubscribe(std::uint64_t max) {
    const auto failed = driver().engine().auto_unsubscribe(*x_state, max);
    driver().settle();
    return failed;
  }

  /// Stops deliveries and completes when the server has confirmed it: then everything it had sent is queued, and `next`
  /// goes on until it is taken. Not replayed after a reconnect. Errors: `timeout` (the option `drain_timeout`).
  [[nodiscard]] asio::awaitable<void> drain() { return net::or_throw(start_drain()); }
  template <class Token>
  auto drain(Token&& token) {
    return net::initiate(driver().executor(), start_drain(), std::forward<Token>(token));
  }

  /// Completes when nothing more will come: with the reason it ended for, empty after a normal end. Never fails by
  /// itself.
  [[nodiscard]] asio::awaitable<std::error_code> closed() { return wait_closed(x_state); }

  /// Tells the connection's events that `m` could not be understood (`unreadable_message`).
  void reject(const message& m, const error& why) {
    connection_event e{.kind = event_kind::unreadable_message, .code = why.code};
    e.detail = why.detail;
    e.subject = m.subject();
    e.sid = x_state->sid;
    driver().engine().emit(std::move(e));
    driver().settle();
  }

  [[nodiscard]] explicit operator bool() const noexcept { return static_cast<bool>(x_state); }
  [[nodiscard]] std::string_view subject() const noexcept { return x_state->subject(); }
  [[nodiscard]] std::string_view queue() const noexcept { return x_state->queue(); }
  [[nodiscard]] std::uint64_t sid() const noexcept { return x_state->sid; }  ///< 0 once it has ended
  [[nodiscard]] std::size_t pending_messages() const noexcept { return x_state->pending_messages(); }
  [[nodiscard]] std::size_t pending_bytes() const noexcept { return x_state->pending_bytes(); }
  [[nodiscard]] std::uint64_t delivered() const noexcept { return x_state->delivered(); }
  [[nodiscard]] std::uint64_t dropped() const noexcept { return x_state->dropped(); }

 private:
  template <typed_event E>
  friend class event_subscription;
  // What `next` would complete with at once, if that is a message.
  [[nodiscard]] std::optional<message> take_queued() { return take(*x_state); }

  // What every coroutine of a subscription holds on to.
  using state_ptr = core::subscription_ptr;
  using next_result = net::outcome<std::optional<message>>;

  [[nodiscard]] static net::driver& driver_of(const core::subscription_state& s) {
    return static_cast<net::driver&>(*s.owner);
  }
  [[nodiscard]] net::driver& driver() const { return driver_of(*x_state); }

  static std::optional<message> take(core::subscription_state& s) {
    auto m = s.pop();
    if (m && s.finished()) {
      driver_of(s).engine().consumed(s);
      driver_of(s).settle();
    }
    return m;
  }

  // As many as are queued and fit. No coroutine, whose variables would live in its frame.
  static std::size_t take_into(core::subscription_state& s, std::span<message> into) {
    std::size_t count = 0;
    while (count != into.size() && s.message_is_next()) into[count++] = *take(s);
    return count;
  }

  // A message yet to be taken. `co_return` converts it in the place of the coroutine's result, instead of moving one
  // there.
  struct taken {
    core::subscription_state& from;
    operator std::optional<message>() const { return take(from); }
  };

  // Ready now? Then `done` holds a message, a gap or the end.
  static bool ready(core::subscription_state& s, next_result& done) {
    if (!s.ready()) return false;
    done.value = take(s);
    if (done.value) return true;
    if (const auto lost = s.take_gap()) {
      done.failure = {errc::slow_consumer,
                      std::to_string(lost) + " messages dropped on '" + std::string{s.subject()} + "'"};
    } else if (s.reason()) {
      done.failure = {s.reason(), "subscription to '" + std::string{s.subject()} + "'"};
    }
    return true;
  }

  // True when a wait ended for another reason than that there is something to take; what woke us stays queued.
  static bool end_wait(const net::operation& arrival, const asio::cancellation_state& state, next_result& done) {
    done.failure.code = arrival.result;
    if (state.cancelled() != asio::cancellation_type::none) done.failure.code = asio::error::operation_aborted;
    return static_cast<bool>(done.failure.code);
  }

  template <class Done>
  static asio::awaitable<Done> next_as(state_ptr s, duration patience);
  static asio::awaitable<next_result> next_outcome(state_ptr s, duration patience);

  static asio::awaitable<std::optional<message>> next_or_throw(state_ptr s, duration patience);

  static asio::awaitable<std::size_t> batch_or_throw(state_ptr s, std::span<message> into);

  template <class Handler>
  static asio::awaitable<net::outcome<void>> loop(state_ptr s, Handler handler, for_each_options how);

  /// A handler that returns nothing: called for a message at the moment it arrives.
  class caller : public core::message_sink {
   public:
    /// What the handler throws ends it with `ended`, or goes unless there is one.
    caller(core::subscription_state& s, net::outcome<void>* ended) : x_state(s), x_ended(ended) {}
    [[nodiscard]] bool stopped() const noexcept { return x_ended && x_ended->failure.code; }
    core::operation* waiting = nullptr;

   protected:
    ~caller() = default;
    // Called where the handler's exception is caught.
    void failed() noexcept {
      auto why = report_thrown(x_state);
      if (!x_ended) return;
      *x_ended = std::move(why);
      if (waiting) driver_of(x_state).engine().finish(*waiting);
    }

   private:
    core::subscription_state& x_state;
    net::outcome<void>* x_ended;
  };
  template <class Handler>
  class caller_of final : public caller {
   public:
    caller_of(core::subscription_state& s, net::outcome<void>* ended, Handler handler)
        : caller(s, ended), x_handler(std::move(handler)) {}
    void take(message m) noexcept override {
      try {
        x_handler(std::move(m));
      } catch (...) {
        this->failed();
      }
    }

   private:
    Handler x_handler;  // here, because the two lie together in the cache
  };
  static asio::awaitable<error> call_for_each(core::subscription_state& s, caller& handler);

  static net::outcome<void> report(const core::subscription_state& s, const std::string& what) {
    connection_event e{.kind = event_kind::handler_error, .code = errc::handler_threw};
    e.detail = what;
    e.subject = s.subject();
    e.sid = s.sid;
    driver_of(s).engine().emit(std::move(e));
    driver_of(s).settle();
    return error{errc::handler_threw, what};
  }
  // Called where a handler's exception is caught.
  static net::outcome<void> report_thrown(const core::subscription_state& s) {
    try {
      throw;
    } catch (const std::exception& thrown) {
      return report(s, thrown.what());
    } catch (...) {
      return report(s, "something that is not a std::exception");
    }
  }

  asio::awaitable<net::outcome<void>> start_drain() {
    auto& d = driver();
    net::answer_guard confirmed{d.shared_from_this(), d.engine().begin_drain(*x_state, d.now())};
    d.settle();
    return finish_drain(x_state, std::move(confirmed));
  }
  static asio::awaitable<net::outcome<void>> finish_drain(state_ptr s, net::answer_guard confirmed);

  static asio::awaitable<std::error_code> wait_closed(state_ptr s);

  void abandon() noexcept {
    if (!x_state) return;
    driver().engine().unsubscribe(*x_state);
    x_state->discard_pending();
    driver().engine().consumed(*x_state);
    driver().settle();
  }

  state_ptr x_state;
};

template <class Handler>
asio::awaitable<net::outcome<void>> subscription::loop(state_ptr s, Handler handler, for_each_options how) {
  net::outcome<void> ended;
  if constexpr (std::is_void_v<std::invoke_result_t<Handler&, message>>) {
    caller_of<Handler> calls{*s, how.stop_on_error ? &ended : nullptr, std::move(handler)};
    auto failed = co_await call_for_each(*s, calls);
    if (failed.code) ended.failure = std::move(failed);
    co_return ended;
  } else {
    auto& d = driver_of(*s);
    std::size_t under_way = 0;
    core::operation_list slots;
    const auto guarded = [&](message m) -> asio::awaitable<void> {
      try {
        co_await handler(std::move(m));
      } catch (...) {
        auto why = report_thrown(*s);
        if (how.stop_on_error) ended = std::move(why);
      }
    };
    while (!ended.failure.code) {
      next_result got = co_await next_outcome(s, duration::max());
      if (got.failure.code == errc::slow_consumer) continue;
      if (!got.value) {
        ended.failure = std::move(got.failure);
        break;
      }
      if (how.concurrency <= 1) {
        co_await guarded(std::move(*got.value));
      } else {
        ++under_way;
        asio::co_spawn(d.executor(), guarded(std::move(*got.value)), [&, keep = s](const std::exception_ptr&) {
          --under_way;
          d.engine().finish_all(slots);
          d.settle();
        });
        while (under_way >= how.concurrency) co_await d.wait(slots);
      }
    }
    while (under_way) co_await d.wait(slots);
    co_return ended;
  }
}

}  // namespace innate::inline v0

#if !defined(INNATE_SEPARATE_COMPILATION)
#include <innate/subscription.ipp>
#endif
