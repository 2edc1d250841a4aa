// SPDX-License-Identifier: Apache-2.0
/// environment: the real world.
#pragma once

#include <innate/net/environment.hpp>
#include <innate/net/tcp_stream.hpp>

#include <asio/as_tuple.hpp>
#include <asio/deferred.hpp>
#include <asio/steady_timer.hpp>

#include <chrono>
#include <utility>

namespace innate::inline v0 {

namespace net {

class asio_timer final : public timer {
 public:
  explicit asio_timer(const asio::any_io_executor& executor) : x_timer(executor) {}

  asio::awaitable<void> wait_until(time_point when) override {
    x_timer.expires_at(std::chrono::time_point_cast<std::chrono::steady_clock::duration>(when));
    static_cast<void>(co_await x_timer.async_wait(asio::as_tuple(asio::deferred)));
  }
  void cancel() noexcept override { x_timer.cancel(); }

 private:
  asio::steady_timer x_timer;
};

}  // namespace net

INNATE_DECL time_point environment::now() const { return std::chrono::steady_clock::now(); }

INNATE_COLD std::uint64_t environment::random() { return (std::uint64_t{x_device()} << 32) | x_device(); }

INNATE_COLD std::unique_ptr<timer> environment::make_timer(const asio::any_io_executor& executor) {
  return std::make_unique<net::asio_timer>(executor);
}

INNATE_COLD asio::awaitable<dial_result> environment::dial(core::server_url url, bool randomize) {
  return net::dial_tcp(std::move(url), randomize, random());
}

}  // namespace innate::inline v0
