// SPDX-License-Identifier: Apache-2.0
#include "../support/scripted_world.hpp"

#include <innate/typed.hpp>

#include <catch2/catch_test_macros.hpp>

using innate::errc;
using innate::event_kind;
using innate::field;
using innate::fields;
using namespace innate::literals;
using namespace std::chrono_literals;
using test::scripted_world;

namespace {

struct note {
  std::string_view from{};
  int count = 0;
  using payload_fields = fields<field<"from", &note::from>, field<"count", &note::count>>;
};
struct query {
  std::string_view id{};
  using payload_fields = fields<field<"id", &query::id>>;
};
using inbox = innate::event<"agent.{agent_id}.inbox", note>;
using broadcast = innate::event<"agent.broadcast", note>;
using status = innate::request_event<"agent.{agent_id}.status", query, note>;
using blob = innate::event<"blob.{id}", std::string_view, innate::raw_codec>;

}  // namespace

TEST_CASE("an event is published on its subject with its payload", "[event]") {
  scripted_world w;
  w.connect();
  const note n{"a", 3};
  CHECK_FALSE(w.nc.try_publish<inbox>("agent_id"_p = "b", n));
  CHECK_FALSE(w.nc.try_publish<broadcast>(n));
  CHECK_FALSE(w.nc.try_publish<blob>("id"_p = 7, std::string_view{"\x01\x02"}));
  w.spawn([&]() -> asio::awaitable<void> { co_await w.nc.publish<inbox>({.reply = "r"}, "agent_id"_p = "c", n); });
  CHECK(w.take_received() == "PUB agent.b.inbox 22\r\n{\"from\":\"a\",\"count\":3}\r\n"
                             "PUB agent.broadcast 22\r\n{\"from\":\"a\",\"count\":3}\r\n"
                             "PUB blob.7 2\r\n\x01\x02\r\n"
                             "PUB agent.c.inbox r 22\r\n{\"from\":\"a\",\"count\":3}\r\n");
}

TEST_CASE("a bad parameter or payload sends nothing and says which", "[event]") {
  scripted_world w;
  w.connect();
  CHECK(w.nc.try_publish<inbox>("agent_id"_p = "b.c", note{}) == errc::invalid_parameter);
  CHECK(w.nc.last_error().detail ==
        "event 'agent.{agent_id}.inbox': parameter 'agent_id' of 'agent.{agent_id}.inbox': 'b.c' contains a dot at "
        "position 1");
  CHECK(w.nc.try_publish<inbox>("agent_id"_p = "b", note{"\xff"}) == errc::payload_not_encodable);
  CHECK(w.nc.last_error().detail == "event 'agent.{agent_id}.inbox': field 'from': the text is not UTF-8");
  CHECK_THROWS(w.nc.subscribe<inbox>("agent_id"_p = ""));
  w.spawn([&]() -> asio::awaitable<void> { co_await w.nc.publish<inbox>("agent_id"_p = "*", note{}); });
  CHECK(w.failure == errc::invalid_parameter);
  w.spawn([&]() -> asio::awaitable<void> {
    static_cast<void>(co_await w.nc.request<status>("agent_id"_p = "", query{"1"}));
  });
  CHECK(w.finished == 2);
  CHECK(w.failure == errc::invalid_parameter);
  CHECK(w.take_received().empty());
}

TEST_CASE("a subscription to an event takes all of it, or fixed parameters", "[event]") {
  scripted_world w;
  w.connect();
  auto all = w.nc.subscribe<inbox>({.queue = "q"});
  auto one = w.nc.subscribe<inbox>("agent_id"_p = "b");
  w.settle();
  CHECK(w.take_received() == "SUB agent.*.inbox q 1\r\nSUB agent.b.inbox 2\r\n");
  w.deliver("agent.b.inbox 1", R"({"count":3,"from":"a"})");
  auto got = all.try_next();
  REQUIRE(got);
  CHECK(got->param<"agent_id">() == "b");
  CHECK((*got)->from == "a");
  CHECK((*got)->count == 3);
}

