// SPDX-License-Identifier: Apache-2.0
#include "../support/scripted_world.hpp"

#include <catch2/catch_test_macros.hpp>

using innate::errc;
using innate::event_kind;
using namespace std::chrono_literals;
using test::scripted_world;

namespace {

/// The link is lost, the next one comes up; what the server got after CONNECT and PING.
std::string reconnect(scripted_world& w) {
  w.lose_link();
  w.advance(100ms);
  w.say(test::info);
  static_cast<void>(w.take_received());
  w.say("PONG\r\n");
  return w.take_received();
}

std::size_t count(const std::vector<event_kind>& events, event_kind kind) {
  return static_cast<std::size_t>(std::count(events.begin(), events.end(), kind));
}

}  // namespace

TEST_CASE(
    "a replay makes subscriptions first, with what is left of their limit, then sends the offline buffer in order",
    "[reconnect]") {
  scripted_world w;
  w.connect();
  auto limited = w.nc.subscribe("a", {.max_messages = 5});
  auto queue = w.nc.subscribe("b.>", {.queue = "q"});
  {
    auto gone = w.nc.subscribe("gone");
  }
  w.settle();
  CHECK(w.take_received() == "SUB a 1\r\nUNSUB 1 5\r\nSUB b.> q 2\r\nSUB gone 3\r\nUNSUB 3\r\n");
  w.say("MSG a 1 1\r\nx\r\nMSG a 1 1\r\ny\r\n");
  w.lose_link();
  CHECK(w.nc.status() == innate::status::reconnecting);
  CHECK_FALSE(w.nc.try_publish("b.1", "1"));
  auto late = w.nc.subscribe("late");
  CHECK_FALSE(w.nc.try_publish("b.2", innate::owned_payload{std::string(5000, 'o')}));
  const auto sent = reconnect(w);
  CHECK(sent.starts_with("SUB a 1\r\nUNSUB 1 3\r\nSUB b.> q 2\r\n"));
  CHECK(sent.find("SUB late ") < sent.find("PUB b.1 1\r\n1\r\n"));
  CHECK(sent.ends_with("PUB b.1 1\r\n1\r\nPUB b.2 5000\r\n" + std::string(5000, 'o') + "\r\n"));
  CHECK(sent.find("gone") == std::string::npos);
}

TEST_CASE("a limit that is set after a reconnect is told as that link counts it", "[reconnect]") {
  scripted_world w;
  w.connect();
  auto sub = w.nc.subscribe("a");
  w.say("MSG a 1 1\r\nx\r\nMSG a 1 1\r\ny\r\n");
  CHECK(reconnect(w) == "SUB a 1\r\n");
  CHECK_FALSE(sub.auto_unsubscribe(5));
  w.settle();
  CHECK(w.take_received() == "UNSUB 1 3\r\n");
}

TEST_CASE("NoPartialOnReconnect: a frame that was begun is not sent again, the rest is", "[reconnect]") {
  for (const std::size_t taken : {1U, 9U, 10U, 11U, 21U, 25U}) {
    scripted_world w;
    w.connect();
    w.server().block();
    CHECK_FALSE(w.nc.try_publish("a", "11"));  // "PUB a 2\r\n11\r\n": 13 bytes each
    CHECK_FALSE(w.nc.try_publish("b", "22"));
    CHECK_FALSE(w.nc.try_publish("c", "33"));
    w.settle();
    w.server().most_per_write = taken;
    w.server().take_one_write = true;
    w.server().unblock();
    w.settle();
    CHECK(w.take_received().size() == taken);
    const auto again = reconnect(w);
    CHECK(again == (taken < 13 ? "PUB b 2\r\n22\r\nPUB c 2\r\n33\r\n" : "PUB c 2\r\n33\r\n"));
    CHECK(w.nc.statistics().discarded_frames == 1);
  }
}

