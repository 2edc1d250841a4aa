// SPDX-License-Identifier: Apache-2.0
/// subscription: the loop behind `for_each`, in order or with several handlers under way.
#pragma once

#include <innate/subscription.hpp>

namespace innate::inline v0 {

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
