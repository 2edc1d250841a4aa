// SPDX-License-Identifier: Apache-2.0
/// subscription: the bodies of its operations.
#pragma once

#include <innate/meta/decl.hpp>
#include <innate/subscription.hpp>

namespace innate::inline v0 {

// Both faces of `next`, each one coroutine, because what waits is what a message wakes.
template <class Done>
asio::awaitable<Done> subscription::next_as(body_ptr b, duration patience) {
  if constexpr (!std::same_as<Done, next_result>) {
    if (auto m = take(*b->driver, *b->state)) co_return m;
  }
  next_result done;
  const auto deadline = patience == duration::max() ? core::never : core::after(b->driver->now(), patience);
  while (!ready(*b->driver, *b->state, done)) {
    net::operation arrival{*b->driver};
    b->driver->begin_wait(arrival, b->state->consumers, deadline);
    co_await arrival.finished();
    const auto state = co_await asio::this_coro::cancellation_state;
    if (end_wait(arrival, state, done)) break;
  }
  co_return net::complete_as<Done>(std::move(done));
}
INNATE_DECL asio::awaitable<subscription::next_result> subscription::next_outcome(body_ptr b, duration patience) {
  return next_as<next_result>(std::move(b), patience);
}
INNATE_DECL asio::awaitable<std::optional<message>> subscription::next_or_throw(body_ptr b, duration patience) {
  return next_as<std::optional<message>>(std::move(b), patience);
}

INNATE_DECL asio::awaitable<std::size_t> subscription::batch_or_throw(body_ptr b, std::span<message> into) {
  if (into.empty()) co_return 0;
  auto first = co_await next_or_throw(b, duration::max());
  std::size_t count = 0;
  while (first) {
    into[count++] = std::move(*first);
    first = count < into.size() ? take(*b->driver, *b->state) : std::nullopt;
  }
  co_return count;
}

/// First what is queued, then each message at its arrival, until the subscription ends.
INNATE_DECL asio::awaitable<error> subscription::call_for_each(const body_ptr& b, caller& handler) {
  while (!handler.stopped()) {
    next_result got;
    if (!ready(*b->driver, *b->state, got)) {
      net::operation arrival{*b->driver};
      arrival.sink = &handler;
      handler.waiting = &arrival;
      b->driver->begin_wait(arrival, b->state->consumers);
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

INNATE_DECL asio::awaitable<net::outcome<void>> subscription::finish_drain(body_ptr b, net::answer_guard confirmed) {
  std::error_code failed;
  if (confirmed) {
    const auto deadline = core::after(b->driver->now(), b->driver->engine().options().drain_timeout);
    failed = co_await b->driver->wait_answer(confirmed.ticket(), deadline);
  }
  if (failed == errc::connection_lost || failed == errc::connection_closed) failed = {};
  if (failed != asio::error::operation_aborted) b->driver->engine().end_drain(*b->state);
  b->driver->settle();
  co_return net::outcome<void>{failed};
}

INNATE_DECL asio::awaitable<std::error_code> subscription::wait_closed(body_ptr b) {
  if (!b->state->finished()) co_await b->driver->wait(b->state->closed_watchers);
  co_return b->state->reason();
}

}  // namespace innate::inline v0
