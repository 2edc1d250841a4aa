// SPDX-License-Identifier: Apache-2.0
/// subscription: the bodies of its operations.
#pragma once

#include <innate/meta/decl.hpp>
#include <innate/subscription.hpp>

namespace innate::inline v0 {

// Both faces of `next`, each one coroutine, because what waits is what a message wakes.
template <class Done>
asio::awaitable<Done> subscription::next_as(state_ptr s, duration patience) {
  if constexpr (!std::same_as<Done, next_result>) {
    if (s->message_is_next()) co_return taken{*s};
  }
  next_result done;
  auto& d = driver_of(*s);
  const auto deadline = patience == duration::max() ? core::never : core::after(d.now(), patience);
  while (!ready(*s, done)) {
    net::operation arrival{d};
    d.begin_wait(arrival, s->consumers, deadline);
    co_await arrival.finished();
    const auto state = co_await asio::this_coro::cancellation_state;
    if (end_wait(arrival, state, done)) break;
  }
  co_return net::complete_as<Done>(std::move(done));
}
INNATE_DECL asio::awaitable<subscription::next_result> subscription::next_outcome(state_ptr s, duration patience) {
  return next_as<next_result>(std::move(s), patience);
}
INNATE_DECL asio::awaitable<std::optional<message>> subscription::next_or_throw(state_ptr s, duration patience) {
  return next_as<std::optional<message>>(std::move(s), patience);
}

INNATE_DECL asio::awaitable<std::size_t> subscription::batch_or_throw(state_ptr s, std::span<message> into) {
  if (into.empty()) co_return 0;
  auto first = co_await next_or_throw(s, duration::max());
  if (!first) co_return 0;
  into[0] = std::move(*first);
  co_return 1 + take_into(*s, into.subspan(1));
}

/// First what is queued, then each message at its arrival, until the subscription ends.
INNATE_DECL asio::awaitable<error> subscription::call_for_each(core::subscription_state& s, caller& handler) {
  while (!handler.stopped()) {
    next_result got;
    if (!ready(s, got)) {
      net::operation arrival{driver_of(s)};
      arrival.sink = &handler;
      handler.waiting = &arrival;
      driver_of(s).begin_wait(arrival, s.consumers);
      co_await arrival.finished();
      handler.waiting = nullptr;
      const auto state = co_await asio::this_coro::cancellation_state;
      if (!end_wait(arrival, state, got)) continue;
    }
    if (got.failure.code == errc::slow_consumer) continue;
    if (!got.value) co_return std::move(got.failure);
    handler.take(std::move(*got.value));
  }
  co_return error{};
}

INNATE_DECL asio::awaitable<net::outcome<void>> subscription::finish_drain(state_ptr s, net::answer_guard confirmed) {
  auto& d = driver_of(*s);
  std::error_code failed;
  if (confirmed) {
    const auto deadline = core::after(d.now(), d.engine().options().drain_timeout);
    failed = co_await d.wait_answer(confirmed.ticket(), deadline);
  }
  if (failed == errc::connection_lost || failed == errc::connection_closed) failed = {};
  if (failed != asio::error::operation_aborted) d.engine().end_drain(*s);
  d.settle();
  co_return net::outcome<void>{failed};
}

INNATE_DECL asio::awaitable<std::error_code> subscription::wait_closed(state_ptr s) {
  if (!s->finished()) co_await driver_of(*s).wait(s->closed_watchers);
  co_return s->reason();
}

}  // namespace innate::inline v0
