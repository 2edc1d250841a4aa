// SPDX-License-Identifier: Apache-2.0
// What other threads hand to a connection waits for room on the way out.
#include "../support/scripted_world.hpp"

#include <asio/detached.hpp>
#include <asio/post.hpp>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <algorithm>
#include <cstdint>
#include <string>
#include <system_error>
#include <vector>

using innate::errc;
using test::scripted_world;

namespace {

// Room for a few hundred bytes on the way out.
innate::options narrow() {
  auto o = scripted_world::quick();
  o.outbound.high_water = 300;
  o.outbound.low_water = 100;
  o.outbound.limit = 1000;
  return o;
}

// Hands over as much as is taken; the server is blocked, so that most of it waits for room.
int hand_over(scripted_world& w, const innate::shared_handle& shared) {
  w.server().block();
  int queued = 0;
  while (!shared.try_publish("a", std::string(50, 'x'))) ++queued;
  w.settle();
  CHECK(w.nc.statistics().messages_out < static_cast<std::uint64_t>(queued));
  return queued;
}

// Lets the server take everything, and answer each PING when nothing more comes behind it.
int answer_pings(scripted_world& w) {
  w.server().unblock();
  int publishes = 0;
  for (int i = 0; i != 20; ++i) {
    w.settle();
    const auto received = w.take_received();
    for (std::size_t at = 0; (at = received.find("PUB ", at)) != received.npos; ++at) ++publishes;
    if (received.ends_with("PING\r\n")) w.say("PONG\r\n");
  }
  return publishes;
}

}  // namespace

TEST_CASE("a burst of other threads enters the connection as far as there is room, in order", "[shared]") {
  scripted_world w{narrow()};
  w.connect();
  const auto shared = w.nc.share();
  w.server().block();
  std::string expected;
  int queued = 0;
  for (; !shared.try_publish("a", std::string(20, static_cast<char>('a' + queued)), {.reply = "r"}); ++queued)
    expected += "PUB a r 20\r\n" + std::string(20, static_cast<char>('a' + queued)) + "\r\n";
  CHECK(queued > 10);  // 1000 bytes
  CHECK(queued < 20);
  CHECK(shared.try_publish("a") == errc::outbound_full);
  CHECK(shared.try_publish(std::string{"a b"}) == errc::invalid_subject);
  CHECK(shared.try_publish(std::string{"a.*"}) == errc::invalid_wildcard);
  w.settle();
  CHECK(w.nc.statistics().messages_out < static_cast<std::uint64_t>(queued));
  CHECK(shared.try_publish("a", std::string(900, 'x')) == errc::outbound_full);  // what was taken still counts
  CHECK_FALSE(shared.try_publish("a", "later"));
  std::error_code asked;
  shared.request("ask", "?", [&](std::error_code failed, const innate::message&) { asked = failed; });
  w.settle();
  w.server().unblock();
  for (int i = 0; i != 10; ++i) w.settle();
  const auto received = w.take_received();
  CHECK(received.starts_with(expected + "PUB a 5\r\nlater\r\n"));
  CHECK(received.find("PUB ask ") > received.find("later"));
  CHECK(w.nc.statistics().messages_out == static_cast<std::uint64_t>(queued) + 2);
  CHECK(w.events() == std::vector{innate::event_kind::connected});  // nothing was refused
  CHECK_FALSE(shared.try_publish("a", "with room again"));
  w.settle();
  CHECK(w.take_received() == "PUB a 15\r\nwith room again\r\n");
  w.nc.close();
  w.settle();
  CHECK(asked == errc::connection_closed);
}

TEST_CASE("a request is sent after what was published before it, also by the connection's own thread", "[shared]") {
  scripted_world w;
  w.connect();
  const auto shared = w.nc.share();
  asio::post(w.io, [&] {
    CHECK_FALSE(shared.try_publish("a", "1"));
    shared.request("ask", "?", asio::detached);
    CHECK_FALSE(shared.try_publish("a", "2"));
  });
  w.settle();
  const auto received = w.take_received();
  CHECK(received.find("PUB ask ") > received.find("PUB a 1\r\n1"));
  CHECK(received.find("PUB ask ") < received.find("PUB a 1\r\n2"));
}

