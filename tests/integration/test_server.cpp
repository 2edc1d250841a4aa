// SPDX-License-Identifier: Apache-2.0
#include "support/nats_server.hpp"
#include "support/run.hpp"

#include <catch2/catch_test_macros.hpp>

using innate::errc;
using innate::event_kind;
using innate::server_errc;
using namespace std::chrono_literals;
using test::code_of;
using test::quick;

TEST_CASE("publish, headers, wildcard, queue group and flush on a real server", "[server]") {
  test::nats_server server;
  test::run([&]() -> asio::awaitable<void> {
    auto nc = co_await innate::connect(quick(server.url()));
    auto all = nc.subscribe("t.>");
    auto one = nc.subscribe("t.*", {.queue = "q"});
    auto two = nc.subscribe("t.*", {.queue = "q"});
    innate::headers h;
    h.add("K", "1").add("K", "2");
    for (int i = 0; i != 100; ++i) co_await nc.publish("t.x", std::to_string(i), {.reply = "r", .headers = h});
    co_await nc.flush();
    CHECK(all.pending_messages() == 100);
    CHECK(one.pending_messages() + two.pending_messages() == 100);
    for (int i = 0; i != 100; ++i) {
      const auto m = co_await all.next();
      CHECK(m->data() == std::to_string(i));
      CHECK(m->reply() == "r");
      CHECK(m->headers().values("K") == std::vector<std::string_view>{"1", "2"});
    }
    const auto rtt = co_await nc.rtt();
    CHECK(rtt > innate::duration::zero());
    one = innate::subscription{};  // a drain waits for what is queued to be consumed
    two = innate::subscription{};
    co_await nc.drain();
    CHECK(nc.status() == innate::status::closed);
  });
}

TEST_CASE("request, no responders and timeout on a real server", "[server]") {
  test::nats_server server;
  test::run([&]() -> asio::awaitable<void> {
    auto nc = co_await innate::connect(quick(server.url()));
    auto silent = nc.subscribe("silent");
    const auto nobody = co_await code_of(nc.request("nobody", "?"));
    CHECK(nobody == errc::no_responders);
    const auto late = co_await code_of(nc.request("silent", "?", {.timeout = 20ms}));
    CHECK(late == errc::timeout);
    auto requests = nc.subscribe("svc");
    nc.run([](std::error_code again) { CHECK(again == errc::already_running); });
    requests.for_each([&](const innate::message& m) { CHECK_FALSE(nc.try_respond(m, m.data())); },
                      [](std::error_code) {});
    for (int i = 0; i != 200; ++i) {
      const auto reply = co_await nc.request("svc", std::to_string(i));
      CHECK(reply.data() == std::to_string(i));
    }
  });
}

TEST_CASE("user, token, and credentials that are refused", "[server]") {
  test::nats_server users{"authorization { user: joe, password: \"s3cret/\" }"};
  test::nats_server tokens{"authorization { token: t0k }"};
  test::run([&]() -> asio::awaitable<void> {
    auto by_url = co_await innate::connect(quick(users.url("joe:s3cret%2F")));
    auto by_token = co_await innate::connect(quick(tokens.url("t0k")));
    auto opts = quick(users.url());
    opts.auth.user = "joe";
    opts.auth.password = "wrong";
    const auto refused = co_await code_of(innate::connect(opts));
    CHECK(refused == server_errc::authorization_violation);
    opts.auth_callback = [] {
      innate::credentials c;
      c.user = "joe";
      c.password = "s3cret/";
      return c;
    };
    auto by_callback = co_await innate::connect(opts);
    CHECK(by_callback.status() == innate::status::connected);
  });
}

