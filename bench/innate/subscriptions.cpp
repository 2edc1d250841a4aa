// SPDX-License-Identifier: Apache-2.0
// Many subscriptions on one connection.
#include "scenario.hpp"

#include "../support/arrivals.hpp"

#include <vector>

namespace bench {

namespace {

std::vector<innate::subscription> subscribe_many(innate::connection& nc, std::uint64_t count) {
  std::vector<innate::subscription> all;
  all.reserve(count);
  for (std::uint64_t i = 0; i != count; ++i) all.push_back(nc.subscribe("bench.s" + std::to_string(i)));
  return all;
}

void count_each(innate::connection& nc, std::vector<innate::subscription>& all, arrivals& arrived) {
  for (auto& sub : all)
    asio::co_spawn(nc.get_executor(), sub.for_each([&](const innate::message&) { arrived.count(); }), asio::detached);
}

}  // namespace

// dispatch --port N [--count N] [--size N] [--subscriptions N] [--spread first|random]: every subscription has a
// handler.
scenario dispatch(const arguments& given) {
  const auto count = given.number("count", 100'000);
  const std::string payload(given.number("size", 16), 'x');
  const bool random = given.text("spread", "first") == "random";
  auto nc = co_await dial(given);
  auto all = subscribe_many(nc, given.number("subscriptions", 1));
  arrivals arrived{nc.get_executor()};
  count_each(nc, all, arrived);
  const auto ask_and_take = [&](std::uint64_t messages) -> asio::awaitable<void> {
    co_await nc.publish(go{messages, random, false}.subject(), payload);
    co_await arrived.reach(messages);
  };
  for (int i = 0; i != 3; ++i) co_await nc.flush();  // small writes, after which what held the SUBs is given back
  co_await ask_and_take(count / 2);                  // every subscription gets its first messages before it is measured
  stopwatch watch;
  watch.start();
  co_await ask_and_take(count);
  watch.stop("innate dispatch", count).print();
  nc.close();
}

// subscriptions --port N [--subscriptions N]: what they cost in memory and threads.
scenario subscriptions(const arguments& given) {
  const auto count = given.number("subscriptions", 1'000);
  auto nc = co_await dial(given);
  co_await nc.flush();
  const auto before = of_process("RssAnon");
  stopwatch watch;
  watch.start();
  const auto all = subscribe_many(nc, count);
  co_await nc.flush();
  auto line = watch.stop("innate subscriptions", count);
  line.add("added_kib", of_process("RssAnon") - before).print();
}

// idle --port N: a connection that does nothing.
scenario idle(const arguments& given) {
  auto nc = co_await dial(given);
  co_await nc.flush();
  stopwatch watch;
  watch.start();
  watch.stop("innate idle", 1).print();
}

// fan_out --port N [--count N] [--size N] [--subscriptions N]: each message comes back to every subscription of one
// connection, through a nats-server. `count` deliveries in all.
scenario fan_out(const arguments& given) {
  const auto width = given.number("subscriptions", 16);
  const auto count = given.number("count", 100'000) / width;
  const std::string payload(given.number("size", 16), 'x');
  auto nc = co_await dial(given);
  std::vector<innate::subscription> all;
  for (std::uint64_t i = 0; i != width; ++i) all.push_back(nc.subscribe("bench.fan"));
  arrivals arrived{nc.get_executor()};
  count_each(nc, all, arrived);
  const auto send_and_take = [&](std::uint64_t messages) -> asio::awaitable<void> {
    constexpr std::uint64_t window = 256;  // published before their deliveries are awaited
    for (std::uint64_t sent = 0; sent != messages;) {
      const auto now = std::min(window, messages - sent);
      for (std::uint64_t i = 0; i != now; ++i) co_await nc.publish("bench.fan", payload);
      co_await arrived.reach(now * width);
      sent += now;
    }
  };
  co_await send_and_take(count / 10);
  stopwatch watch;
  watch.start();
  co_await send_and_take(count);
  watch.stop("innate fan_out", count * width).print();
  nc.close();
}

}  // namespace bench