TEST_CASE("a connection that closes refuses what other threads have queued, and tells of it", "[shared]") {
  scripted_world w{narrow()};
  w.connect();
  const auto shared = w.nc.share();
  w.server().block();
  int queued = 0;
  while (!shared.try_publish("a", std::string(50, 'x'))) ++queued;
  w.settle();
  std::error_code asked;
  shared.request("ask", "?", [&](std::error_code failed, const innate::message&) { asked = failed; });
  w.settle();
  const auto sent = static_cast<int>(w.nc.statistics().messages_out);
  CHECK(sent < queued);
  w.nc.close();
  w.settle();
  CHECK(asked == errc::connection_closed);
  const auto told = w.events();
  CHECK(std::ranges::count(told, innate::event_kind::server_error) == queued - sent);
}

TEST_CASE("flush also waits for what other threads have handed over", "[shared]") {
  scripted_world w{narrow()};
  w.connect();
  const auto shared = w.nc.share();
  SECTION("and waits for room") {
    const int queued = hand_over(w, shared);
    w.spawn([&]() -> asio::awaitable<void> { co_await w.nc.flush(); });
    CHECK(w.finished == 0);
    CHECK(answer_pings(w) == queued);
  }
  SECTION("but has not entered yet") {
    w.spawn([&]() -> asio::awaitable<void> {
      CHECK_FALSE(shared.try_publish("a", "1"));
      co_await w.nc.flush();
    });
    CHECK(w.take_received() == "PUB a 1\r\n1\r\nPING\r\n");
    w.say("PONG\r\n");
  }
  CHECK(w.finished == 1);
  CHECK_FALSE(w.failure);
}

TEST_CASE("drain publishes what other threads have handed over before it closes", "[shared]") {
  scripted_world w{narrow()};
  w.connect();
  const auto shared = w.nc.share();
  const int queued = hand_over(w, shared);
  w.spawn([&]() -> asio::awaitable<void> { co_await w.nc.drain(); });
  CHECK(w.nc.status() == innate::status::draining);
  CHECK(answer_pings(w) == queued);
  CHECK(w.finished == 1);
  CHECK_FALSE(w.failure);
  CHECK(w.ended);
  CHECK(shared.try_publish("a", "late") == std::error_code{});  // refused where it enters
  w.settle();
  CHECK(w.nc.statistics().messages_out == static_cast<std::uint64_t>(queued));
}

TEST_CASE("flush and drain give up in time when what was handed over finds no room", "[shared]") {
  auto opts = narrow();
  opts.flush_timeout = opts.drain_timeout = std::chrono::seconds{1};
  scripted_world w{opts};
  w.connect();
  const auto shared = w.nc.share();
  hand_over(w, shared);
  const bool flush = GENERATE(true, false);
  w.spawn([&]() -> asio::awaitable<void> { return flush ? w.nc.flush() : w.nc.drain(); });
  w.advance(std::chrono::milliseconds{999});
  CHECK(w.finished == 0);
  w.advance(std::chrono::milliseconds{1});
  CHECK(w.finished == 1);
  CHECK(w.failure == (flush ? errc::timeout : errc::drain_timeout));
}

TEST_CASE("drain ends with a connection that is closed while what was handed over waits for room", "[shared]") {
  scripted_world w{narrow()};
  w.connect();
  const auto shared = w.nc.share();
  const auto sub = w.nc.subscribe("a");
  hand_over(w, shared);
  w.spawn([&]() -> asio::awaitable<void> { co_await w.nc.drain(); });
  CHECK(w.finished == 0);
  w.nc.close();
  w.settle();
  CHECK(w.finished == 1);
  CHECK_FALSE(w.failure);
  CHECK(w.ended);
  CHECK_FALSE(w.end_reason);
}

TEST_CASE("a request waits for what was handed over before it, not for what comes behind it", "[shared]") {
  scripted_world w{narrow()};
  w.connect();
  const auto shared = w.nc.share();
  const int before = hand_over(w, shared);
  shared.request("ask", "?", asio::detached);
  w.settle();
  w.server().most_per_write = 400;
  int publishes = 0;
  std::string received;
  for (int i = 0; i != 100 && received.find("PUB ask ") == received.npos; ++i) {
    while (!shared.try_publish("a", std::string(50, 'y'))) ++publishes;  // there is always more
    w.server().unblock();
    w.server().take_one_write = true;
    w.settle();
    received += w.take_received();
  }
  REQUIRE(received.find("PUB ask ") != received.npos);
  CHECK(publishes > 0);
  std::size_t first = 0;
  for (std::size_t at = 0; (at = received.find("PUB a 50\r\nx", at)) < received.find("PUB ask "); ++at) ++first;
  CHECK(first == static_cast<std::size_t>(before));
}
