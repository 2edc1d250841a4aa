// SPDX-License-Identifier: Apache-2.0
// What other threads hand to a connection waits for room on the way out.
#include "../support/scripted_world.hpp"

#include <asio/detached.hpp>
#include <asio/post.hpp>
#include <catch2/catch_test_macros.hpp>

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
