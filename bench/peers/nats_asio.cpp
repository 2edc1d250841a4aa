// SPDX-License-Identifier: Apache-2.0
// The Asio client nats_asio: nats_asio_client publish|receive|request|subscriptions --port N …
#include "../support/arrivals.hpp"
#include "../support/go.hpp"
#include "../support/latencies.hpp"
#include "../support/scenarios.hpp"
#include "../support/stopwatch.hpp"

#include <asio/version.hpp>
#include <nats_asio/nats_asio.hpp>

#include <cstdio>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

void check(const nats_asio::status& s) {
  if (s.failed()) throw std::runtime_error(s.error());
}

// What a scenario runs in: one thread, as with every other client here.
struct client {
  client(const bench::arguments& given, asio::awaitable<void> (*scenario)(client&)) : given{given} {
    nats_asio::connect_config config;
    config.address = "127.0.0.1";
    config.port = given.port();
    nc = nats_asio::create_connection(io,
                                      [this, scenario](nats_asio::iconnection&) -> asio::awaitable<void> {
                                        asio::co_spawn(io, scenario(*this), [this](std::exception_ptr failed) {
                                          if (failed) std::rethrow_exception(failed);
                                          io.stop();
                                        });
                                        co_return;
                                      },
                                      nullptr, nullptr, {});
    nc->start(config);
    io.run();
  }

  asio::io_context io{1};
  const bench::arguments& given;
  nats_asio::iconnection_sptr nc;
};

asio::awaitable<void> send_all(client& c, const std::string& payload, std::uint64_t messages) {
  for (std::uint64_t i = 0; i != messages; ++i) {
    check(c.nc->publish_queued("bench.data", payload));
    if (c.nc->is_backpressure_active()) check(co_await c.nc->wait_for_drain());
  }
  check(co_await c.nc->flush());
}

asio::awaitable<void> publish(client& c) {
  const auto count = c.given.number("count", 100'000);
  const std::string payload(c.given.number("size", 16), 'x');
  co_await send_all(c, payload, count / 10);
  bench::stopwatch watch;
  watch.start();
  co_await send_all(c, payload, count);
  watch.stop("nats_asio publish", count).print();
}

asio::awaitable<void> receive(client& c) {
  const auto count = c.given.number("count", 100'000);
  const std::string payload(c.given.number("size", 16), 'x');
  const bool headers = c.given.text("form", "plain") == "headers";
  bench::arrivals arrived{c.io.get_executor()};
  const nats_asio::on_message_zero_copy_cb on_message = [&](const nats_asio::message_view&) -> asio::awaitable<void> {
    arrived.count();
    co_return;
  };
  const auto [subscription, failed] = co_await c.nc->subscribe("bench.data", on_message);
  check(failed);
  const auto take = [&](std::uint64_t messages) -> asio::awaitable<void> {
    check(co_await c.nc->publish(bench::go{messages, false, headers}.subject(), payload, std::nullopt));
    co_await arrived.reach(messages);
  };
  co_await take(count / 10);
  bench::stopwatch watch;
  watch.start();
  co_await take(count);
  watch.stop("nats_asio receive", count).print();
}

asio::awaitable<void> request(client& c) {
  const auto count = c.given.number("count", 10'000);
  const std::string payload(c.given.number("size", 16), 'x');
  bench::latencies taken{count};
  const auto ask = [&](std::uint64_t requests, bool told) -> asio::awaitable<void> {
    for (std::uint64_t i = 0; i != requests; ++i) {
      const auto began = bench::latencies::clock::now();
      const auto [reply, failed] = co_await c.nc->request("bench.echo", payload);
      check(failed);
      if (told) taken.add(bench::latencies::clock::now() - began);
    }
  };
  co_await ask(count / 10, false);
  bench::stopwatch watch;
  watch.start();
  co_await ask(count, true);
  auto line = watch.stop("nats_asio request", count);
  taken.report(line);
  line.print();
}

asio::awaitable<void> subscriptions(client& c) {
  const auto count = c.given.number("subscriptions", 1'000);
  const auto before = bench::of_process("RssAnon");
  bench::stopwatch watch;
  watch.start();
  std::vector<nats_asio::isubscription_sptr> all;
  const nats_asio::on_message_zero_copy_cb on_message = [](const nats_asio::message_view&) -> asio::awaitable<void> {
    co_return;
  };
  for (std::uint64_t i = 0; i != count; ++i) {
    const auto [subscription, failed] = co_await c.nc->subscribe("bench.s" + std::to_string(i), on_message);
    check(failed);
    all.push_back(subscription);
  }
  watch.stop("nats_asio subscriptions", count).add("added_kib", bench::of_process("RssAnon") - before).print();
}

template <asio::awaitable<void> (*Scenario)(client&)>
void with_client(const bench::arguments& given) {
  client{given, Scenario};
}

void version(const bench::arguments&) {
  std::printf("unversioned, Asio %d.%d, clang %d\n", ASIO_VERSION / 100000, ASIO_VERSION / 100 % 1000, __clang_major__);
}

}  // namespace

int main(int argc, char** argv) {
  return bench::run_one_of({{"publish", with_client<publish>},
                            {"receive", with_client<receive>},
                            {"request", with_client<request>},
                            {"subscriptions", with_client<subscriptions>},
                            {"version", version}},
                           argc, argv);
}
