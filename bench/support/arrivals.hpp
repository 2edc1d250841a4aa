// SPDX-License-Identifier: Apache-2.0
/// Counts messages of any number of subscriptions and wakes the coroutine that waits for a number of them.
#pragma once

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>
#include <asio/redirect_error.hpp>
#include <asio/steady_timer.hpp>
#include <asio/use_awaitable.hpp>

#include <cstdint>
#include <system_error>
#include <utility>

namespace bench {

class arrivals {
 public:
  explicit arrivals(asio::any_io_executor executor) : x_reached(std::move(executor)) {}

  void count() {
    if (++x_seen == x_wanted) x_reached.cancel();
  }
  asio::awaitable<void> reach(std::uint64_t more) {
    x_wanted += more;
    x_reached.expires_at(asio::steady_timer::time_point::max());
    std::error_code cancelled;
    while (x_seen != x_wanted) co_await x_reached.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
  }

 private:
  asio::steady_timer x_reached;
  std::uint64_t x_seen = 0;
  std::uint64_t x_wanted = 0;
};

}  // namespace bench
