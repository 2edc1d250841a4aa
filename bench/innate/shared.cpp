// SPDX-License-Identifier: Apache-2.0
// shared --port N [--count N] [--size N] [--threads N]: a shared_handle used by threads of the program.
#include "scenario.hpp"

#include <thread>
#include <vector>

namespace bench {

namespace {

void publish_from_thread(const innate::shared_handle& handle, std::uint64_t count, std::string_view payload) {
  for (std::uint64_t i = 0; i != count; ++i)
    while (handle.try_publish("bench.data", payload) == innate::errc::outbound_full) std::this_thread::yield();
}

// Completes when the threads have ended and the server has everything.
asio::awaitable<void> publish_from_threads(innate::connection& nc, std::uint64_t threads, std::uint64_t count,
                                           std::string_view payload) {
  const auto executor = co_await asio::this_coro::executor;
  const auto handle = nc.share();
  std::uint64_t ended = 0;
  asio::steady_timer last{executor, asio::steady_timer::time_point::max()};
  std::vector<std::jthread> running;
  for (std::uint64_t i = 0; i != threads; ++i)
    running.emplace_back([&, handle] {
      publish_from_thread(handle, count / threads, payload);
      asio::post(executor, [&] {
        if (++ended == threads) last.cancel();
      });
    });
  asio::error_code cancelled;
  while (ended != threads) co_await last.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
  co_await nc.flush();
}

}  // namespace

scenario shared(const arguments& given) {
  const auto count = given.number("count", 100'000);
  const auto threads = given.number("threads", 4);
  const std::string payload(given.number("size", 16), 'x');
  auto nc = co_await dial(given);
  co_await publish_from_threads(nc, threads, count / 10, payload);
  stopwatch watch;
  watch.start();
  co_await publish_from_threads(nc, threads, count, payload);
  const auto line = watch.stop("innate shared", count);
  if (nc.statistics().messages_out < count) throw std::runtime_error("a publish was refused");
  line.print();
}

}  // namespace bench
