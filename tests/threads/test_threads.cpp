// SPDX-License-Identifier: Apache-2.0
#include "support/nats_server.hpp"
#include "support/run.hpp"

#include <catch2/catch_test_macros.hpp>

#include <asio/use_future.hpp>

#include <thread>

using test::quick;

TEST_CASE("a shared handle publishes and requests from other threads", "[threads]") {
  test::nats_server server;
  test::run([&]() -> asio::awaitable<void> {
    auto nc = co_await innate::connect(quick(server.url()));
    auto sub = nc.subscribe("n");
    auto svc = nc.subscribe("svc");
    svc.for_each([&](const innate::message& m) { CHECK_FALSE(nc.try_respond(m, "pong")); }, [](std::error_code) {});
    const auto shared = nc.share();
    std::vector<std::thread> threads;
    for (int t = 0; t != 4; ++t)
      threads.emplace_back([shared] {
        for (int i = 0; i != 250; ++i)
          if (shared.try_publish("n", "x")) std::abort();
        if (shared.request("svc", "ping", asio::use_future).get().data() != "pong") std::abort();
      });
    for (int i = 0; i != 1000; ++i) {
      const auto m = co_await sub.next();
      CHECK(m->data() == "x");
    }
    co_await nc.drain();
    for (auto& t : threads) t.join();
  });
}