TEST_CASE("the offline buffer is bounded: full is an error, 0 fails fast, nothing else is lost", "[reconnect]") {
  auto opts = scripted_world::quick();
  opts.reconnect.buffer = 30;
  scripted_world w{opts};
  w.connect();
  w.lose_link();
  CHECK_FALSE(w.nc.try_publish("a", "11"));
  CHECK_FALSE(w.nc.try_publish("b", "22"));
  CHECK(w.nc.try_publish("c", "33") == errc::reconnect_buffer_full);
  CHECK(reconnect(w) == "PUB a 2\r\n11\r\nPUB b 2\r\n22\r\n");
  CHECK_FALSE(w.nc.try_publish("c", "33"));

  opts.reconnect.buffer = 0;
  scripted_world fast{opts};
  fast.connect();
  fast.lose_link();
  CHECK(fast.nc.try_publish("a", "1") == errc::not_connected);
}

TEST_CASE("ping_not_starved_by_frequent_publishes, and an unanswered one too many ends the link", "[reconnect]") {
  auto opts = scripted_world::quick();
  opts.ping_interval = 1s;
  opts.max_pings_out = 2;
  scripted_world w{opts};
  w.connect();
  std::string sent;
  for (int i = 0; i != 4; ++i) {
    CHECK_FALSE(w.nc.try_publish("a", "x"));
    w.advance(250ms);
    sent += w.take_received();
  }
  CHECK(sent.ends_with("PING\r\n"));
  w.say("PONG\r\n");
  w.advance(1s);
  w.advance(1s);
  CHECK(w.take_received() == "PING\r\nPING\r\n");
  CHECK(w.nc.status() == innate::status::connected);
  w.advance(1s);
  CHECK(w.nc.status() == innate::status::reconnecting);
  CHECK(w.nc.last_error().code == errc::stale_connection);
}

TEST_CASE("ReconnectFailsPendingRequest, and a pending flush", "[reconnect]") {
  scripted_world w;
  w.connect();
  w.spawn([&]() -> asio::awaitable<void> { co_await w.nc.request("svc", "?"); });
  w.lose_link();
  CHECK(w.finished == 1);
  CHECK(w.failure == errc::connection_lost);
  w.spawn([&]() -> asio::awaitable<void> { co_await w.nc.flush(); });  // offline: waits for the next link
  CHECK(w.finished == 1);
  const auto sent = reconnect(w);
  CHECK(sent.find("PING\r\n") != std::string::npos);
  w.say("PONG\r\n");
  CHECK(w.finished == 2);
}

TEST_CASE("force_reconnect keeps subscriptions and says why", "[reconnect]") {
  scripted_world w;
  w.connect();
  auto sub = w.nc.subscribe("a");
  w.settle();
  w.nc.force_reconnect();
  w.settle();
  CHECK(w.nc.last_error().code == errc::reconnect_forced);
  w.advance(100ms);
  REQUIRE(w.env->links.size() == 2);
  w.greet();
  w.say("MSG a 1 1\r\nx\r\n");
  CHECK(sub.try_next().value().data() == "x");
}

TEST_CASE("set_server_pool: a new list is dialed at the next attempt, a bad one changes nothing", "[pool]") {
  scripted_world w;
  w.connect();
  CHECK(w.nc.set_servers({"nats://two:2", "http://three"}).error().code == errc::unsupported_scheme);
  CHECK(w.nc.set_servers({}).error().code == errc::no_servers);
  REQUIRE(w.nc.servers().size() == 1);
  CHECK(w.nc.servers()[0].url == "nats://one:1");
  REQUIRE(w.nc.set_servers({"nats://two:2"}));
  CHECK(w.nc.status() == innate::status::connected);
  static_cast<void>(reconnect(w));
  CHECK(w.env->dialed.back() == "nats://two:2");
  CHECK(w.nc.current_server() == "nats://two:2");
}