TEST_CASE("a permissions violation ends the subscription or the request it names", "[server]") {
  test::nats_server server{"authorization { users: [ { user: a, password: b, permissions: {"
                           "  publish: { deny: [ \"secret\" ] }, subscribe: { deny: [ \"secret.>\" ] } } } ] }"};
  test::run([&]() -> asio::awaitable<void> {
    auto nc = co_await innate::connect(quick(server.url("a:b")));
    auto allowed = nc.subscribe("open");
    auto denied = nc.subscribe("secret.a");
    const auto reason = co_await denied.closed();
    CHECK(reason == server_errc::permissions_violation);
    const auto next_denied = co_await code_of(denied.next());
    CHECK(next_denied == server_errc::permissions_violation);
    const auto request_denied = co_await code_of(nc.request("secret", "?"));
    CHECK(request_denied == server_errc::permissions_violation);
    co_await nc.publish("open", "still here");
    const auto message = co_await allowed.next();
    CHECK(message->data() == "still here");
  });
}

TEST_CASE("payload_size_boundary_matches_server", "[server]") {
  test::nats_server server{"max_payload: 1000"};
  test::run([&]() -> asio::awaitable<void> {
    auto nc = co_await innate::connect(quick(server.url()));
    auto sub = nc.subscribe("a");
    co_await nc.publish("a", std::string(1000, 'x'));
    const auto whole = co_await sub.next();
    CHECK(whole->data().size() == 1000);
    CHECK(nc.try_publish("a", std::string(1001, 'x')) == errc::max_payload_exceeded);
    innate::headers h;
    h.add("K", "v");
    const auto room = 1000 - h.encoded().size();
    CHECK(nc.try_publish("a", std::string(room + 1, 'x'), {.reply = {}, .headers = h}) == errc::max_payload_exceeded);
    co_await nc.publish("a", std::string(room, 'x'), {.reply = {}, .headers = h});
    const auto full = co_await sub.next();
    CHECK(full->data().size() == room);
    CHECK(nc.statistics().disconnects == 0);
  });
}

TEST_CASE("echo off, verbose and pedantic", "[server]") {
  test::nats_server server;
  test::run([&]() -> asio::awaitable<void> {
    auto opts = quick(server.url());
    opts.echo = false;
    opts.verbose = true;
    opts.pedantic = true;
    auto nc = co_await innate::connect(opts);
    auto own = nc.subscribe("a");
    co_await nc.publish("a", "x");
    co_await nc.flush();
    CHECK(own.pending_messages() == 0);
  });
}

TEST_CASE("lame duck mode is told once", "[server]") {
  test::nats_server server{"lame_duck_duration: \"30s\", lame_duck_grace_period: \"1s\""};
  test::run([&]() -> asio::awaitable<void> {
    auto nc = co_await innate::connect(quick(server.url()));
    server.signal(SIGUSR2);
    co_await test::event_of(nc, event_kind::lame_duck);
    CHECK(nc.server_info().ldm);
  });
}

TEST_CASE("ClientAutoUnsubAndReconnect: the limit counts across links", "[server]") {
  test::nats_server server;
  test::run([&]() -> asio::awaitable<void> {
    auto nc = co_await innate::connect(quick(server.url()));
    auto sub = nc.subscribe("a", {.max_messages = 5});
    for (int i = 0; i != 3; ++i) co_await nc.publish("a", "x");
    co_await nc.flush();
    nc.force_reconnect();
    co_await test::event_of(nc, event_kind::reconnected);
    for (int i = 0; i != 10; ++i) co_await nc.publish("a", "x");
    co_await nc.flush();
    int got = 0;
    while (auto m = co_await sub.next()) ++got;
    CHECK(got == 5);
  });
}

TEST_CASE("DrainSubNotResentOnReconnect, and a drain delivers what was sent before", "[server]") {
  test::nats_server server;
  test::run([&]() -> asio::awaitable<void> {
    auto nc = co_await innate::connect(quick(server.url()));
    auto sub = nc.subscribe("a");
    for (int i = 0; i != 50; ++i) co_await nc.publish("a", "x");
    co_await sub.drain();
    co_await nc.publish("a", "after");
    nc.force_reconnect();
    co_await test::event_of(nc, event_kind::reconnected);
    co_await nc.publish("a", "after");
    co_await nc.flush();
    int got = 0;
    while (auto m = co_await sub.next()) ++got;
    CHECK(got == 50);
  });
}