TEST_CASE("what cannot be understood is told with subject and reason, and passed over", "[event]") {
  scripted_world w;
  w.connect();
  auto sub = w.nc.subscribe<inbox>();
  std::vector<int> got;
  w.spawn([&]() -> asio::awaitable<void> {
    while (auto ev = co_await sub.next()) got.push_back((*ev)->count);
  });
  w.deliver("agent.b.inbox 1", "{}x");
  w.deliver("mapped.b 1", R"({"count":1,"from":"a"})");
  w.deliver("agent.b.inbox 1", R"({"count":2,"from":"a"})");
  CHECK(got == std::vector<int>{2});
  std::vector<std::string> told;
  w.spawn([&]() -> asio::awaitable<void> {
    while (auto e = co_await w.nc.next_event())
      if (e->kind == event_kind::unreadable_message) told.push_back(e->subject + ": " + e->code.message());
  });
  CHECK(told == std::vector<std::string>{"agent.b.inbox: the payload is not JSON",
                                         "mapped.b: the subject is not of the template of its event"});
}

TEST_CASE("events outlive their message's subscription and connection, and may be moved", "[event]") {
  innate::received<inbox> kept;
  {
    scripted_world w;
    w.connect();
    auto sub = w.nc.subscribe<inbox>();
    w.deliver("agent.b.inbox 1", R"({"from":"a\u00fc","count":1})");
    auto got = sub.try_next();
    REQUIRE(got);
    kept = std::move(*got);
  }
  CHECK(kept->from == "aü");
  CHECK(kept.param<"agent_id">() == "b");
}

TEST_CASE("a request event is answered with its reply, or with why it cannot be read", "[event]") {
  scripted_world w;
  w.connect();
  auto requests = w.nc.subscribe<status>();
  w.settle();
  static_cast<void>(w.take_received());
  w.deliver("agent.b.status 1 reply.1", R"({"id":"r1"})");
  auto asked = requests.try_next();
  REQUIRE(asked);
  CHECK_FALSE(w.nc.try_respond(*asked, note{"b", 1}));
  w.settle();
  CHECK(w.take_received() == "PUB reply.1 22\r\n{\"from\":\"b\",\"count\":1}\r\n");
  w.deliver("agent.b.status 1", R"({"id":"r2"})");
  CHECK(w.nc.try_respond(requests.try_next().value(), note{}) == errc::no_reply_subject);

  int count = 0;
  for (const std::string answer : {R"({"from":"b","count":5})", R"({"from":"b"})"}) {
    w.spawn([&]() -> asio::awaitable<void> {
      count = (co_await w.nc.request<status>("agent_id"_p = "b", query{"1"}))->count;
    });
    const auto sent = w.take_received();
    const auto at = sent.find("_INBOX.", sent.find("PUB agent.b.status "));
    const auto reply = sent.substr(at, sent.find(' ', at) - at);
    w.deliver(reply + " 2", answer);
  }
  CHECK(count == 5);
  CHECK(w.finished == 2);
  CHECK(w.failure == errc::payload_field_missing);
}

TEST_CASE("for_each hands out events, to plain and to awaiting handlers", "[event]") {
  scripted_world w;
  w.connect();
  auto a = w.nc.subscribe<inbox>({.max_messages = 2});
  auto b = w.nc.subscribe<inbox>({.max_messages = 2});
  int sum = 0;
  w.spawn(
      [&]() -> asio::awaitable<void> { co_await a.for_each([&](innate::received<inbox> ev) { sum += ev->count; }); });
  w.spawn([&]() -> asio::awaitable<void> {
    co_await b.for_each([&](innate::received<inbox> ev) -> asio::awaitable<void> {
      sum += 10 * ev->count;
      co_return;
    });
  });
  for (const char* sid : {"1", "2"}) {
    w.deliver("agent.b.inbox " + std::string{sid}, "null");
    w.deliver("agent.b.inbox " + std::string{sid}, R"({"from":"a","count":2})");
  }
  CHECK(sum == 22);
  CHECK(w.finished == 2);
}
