// SPDX-License-Identifier: Apache-2.0
// publish --port N [--count N] [--size N] [--mode try|await|headers|owned]
#include "scenario.hpp"

namespace bench {

namespace {

asio::awaitable<void> send(innate::connection& nc, std::uint64_t count, std::string_view payload,
                           std::string_view mode) {
  if (mode == "await") {
    for (std::uint64_t i = 0; i != count; ++i) co_await nc.publish("bench.data", payload);
  } else if (mode == "try") {
    co_await repeat(
        count, [&] { return nc.try_publish("bench.data", payload); },
        [&] { return nc.publish("bench.data", payload); });
  } else if (mode == "headers") {
    innate::headers both;
    both.add("Trace-Id", "5f3c9a7e1b2d4c60").add("Content-Type", "application/json");
    const innate::publish_options how{{}, both};
    co_await repeat(
        count, [&] { return nc.try_publish("bench.data", payload, how); },
        [&] { return nc.publish("bench.data", payload, how); });
  } else if (mode == "owned") {
    for (std::uint64_t i = 0; i != count; ++i)
      co_await nc.publish("bench.data", innate::owned_payload{std::string{payload}});
  } else {
    unknown("mode", mode);
  }
  co_await nc.flush();
}

}  // namespace

scenario publish(const arguments& given) {
  const auto count = given.number("count", 100'000);
  const std::string payload(given.number("size", 16), 'x');
  const auto mode = given.text("mode", "try");
  auto nc = co_await dial(given);
  co_await send(nc, count / 10, payload, mode);
  stopwatch watch;
  watch.start();
  co_await send(nc, count, payload, mode);
  watch.stop("innate publish " + mode, count).print();
}

}  // namespace bench
