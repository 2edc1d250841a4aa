// SPDX-License-Identifier: Apache-2.0
/// subscription: the bodies of its operations.
#pragma once

#include <innate/meta/decl.hpp>
#include <innate/subscription.hpp>

namespace innate::inline v0 {

INNATE_DECL asio::awaitable<subscription::next_result> subscription::next_outcome(driver_ptr d, state_ptr s,
                                                                                  duration patience) {
  co_return co_await wait_next(d, s, patience);
}

INNATE_DECL asio::awaitable<subscription::next_result> subscription::wait_next(const driver_ptr& d, const state_ptr& s,
                                                                               duration patience) {
  next_result done;
  const auto deadline = patience == duration::max() ? core::never : core::after(d->now(), patience);
  while (!ready(*d, *s, done)) {
    if (const auto failed = co_await d->wait(s->consumers, deadline)) {
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

INNATE_DECL asio::awaitable<std::optional<message>> subscription::next_or_throw(driver_ptr d, state_ptr s,
                                                                                duration patience) {
  if (auto m = take(*d, *s)) co_return m;
  auto done = co_await wait_next(d, s, patience);
  if (done.failure.code) throw std::system_error(done.failure.code, done.failure.detail);
  co_return std::move(done.value);
}

INNATE_DECL asio::awaitable<std::size_t> subscription::batch_or_throw(driver_ptr d, state_ptr s,
                                                                      std::span<message> into) {
  if (into.empty()) co_return 0;
  auto first = co_await next_or_throw(d, s, duration::max());
  std::size_t count = 0;
  while (first) {
    into[count++] = std::move(*first);
    first = count < into.size() ? take(*d, *s) : std::nullopt;
  }
  co_return count;
}

INNATE_DECL asio::awaitable<net::outcome<void>> subscription::finish_drain(driver_ptr d, state_ptr s,
                                                                           net::answer_guard confirmed) {
  std::error_code failed;
  if (confirmed) {
    const auto deadline = core::after(d->now(), d->engine().options().drain_timeout);
    failed = co_await d->wait_answer(confirmed.ticket(), deadline);
  }
  if (failed == errc::connection_lost || failed == errc::connection_closed) failed = {};
  if (failed != asio::error::operation_aborted) d->engine().end_drain(*s);
  d->settle();
  co_return net::outcome<void>{failed};
}

INNATE_DECL asio::awaitable<std::error_code> subscription::wait_closed(driver_ptr d, state_ptr s) {
  if (!s->finished()) co_await d->wait(s->closed_watchers);
  co_return s->reason();
}

}  // namespace innate::inline v0
