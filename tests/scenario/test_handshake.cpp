// SPDX-License-Identifier: Apache-2.0
#include "../support/scripted_world.hpp"

#include <catch2/catch_test_macros.hpp>

using innate::errc;
using namespace std::chrono_literals;
using test::scripted_world;

TEST_CASE("connect sends CONNECT and PING after INFO and is ready at the PONG", "[handshake]") {
  scripted_world w;
  w.start();
  CHECK(w.nc.status() == innate::status::connecting);
  CHECK(w.take_received().empty());
  w.say(test::info);
  const auto greeting = w.take_received();
  CHECK(greeting.starts_with("CONNECT {"));
  CHECK(greeting.ends_with("}\r\nPING\r\n"));
  CHECK(w.nc.status() == innate::status::connecting);
  w.say("PONG\r\n");
  CHECK(w.nc.status() == innate::status::connected);
  CHECK(w.events() == std::vector{innate::event_kind::connected});
}

TEST_CASE("handshake_timeout_no_info, no_pong and a dial that hangs end at the connect deadline", "[handshake]") {
  for (const int stage : {0, 1, 2}) {
    scripted_world w;
    w.env->hang_dialing = stage == 0;
    w.start();
    if (stage == 2) w.say(test::info);
    w.advance(4'999ms);
    CHECK_FALSE(w.ended);
    w.advance(1ms);
    CHECK(w.ended);
    CHECK(w.end_reason == errc::connect_timeout);
  }
}

TEST_CASE("a server that sends bad things during the handshake is a distinct error each time", "[handshake]") {
  struct bad {
    std::string said;
    std::error_code expected;
  };
  const std::vector<bad> cases{
      {"HTTP/1.1 400 Bad Request\r\n\r\n", errc::protocol_error},
      {"INFO {not json}\r\n", errc::invalid_info},
      {"PONG\r\n", errc::unexpected_handshake},
      {"MSG a 1 -5\r\n", errc::inbound_size_invalid},
      {"MSG a 1 99999999999999999999999\r\n", errc::inbound_size_invalid},
      {"MSG a 1 999999999999\r\n", errc::inbound_payload_too_large},
      {"INFO " + std::string(2 << 20, 'x'), errc::inbound_line_too_long},
      {"-ERR 'Authorization Violation'\r\n", innate::server_errc::authorization_violation},
      {"INFO {\"tls_required\":true}\r\n", errc::tls_required},
  };
  for (const auto& c : cases) {
    scripted_world w;
    w.start();
    w.say(c.said);
    CHECK(w.ended);
    CHECK(w.end_reason == c.expected);
    CHECK_FALSE(w.nc.last_error().detail.empty());
  }
}

TEST_CASE("every server of the pool is tried once before a first connect fails", "[handshake]") {
  auto opts = scripted_world::quick();
  opts.set_servers("nats://one:1,nats://two:2,nats://three:3");
  opts.randomize = false;
  scripted_world w{opts};
  w.env->refuse = true;
  w.start();
  CHECK(w.ended);
  CHECK(w.end_reason == asio::error::connection_refused);
  CHECK(w.env->dialed == std::vector<std::string>{"nats://one:1", "nats://two:2", "nats://three:3"});
}

TEST_CASE("retry_first_connect goes on with back-off", "[handshake]") {
  auto opts = scripted_world::quick();
  opts.reconnect.retry_first_connect = true;
  scripted_world w{opts};
  w.env->refuse = true;
  w.start();
  CHECK_FALSE(w.ended);
  CHECK(w.env->dialed.size() == 1);
  w.advance(99ms);
  CHECK(w.env->dialed.size() == 1);
  w.advance(1ms);
  CHECK(w.env->dialed.size() == 2);
  w.advance(199ms);
  CHECK(w.env->dialed.size() == 2);
  w.env->refuse = false;
  w.advance(1ms);
  w.greet();
  CHECK(w.nc.status() == innate::status::connected);
}

TEST_CASE("ReceiveINFORightAfterFirstPONG", "[handshake]") {
  scripted_world w;
  w.start();
  w.say(test::info);
  w.say("PONG\r\nINFO "
        "{\"proto\":1,\"headers\":true,\"max_payload\":10,\"connect_info\":true,\"remote_account\":\"A\"}\r\n");
  CHECK(w.nc.status() == innate::status::connected);
  CHECK(w.nc.server_info().remote_account == "A");
  CHECK(w.nc.try_publish("a", "12345678901") == errc::max_payload_exceeded);
}

TEST_CASE("StopReconnectAfterTwoAuthErr", "[handshake]") {
  auto opts = scripted_world::quick();
  opts.reconnect.retry_first_connect = true;
  scripted_world w{opts};
  w.start();
  w.say(test::info);
  w.say("-ERR 'Authorization Violation'\r\n");
  CHECK_FALSE(w.ended);
  w.advance(100ms);
  w.say(test::info);
  w.say("-ERR 'Authorization Violation'\r\n");
  CHECK(w.ended);
  CHECK(w.end_reason == innate::server_errc::authorization_violation);
}

TEST_CASE("the credentials callback is asked at every attempt", "[handshake]") {
  auto opts = scripted_world::quick();
  int asked = 0;
  opts.auth_callback = [&] {
    innate::credentials c;
    c.token = "t" + std::to_string(++asked);
    return c;
  };
  scripted_world w{opts};
  w.start();
  w.say(test::info);
  CHECK(w.take_received().find("\"auth_token\":\"t1\"") != std::string::npos);
  w.say("PONG\r\n");
  w.lose_link();
  w.say(test::info);
  CHECK(w.take_received().find("\"auth_token\":\"t2\"") != std::string::npos);
}

TEST_CASE("invalid options and an empty server list never dial", "[handshake]") {
  auto opts = scripted_world::quick();
  opts.servers.clear();
  scripted_world w{opts};
  w.start();
  CHECK(w.end_reason == errc::no_servers);
  CHECK(w.env->dialed.empty());
}

TEST_CASE("the link failing at each step of the handshake is survived", "[handshake]") {
  const std::string script = std::string{test::info} + "PONG\r\nMSG a 1 2\r\nhi\r\n";
  for (std::size_t cut = 0; cut <= script.size(); ++cut) {
    auto opts = scripted_world::quick();
    opts.reconnect.retry_first_connect = true;
    scripted_world w{opts};
    auto sub = w.nc.subscribe("a");
    w.start();
    w.say(std::string_view{script}.substr(0, cut));
    w.lose_link();
    w.advance(100ms);
    REQUIRE(w.env->links.size() == 2);
    w.greet();
    REQUIRE(w.nc.status() == innate::status::connected);
    CHECK(w.take_received().ends_with("SUB a 1\r\n"));
    CHECK(sub.pending_messages() == (cut == script.size() ? 1U : 0U));
  }
}