TEST_CASE("reconnect_callback: the hook chooses server and delay", "[pool]") {
  innate::options opts{"nats://one:1,nats://two:2,nats://three:3"};
  opts.randomize = false;
  std::vector<std::size_t> seen;
  opts.reconnect.pick_server = [&](std::span<const innate::server_state> pool, const innate::protocol::server_info&) {
    seen.push_back(pool.size());
    return innate::server_choice{2, 5s};
  };
  scripted_world w{opts};
  w.start();
  CHECK(w.env->dialed.empty());
  w.advance(5s);
  CHECK(w.env->dialed == std::vector<std::string>{"nats://three:3"});
  CHECK(seen == std::vector<std::size_t>{3});
}

TEST_CASE("reconnect_callback: an index outside the pool closes with the index named", "[pool]") {
  auto opts = scripted_world::quick();
  opts.reconnect.pick_server = [](auto, const auto&) { return innate::server_choice{7}; };
  scripted_world w{opts};
  w.start();
  CHECK(w.ended);
  CHECK(w.end_reason == errc::pick_outside_pool);
  CHECK(w.nc.last_error().detail.find("index 7 of 1") != std::string::npos);
}

TEST_CASE("discovered servers join the pool and are told once", "[pool]") {
  scripted_world w;
  w.connect();
  w.say("INFO {\"proto\":1,\"headers\":true,\"max_payload\":1000,\"connect_urls\":[\"two:2\",\"[::1]:3\"]}\r\n");
  w.say("INFO {\"proto\":1,\"headers\":true,\"max_payload\":1000,\"connect_urls\":[\"two:2\",\"[::1]:3\"]}\r\n");
  CHECK(w.nc.servers().size() == 3);
  CHECK(count(w.events(), event_kind::servers_discovered) == 1);
}

TEST_CASE("with reconnect off the first lost link closes, and closed is the last event, once", "[reconnect]") {
  auto opts = scripted_world::quick();
  opts.reconnect.enabled = false;
  scripted_world w{opts};
  w.connect();
  auto sub = w.nc.subscribe("a");
  w.spawn([&]() -> asio::awaitable<void> { co_await sub.next(); });
  w.lose_link();
  CHECK(w.ended);
  CHECK(w.end_reason == errc::server_closed_connection);
  CHECK(w.finished == 1);
  CHECK(w.failure == errc::server_closed_connection);
  const auto events = w.events();
  REQUIRE_FALSE(events.empty());
  CHECK(events.back() == event_kind::closed);
  CHECK(count(events, event_kind::closed) == 1);
}

TEST_CASE("waits between rounds grow and max_attempts empties the pool", "[reconnect]") {
  auto opts = scripted_world::quick();
  opts.reconnect.max_attempts = 3;
  opts.reconnect.max_wait = 300ms;
  scripted_world w{opts};
  w.connect();
  w.env->refuse = true;
  w.lose_link();
  const auto dials = [&] { return w.env->dialed.size(); };
  w.advance(100ms);
  const auto first = dials();
  CHECK(first >= 2);
  w.advance(2s);
  w.advance(2s);
  w.advance(2s);
  CHECK(dials() == 4);  // the first link, then three failed attempts
  CHECK(w.ended);
  CHECK(w.end_reason == asio::error::connection_refused);
}

TEST_CASE("a permissions violation ends the subscription or the request it names, and keeps the link", "[errors]") {
  scripted_world w;
  w.connect();
  auto sub = w.nc.subscribe("secret", {.queue = "q"});
  auto other = w.nc.subscribe("open");
  w.settle();
  w.say("-ERR 'Permissions Violation for Subscription to \"secret\" using queue \"q\"'\r\n");
  CHECK(sub.sid() == 0);
  CHECK(other.sid() != 0);
  w.spawn([&]() -> asio::awaitable<void> { co_await sub.next(); });
  CHECK(w.failure == innate::server_errc::permissions_violation);
  w.spawn([&]() -> asio::awaitable<void> { co_await w.nc.request("denied", "?"); });
  w.say("-ERR 'Permissions Violation for Publish to \"denied\"'\r\n");
  CHECK(w.finished == 2);
  CHECK(w.failure == innate::server_errc::permissions_violation);
  CHECK(w.nc.status() == innate::status::connected);
  const auto sent = reconnect(w);
  CHECK(sent.find("secret") == std::string::npos);
}
