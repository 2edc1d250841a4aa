// SPDX-License-Identifier: Apache-2.0
/// subscription: the bodies of its operations.
#pragma once

#include <innate/meta/decl.hpp>
#include <innate/subscription.hpp>

namespace innate::inline v0 {

INNATE_DECL asio::awaitable<subscription::next_result> subscription::next_outcome(body_ptr b, duration patience) {
  co_return co_await wait_next(b, patience);
}

INNATE_DECL asio::awaitable<subscription::next_result> subscription::wait_next(const body_ptr& b, duration patience) {
  next_result done;
  const auto deadline = patience == duration::max() ? core::never : core::after(b->driver->now(), patience);
  while (!ready(*b->driver, *b->state, done)) {
    if (const auto failed = co_await b->driver->wait(b->state->consumers, deadline)) {
      done.failure.code = failed;
      break;
    }
    if (co_await net::was_cancelled()) {
      done.failure.code = asio::error::operation_aborted;  // what woke us stays queued
      break;
    }
  }
  co_return done;
}

INNATE_DECL asio::awaitable<std::optional<message>> subscription::next_or_throw(body_ptr b, duration patience) {
  if (auto m = take(*b->driver, *b->state)) co_return m;
  auto done = co_await wait_next(b, patience);
  if (done.failure.code) throw_error(done.failure);
  co_return std::move(done.value);
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
