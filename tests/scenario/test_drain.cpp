// SPDX-License-Identifier: Apache-2.0
#include "../support/scripted_world.hpp"

#include <catch2/catch_test_macros.hpp>

#include <optional>

using innate::errc;
using namespace std::chrono_literals;
using test::scripted_world;

TEST_CASE("a drained subscription delivers what the server sent before its PONG, then ends", "[drain]") {
  scripted_world w;
  w.connect();
  auto sub = w.nc.subscribe("a");
  w.settle();
  static_cast<void>(w.take_received());
  std::vector<std::string> got;
  w.spawn([&]() -> asio::awaitable<void> {
    while (auto m = co_await sub.next()) got.emplace_back(m->data());
  });
  w.spawn([&]() -> asio::awaitable<void> { co_await sub.drain(); });
  CHECK(w.take_received() == "UNSUB 1\r\nPING\r\n");
  w.say("MSG a 1 1\r\n1\r\n");
  CHECK(w.finished == 0);
  w.say("MSG a 1 1\r\n2\r\nPONG\r\n");
  CHECK(got == std::vector<std::string>{"1", "2"});
  CHECK(w.finished == 2);
  CHECK_FALSE(w.failure);
}

TEST_CASE("a subscription drain that the server never confirms ends in timeout, or with its link", "[drain]") {
  for (const bool lose : {false, true}) {
    scripted_world w;
    w.connect();
    auto sub = w.nc.subscribe("a");
    w.spawn([&]() -> asio::awaitable<void> { co_await sub.drain(); });
    if (lose)
      w.lose_link();
    else
      w.advance(30s);
    CHECK(w.finished == 1);
    CHECK(w.failure == (lose ? std::error_code{} : make_error_code(errc::timeout)));
    CHECK(sub.sid() == 0);
  }
}

TEST_CASE("draining the connection: consume, publish on, flush, close", "[drain]") {
  scripted_world w;
  w.connect();
  auto sub = w.nc.subscribe("a");
  w.settle();
  static_cast<void>(w.take_received());
  w.spawn([&]() -> asio::awaitable<void> { co_await w.nc.drain(); });
  CHECK(w.take_received() == "UNSUB 1\r\nPING\r\n");
  CHECK(w.nc.status() == innate::status::draining);
  CHECK_THROWS(w.nc.subscribe("b"));
  w.say("MSG a 1 1\r\n1\r\nPONG\r\n");
  CHECK(w.finished == 0);  // a message is still to be consumed
  CHECK_FALSE(w.nc.try_publish("answer", "1"));
  w.settle();
  CHECK(w.take_received() == "PUB answer 1\r\n1\r\n");
  CHECK(sub.try_next().value().data() == "1");
  w.settle();
  CHECK(w.take_received() == "PING\r\n");
  w.say("PONG\r\n");
  CHECK(w.finished == 1);
  CHECK_FALSE(w.failure);
  CHECK(w.ended);
  CHECK_FALSE(w.end_reason);
  CHECK(w.nc.try_publish("a", "x") == errc::connection_closed);
}

TEST_CASE("a connection drain that nobody consumes, or no server confirms, closes with drain_timeout", "[drain]") {
  for (const bool confirmed : {false, true}) {
    scripted_world w;
    w.connect();
    auto sub = w.nc.subscribe("a");
    w.say("MSG a 1 1\r\n1\r\n");
    w.spawn([&]() -> asio::awaitable<void> { co_await w.nc.drain(); });
    if (confirmed) w.say("PONG\r\n");
    w.advance(30s);
    CHECK(w.finished == 1);
    CHECK(w.failure == errc::drain_timeout);
    CHECK(w.end_reason == errc::drain_timeout);
  }
}

TEST_CASE("giving up the last subscription that holds messages lets the drain of its connection go on", "[drain]") {
  scripted_world w;
  w.connect();
  std::optional first{w.nc.subscribe("a")};
  std::optional second{w.nc.subscribe("b")};
  w.say("MSG a 1 1\r\n1\r\nMSG b 2 1\r\n2\r\n");
  w.spawn([&]() -> asio::awaitable<void> { co_await w.nc.drain(); });
  w.say("PONG\r\n");
  first.reset();
  w.settle();
  static_cast<void>(w.take_received());
  CHECK(w.finished == 0);
  second.reset();
  w.settle();
  CHECK(w.take_received() == "PING\r\n");
  w.say("PONG\r\n");
  CHECK(w.finished == 1);
  CHECK_FALSE(w.failure);
}

TEST_CASE("a link lost while draining comes back to send what was published", "[drain]") {
  scripted_world w;
  w.connect();
  auto sub = w.nc.subscribe("a");
  w.settle();
  w.spawn([&]() -> asio::awaitable<void> { co_await w.nc.drain(); });
  w.server().block();
  CHECK_FALSE(w.nc.try_publish("b", "last"));
  w.lose_link();
  w.advance(100ms);
  w.say(test::info);
  w.say("PONG\r\n");
  const auto sent = w.take_received();
  CHECK(sent.find("PUB b 4\r\nlast\r\nPING\r\n") != std::string::npos);
  CHECK(sent.find("SUB a") == std::string::npos);
  w.say("PONG\r\n");
  CHECK(w.finished == 1);
  CHECK_FALSE(w.failure);
}

TEST_CASE("draining without subscriptions, offline and twice", "[drain]") {
  scripted_world w;
  w.connect();
  w.spawn([&]() -> asio::awaitable<void> { co_await w.nc.drain(); });
  w.spawn([&]() -> asio::awaitable<void> { co_await w.nc.drain(); });
  CHECK(w.failure == errc::connection_draining);
  w.say("PONG\r\n");
  CHECK(w.finished == 2);
  CHECK(w.ended);
  w.spawn([&]() -> asio::awaitable<void> { co_await w.nc.drain(); });
  CHECK(w.failure == errc::connection_closed);
}

TEST_CASE("close ends every wait: subscriptions normally, the rest with connection_closed", "[close]") {
  scripted_world w;
  w.connect();
  auto sub = w.nc.subscribe("a");
  bool normal = false;
  w.spawn([&]() -> asio::awaitable<void> { normal = !co_await sub.next(); });
  w.spawn([&]() -> asio::awaitable<void> { co_await w.nc.request("svc", "?"); });
  w.nc.close();
  w.settle();
  CHECK(normal);
  CHECK(w.finished == 2);
  CHECK(w.failure == errc::connection_closed);
  CHECK(w.ended);
}
