// SPDX-License-Identifier: Apache-2.0
// request --port N [--count N] [--size N] [--in-flight N]: requests on bench.echo, so many at once.
#include "scenario.hpp"

namespace bench {

namespace {

struct round_trips {
  innate::connection& nc;
  std::string payload;
  std::uint64_t left;
  latencies taken;
};

asio::awaitable<void> ask_until_done(round_trips& all) {
  while (all.left) {
    --all.left;
    const auto began = latencies::clock::now();
    const auto reply = co_await all.nc.request("bench.echo", all.payload);
    all.taken.add(latencies::clock::now() - began);
    if (reply.data().size() != all.payload.size()) throw std::runtime_error("the reply is not the request");
  }
}

// `at_once` coroutines share the requests; completes with the last of them.
asio::awaitable<void> ask_all(round_trips& all, std::uint64_t at_once) {
  const auto executor = co_await asio::this_coro::executor;
  std::uint64_t under_way = at_once;
  asio::steady_timer last{executor, asio::steady_timer::time_point::max()};
  for (std::uint64_t i = 0; i != at_once; ++i)
    asio::co_spawn(executor, ask_until_done(all), [&](const std::exception_ptr& thrown) {
      if (thrown) std::rethrow_exception(thrown);
      if (--under_way == 0) last.cancel();
    });
  asio::error_code cancelled;
  while (under_way) co_await last.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
}

}  // namespace

scenario request(const arguments& given) {
  const auto count = given.number("count", 10'000);
  const auto in_flight = given.number("in-flight", 1);
  auto nc = co_await dial(given);
  round_trips all{nc, std::string(given.number("size", 16), 'x'), count / 10, latencies{count}};
  co_await ask_all(all, in_flight);
  all.left = count;
  all.taken = latencies{count};
  stopwatch watch;
  watch.start();
  co_await ask_all(all, in_flight);
  auto line = watch.stop("innate request", count);
  all.taken.report(line);
  line.print();
}

}  // namespace bench