TEST_CASE("the server killed ten times: arrivals strictly increase, nothing comes twice", "[server][restart]") {
  test::nats_server server;
  test::run(
      [&]() -> asio::awaitable<void> {
        auto publisher = co_await innate::connect(quick(server.url()));
        auto listener = co_await innate::connect(quick(server.url()));
        auto sub = listener.subscribe("numbers");
        co_await listener.flush();
        long next = 0;
        long last = -1;
        for (int round = 0; round != 10; ++round) {
          for (int i = 0; i != 500; ++i) CHECK_FALSE(publisher.try_publish("numbers", std::to_string(next++)));
          server.kill();
          co_await test::event_of(publisher, event_kind::disconnected);
          for (int i = 0; i != 500; ++i) CHECK_FALSE(publisher.try_publish("numbers", std::to_string(next++)));
          server.start();
          co_await test::event_of(listener, event_kind::reconnected);
          co_await test::event_of(publisher, event_kind::reconnected);
          co_await listener.flush();
          const auto mark = next++;
          co_await publisher.publish("numbers", std::to_string(mark));
          while (last != mark) {
            const auto m = co_await sub.next();
            const auto number = std::stol(std::string{m->data()});
            REQUIRE(number > last);
            last = number;
          }
        }
        CHECK(publisher.statistics().connects == 11);
      },
      60s);
}

TEST_CASE("nothing of the offline buffer is missing when the subscriber is back first", "[server][restart]") {
  test::nats_server server;
  test::run([&]() -> asio::awaitable<void> {
    bool hold = true;
    auto slow = quick(server.url());
    slow.reconnect.delay = [&](std::uint32_t) -> innate::duration { return hold ? 1h : 10ms; };
    auto publisher = co_await innate::connect(slow);
    auto listener = co_await innate::connect(quick(server.url()));
    auto sub = listener.subscribe("numbers");
    co_await listener.flush();
    server.kill();
    co_await test::event_of(publisher, event_kind::connect_failed);
    for (int i = 0; i != 10'000; ++i) CHECK_FALSE(publisher.try_publish("numbers", std::to_string(i)));
    server.start();
    co_await test::event_of(listener, event_kind::reconnected);
    co_await listener.flush();
    hold = false;
    publisher.force_reconnect();
    for (int i = 0; i != 10'000; ++i) {
      const auto m = co_await sub.next();
      REQUIRE(m->data() == std::to_string(i));
    }
  });
}

TEST_CASE("cluster: servers are discovered, and the client moves to one it was not told of", "[server][cluster]") {
  const auto routes = [](int own, int other) {
    return "cluster { name: c, listen: 127.0.0.1:" + std::to_string(own) +
           ", routes: [nats-route://127.0.0.1:" + std::to_string(other) + "] }";
  };
  const int route_a = test::free_port();
  const int route_b = test::free_port();
  test::nats_server a{routes(route_a, route_b)};
  test::nats_server b{routes(route_b, route_a)};
  test::run([&]() -> asio::awaitable<void> {
    auto nc = co_await innate::connect(quick(a.url()));
    const auto found = co_await test::event_of(nc, event_kind::servers_discovered);
    CHECK(found.servers == std::vector<std::string>{b.url()});
    auto sub = nc.subscribe("t");
    co_await nc.flush();
    a.kill();
    co_await test::event_of(nc, event_kind::reconnected);
    CHECK(nc.current_server() == b.url());
    co_await nc.publish("t", "moved");
    const auto m = co_await sub.next(10s);
    CHECK(m->data() == "moved");
  });
}

TEST_CASE("set_server_pool and force_reconnect move the connection, subscriptions and all", "[server]") {
  test::nats_server a;
  test::nats_server b;
  test::run([&]() -> asio::awaitable<void> {
    auto nc = co_await innate::connect(quick(a.url()));
    auto sub = nc.subscribe("t");
    REQUIRE(nc.set_servers({b.url()}));
    nc.force_reconnect();
    co_await test::event_of(nc, event_kind::reconnected);
    CHECK(nc.current_server() == b.url());
    co_await nc.publish("t", "x");
    const auto m = co_await sub.next(10s);
    CHECK(m->data() == "x");
  });
}
