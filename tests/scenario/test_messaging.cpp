// SPDX-License-Identifier: Apache-2.0
#include "../support/scripted_world.hpp"

#include <asio/bind_cancellation_slot.hpp>
#include <asio/bind_executor.hpp>
#include <catch2/catch_test_macros.hpp>

using innate::errc;
using namespace std::chrono_literals;
using test::scripted_world;

TEST_CASE("publish writes whole frames in order, at the call and not at the await", "[publish]") {
  scripted_world w;
  w.connect();
  innate::headers h;
  h.add("Trace", "1").add("Trace", "2");
  const auto first = w.nc.publish("a", "x");  // never awaited
  CHECK_FALSE(w.nc.try_publish("b", "yy", {.reply = "r"}));
  CHECK_FALSE(w.nc.try_publish("c", "z", {.reply = {}, .headers = h}));
  w.settle();
  CHECK(w.take_received() ==
        "PUB a 1\r\nx\r\nPUB b r 2\r\nyy\r\nHPUB c 32 33\r\nNATS/1.0\r\nTrace: 1\r\nTrace: 2\r\n\r\nz\r\n");
}

TEST_CASE("large owned payloads are sent in place, in order", "[publish]") {
  scripted_world w;
  w.connect();
  const std::string big(100'000, 'b');
  w.server().most_per_write = 7'001;
  CHECK_FALSE(w.nc.try_publish("a", "1"));
  CHECK_FALSE(w.nc.try_publish("b", innate::owned_payload{std::string{big}}));
  CHECK_FALSE(w.nc.try_publish("c", "3"));
  w.settle();
  CHECK(w.take_received() == "PUB a 1\r\n1\r\nPUB b 100000\r\n" + big + "\r\nPUB c 1\r\n3\r\n");
}

TEST_CASE("bad subjects, replies and sizes are refused and nothing is sent", "[publish]") {
  scripted_world w;
  w.connect();
  const std::vector<std::string> subjects{"a b", "a\r\nPING", std::string("a\0b", 3), "", "a..b", ".a", "a."};
  for (const auto& bad : subjects) {
    const auto failed = w.nc.try_publish(bad, "x");
    CHECK(failed == errc::invalid_subject);
    CHECK(w.nc.last_error().code == failed);
  }
  CHECK(w.nc.try_publish(std::string{"a.*"}, "x") == errc::invalid_wildcard);
  CHECK(w.nc.try_publish("a", "x", {.reply = "r r"}) == errc::invalid_subject);
  CHECK(w.nc.try_publish("a", std::string(1048577, 'x')) == errc::max_payload_exceeded);
  CHECK(w.nc.try_publish(std::string(5000, 'a'), "x") == errc::control_line_too_long);
  CHECK_THROWS(w.nc.subscribe(std::string{"a.>.b"}));
  CHECK_THROWS(w.nc.subscribe("a", {.queue = "q q"}));
  w.settle();
  CHECK(w.take_received().empty());
}

TEST_CASE("TestAsyncInfoWithSmallerMaxPayload", "[publish]") {
  scripted_world w;
  w.connect();
  w.say("INFO {\"proto\":1,\"headers\":true,\"max_payload\":4}\r\n");
  CHECK(w.nc.try_publish("a", "12345") == errc::max_payload_exceeded);
  CHECK_FALSE(w.nc.try_publish("a", "1234"));
}

TEST_CASE("publish waits for room above the high-water mark and goes on below the low one", "[publish]") {
  auto opts = scripted_world::quick();
  opts.outbound.high_water = 1000;
  opts.outbound.low_water = 100;
  scripted_world w{opts};
  w.connect();
  w.server().block();
  const std::string kilobyte(1000, 'k');
  w.spawn([&]() -> asio::awaitable<void> { co_await w.nc.publish("a", kilobyte); });
  CHECK(w.finished == 0);
  CHECK(w.nc.try_publish("a", "x") == errc::outbound_full);
  w.server().unblock();
  w.settle();
  CHECK(w.finished == 1);
  CHECK_FALSE(w.nc.try_publish("a", "x"));
}

TEST_CASE("a burst is written while it is published, in order, and the rest when the network takes it", "[publish]") {
  scripted_world w;
  w.connect();
  auto& server = w.server();
  server.takes_at_once = true;
  server.most_per_write = 50'000;
  const std::string payload(10'000, 'p');
  std::string expected;
  const auto publish = [&](int times) {
    for (int i = 0; i != times; ++i) {
      const auto subject = "s." + std::to_string(expected.size());
      REQUIRE_FALSE(w.nc.try_publish(subject, payload));
      expected += "PUB " + subject + " 10000\r\n" + payload + "\r\n";
    }
  };
  publish(10);
  CHECK(w.take_received() == expected.substr(0, expected.size() - w.nc.statistics().pending_out));
  CHECK(w.nc.statistics().pending_out < 50'000);
  const auto before = expected.size() - w.nc.statistics().pending_out;
  server.block();
  publish(10);
  CHECK(w.take_received().empty());
  server.unblock();
  publish(5);
  w.settle();
  CHECK(w.take_received() == expected.substr(before));
  CHECK(w.nc.statistics().pending_out == 0);
}

TEST_CASE("a direct write and the waiting writer never write at the same time", "[publish]") {
  scripted_world w;
  w.connect();
  auto& server = w.server();
  server.takes_at_once = true;
  server.block();
  const std::string payload(40'000, 'p');
  REQUIRE_FALSE(w.nc.try_publish("first", payload));
  w.settle();  // now the writer waits inside a write
  server.blocked = false;
  REQUIRE_FALSE(w.nc.try_publish("second", payload));
  CHECK(w.take_received().empty());
  server.unblock();
  w.settle();
  CHECK(w.take_received() == "PUB first 40000\r\n" + payload + "\r\nPUB second 40000\r\n" + payload + "\r\n");
}

TEST_CASE("a direct write that fails ends the link, and what was not begun goes to the next one", "[publish]") {
  scripted_world w;
  w.connect();
  w.server().takes_at_once = true;
  w.server().cut();
  REQUIRE_FALSE(w.nc.try_publish("a", std::string(40'000, 'p')));
  w.settle();
  CHECK(w.nc.status() == innate::status::reconnecting);
  CHECK(w.nc.statistics().pending_out > 40'000);
}

TEST_CASE("a loop of awaited publishes that always finds room lets others run", "[publish]") {
  scripted_world w;
  w.connect();
  bool others_ran = false;
  int published = 0;
  w.spawn([&]() -> asio::awaitable<void> {
    asio::post(w.io, [&] { others_ran = true; });
    for (; !others_ran && published != 5'000; ++published) co_await w.nc.publish("a", "x");
  }());
  CHECK(others_ran);
  CHECK(published < 5'000);
}

TEST_CASE("who does not wait for publish() is refused from the limit on", "[publish]") {
  auto opts = scripted_world::quick();
  opts.outbound.high_water = 1000;
  opts.outbound.low_water = 100;
  opts.outbound.limit = 3000;
  scripted_world w{opts};
  w.connect();
  w.server().block();
  const std::string kilobyte(1000, 'k');
  for (int i = 0; i != 3; ++i) w.spawn([&]() -> asio::awaitable<void> { co_await w.nc.publish("a", kilobyte); });
  CHECK(w.nc.try_publish("a", "x") == errc::outbound_full);
  std::error_code refused;
  w.spawn([&]() -> asio::awaitable<void> {
    try {
      co_await w.nc.publish("a", kilobyte);
    } catch (const std::system_error& e) {
      refused = e.code();
    }
  });
  CHECK(refused == errc::outbound_full);
  w.server().unblock();
  w.settle();
  CHECK(w.finished == 4);
}

TEST_CASE("a message is delivered to its subscription, an unknown sid is dropped and counted", "[subscribe]") {
  scripted_world w;
  w.connect();
  auto sub = w.nc.subscribe("a.*", {.queue = "q"});
  w.settle();
  CHECK(w.take_received() == "SUB a.* q 1\r\n");
  w.say("MSG a.b 1 r 2\r\nhi\r\nMSG a.b 77 1\r\nx\r\n");
  const auto m = sub.try_next();
  REQUIRE(m);
  CHECK(m->subject() == "a.b");
  CHECK(m->reply() == "r");
  CHECK(m->data() == "hi");
  CHECK_FALSE(sub.try_next());
  CHECK(w.nc.statistics().dropped_unknown == 1);
}

TEST_CASE("messages outlive their connection, and views stay valid", "[subscribe]") {
  innate::message kept;
  {
    scripted_world w;
    w.connect();
    auto sub = w.nc.subscribe("a");
    w.say("HMSG a 1 18 20\r\nNATS/1.0\r\nK: v\r\n\r\nhi\r\n");
    kept = sub.try_next().value();
  }
  CHECK(kept.data() == "hi");
  CHECK(kept.headers().get("K") == "v");
  CHECK(kept.detach().data() == "hi");
}

TEST_CASE("above the limit of pinned bytes messages are copied out of their slab, whoever takes them", "[memory]") {
  constexpr std::string_view frame = "MSG a 1 3\r\none\r\n";
  for (const bool detached : {false, true}) {
    for (const bool by_handler : {false, true}) {
      auto opts = scripted_world::quick();
      if (detached) opts.pending.detach_above = 1;
      scripted_world w{opts};
      w.connect();
      auto sub = w.nc.subscribe("a");
      std::vector<innate::message> kept;
      if (by_handler) sub.for_each([&](innate::message m) { kept.push_back(std::move(m)); }, asio::detached);
      w.settle();
      w.say(std::string{frame} + std::string{frame});
      while (auto m = sub.try_next()) kept.push_back(std::move(*m));
      REQUIRE(kept.size() == 2);
      CHECK((kept[1].data().data() - kept[0].data().data() != std::ssize(frame)) == detached);
      CHECK(kept[1].data() == "one");
    }
  }
}

TEST_CASE("cancelling next() loses no message", "[subscribe]") {
  scripted_world w;
  w.connect();
  auto sub = w.nc.subscribe("a");
  asio::cancellation_signal stop;
  std::error_code seen;
  sub.next(asio::bind_cancellation_slot(stop.slot(),
                                        [&](std::error_code e, const std::optional<innate::message>&) { seen = e; }));
  w.settle();
  w.server().send("MSG a 1 1\r\nx\r\n");
  stop.emit(asio::cancellation_type::terminal);
  w.settle();
  CHECK(seen == asio::error::operation_aborted);
  CHECK(sub.try_next().value().data() == "x");
}

TEST_CASE("a slow consumer is told once, in order, and the stream goes on", "[subscribe]") {
  scripted_world w;
  w.connect();
  auto sub = w.nc.subscribe("a", {.pending_messages = 2});
  auto latest = w.nc.subscribe("a", {.overflow = innate::overflow_policy::keep_latest});
  auto oldest = w.nc.subscribe("a", {.pending_messages = 2, .overflow = innate::overflow_policy::drop_oldest});
  for (const char c : {'1', '2', '3', '4'})
    for (const char sid : {'1', '2', '3'}) w.say("MSG a " + std::string{sid} + " 1\r\n" + c + "\r\n");
  std::vector<std::string> got;
  w.spawn([&]() -> asio::awaitable<void> {
    for (int i = 0; i != 4; ++i) {
      try {
        got.emplace_back((co_await sub.next(1ms))->data());
      } catch (const std::system_error& e) {
        got.push_back(e.code() == errc::slow_consumer ? "gap" : e.code().message());
        w.server().send("MSG a 1 1\r\n5\r\n");
      }
    }
  });
  w.advance(1ms);
  CHECK(got == std::vector<std::string>{"1", "2", "gap", "5"});
  CHECK(sub.dropped() == 2);
  CHECK(latest.try_next().value().data() == "4");
  CHECK_FALSE(latest.try_next());
  CHECK(oldest.try_next().value().data() == "3");
  CHECK(oldest.try_next().value().data() == "4");
  const auto events = w.events();
  CHECK(std::count(events.begin(), events.end(), innate::event_kind::slow_consumer) == 2);
}

TEST_CASE("request is answered by its token; no responders and timeout are errors of their own", "[request]") {
  scripted_world w;
  w.connect();
  std::string answer;
  w.spawn([&]() -> asio::awaitable<void> { answer = (co_await w.nc.request("svc", "?")).data(); });
  const auto sent = w.take_received();
  const auto inbox_at = sent.find("_INBOX.");
  REQUIRE(sent.starts_with("SUB _INBOX."));
  const auto inbox = sent.substr(inbox_at, sent.find('*') - inbox_at);
  const auto reply_at = sent.find(inbox, sent.find("PUB svc "));
  const auto reply = sent.substr(reply_at, sent.find(' ', reply_at) - reply_at);
  w.say("MSG " + reply + " 1 2\r\nok\r\n");
  CHECK(answer == "ok");
  w.say("MSG " + reply + " 1 4\r\nlate\r\n");
  CHECK(w.nc.statistics().late_replies == 1);

  w.spawn([&]() -> asio::awaitable<void> { co_await w.nc.request("nobody", "?"); });
  const auto again = w.take_received();
  const auto second_at = again.find(inbox);
  const auto second = again.substr(second_at, again.find(' ', second_at) - second_at);
  w.say("HMSG " + second + " 1 16 16\r\nNATS/1.0 503\r\n\r\n\r\n");
  CHECK(w.failure == errc::no_responders);

  w.spawn([&]() -> asio::awaitable<void> { co_await w.nc.request("slow", "?", {.timeout = 10ms}); });
  w.advance(10ms);
  CHECK(w.failure == errc::timeout);
}

TEST_CASE("RequestMuxWithMappedSubject: a reply on another subject finds the only open request", "[request]") {
  scripted_world w;
  w.connect();
  std::string answer;
  w.spawn([&]() -> asio::awaitable<void> { answer = (co_await w.nc.request("svc", "?")).data(); });
  w.say("MSG mapped.reply 1 2\r\nok\r\n");
  CHECK(answer == "ok");
}

TEST_CASE("request_many ends by count, sentinel, stall and time", "[request]") {
  const auto run = [](innate::request_many_options how, const std::vector<std::string>& replies) {
    scripted_world w;
    w.connect();
    std::vector<std::string> got;
    w.spawn([&]() -> asio::awaitable<void> {
      auto stream = w.nc.request_many("svc", "?", how);
      while (auto m = co_await stream.next()) got.emplace_back(m->data());
    });
    const auto sent = w.take_received();
    const auto at = sent.find("_INBOX.", sent.find("PUB svc "));
    const auto reply = sent.substr(at, sent.find(' ', at) - at);
    for (const auto& r : replies) w.say("MSG " + reply + " 1 " + std::to_string(r.size()) + "\r\n" + r + "\r\n");
    w.advance(how.stall);
    w.advance(how.timeout);
    CHECK(w.finished == 1);
    CHECK_FALSE(w.failure);
    return got;
  };
  using texts = std::vector<std::string>;
  CHECK(run({.timeout = 1s, .max_replies = 2}, {"1", "2", "3"}) == texts{"1", "2"});
  CHECK(run({.timeout = 1s, .sentinel = true}, {"1", "", "3"}) == texts{"1"});
  CHECK(run({.timeout = 1s, .stall = 100ms}, {"1", "2"}) == texts{"1", "2"});
  CHECK(run({.timeout = 1s}, {}) == texts{});
}

TEST_CASE("a handler that throws is an event, and the loop goes on or stops by option", "[for_each]") {
  for (const bool stop : {false, true}) {
    scripted_world w;
    w.connect();
    auto sub = w.nc.subscribe("a");
    int handled = 0;
    w.spawn([&]() -> asio::awaitable<void> {
      co_await sub.for_each(
          [&](const innate::message& m) {
            if (m.data() == "1") throw std::runtime_error("bad");
            ++handled;
          },
          {.concurrency = 1, .stop_on_error = stop});
    });
    w.say("MSG a 1 1\r\n1\r\nMSG a 1 1\r\n2\r\n");
    CHECK(handled == (stop ? 0 : 1));
    CHECK(w.failure == (stop ? make_error_code(errc::handler_threw) : std::error_code{}));
    const auto events = w.events();
    CHECK(std::count(events.begin(), events.end(), innate::event_kind::handler_error) == 1);
  }
}

TEST_CASE("a handler may end its subscription or its connection in the middle of what arrived", "[for_each]") {
  enum class how { unsubscribe, destroy, close, limit };
  for (const auto ending : {how::unsubscribe, how::destroy, how::close, how::limit}) {
    scripted_world w;
    w.connect();
    std::optional<innate::subscription> sub{w.nc.subscribe("a")};
    int handled = 0;
    w.spawn([&]() -> asio::awaitable<void> {
      co_await sub->for_each([&](const innate::message& m) {
        ++handled;
        if (m.data() != "2") return;
        if (ending == how::unsubscribe) sub->unsubscribe();
        if (ending == how::destroy) sub.reset();
        if (ending == how::close) w.nc.close();
        if (ending == how::limit) static_cast<void>(sub->auto_unsubscribe(2));
      });
    });
    w.say("MSG a 1 1\r\n1\r\nMSG a 1 1\r\n2\r\nMSG a 1 1\r\n3\r\n");
    CHECK(handled == 2);
    CHECK(w.finished == 1);
    CHECK_FALSE(w.failure);
  }
}

TEST_CASE("among thousands of subscriptions each message finds its own, also one that has just ended", "[for_each]") {
  scripted_world w;
  w.connect();
  std::vector<innate::subscription> subs;
  for (int i = 0; i != 5000; ++i) subs.push_back(w.nc.subscribe("a"));
  std::vector<std::string> seen(subs.size());
  for (std::size_t i = 0; i != 50; ++i) {
    subs[i].for_each(
        [&, i](const innate::message& m) {
          seen[i] += m.data();
          if (i == 7) subs[8] = {};
        },
        asio::detached);
  }
  w.settle();
  std::string one_read;
  for (const char* text : {"x", "y"}) {
    for (int sid = 1; sid <= 60; ++sid) one_read += "MSG a " + std::to_string(sid) + " 1\r\n" + text + "\r\n";
  }
  w.say(one_read);
  for (std::size_t i = 0; i != 50; ++i) CHECK(seen[i] == (i == 8 ? "" : "xy"));
  for (std::size_t i = 50; i != 60; ++i) CHECK(subs[i].pending_messages() == 2);
  CHECK(w.nc.statistics().dropped_unknown == 2);
}

TEST_CASE("among thousands of subscriptions a run on one keeps the order of all, also where the one ends in it",
          "[for_each]") {
  scripted_world w;
  w.connect();
  std::vector<innate::subscription> subs;
  for (int i = 0; i != 5000; ++i) subs.push_back(w.nc.subscribe("a"));
  std::string seen, expected, one_read;
  int of_last = 0;
  for (std::size_t i = 0; i != 20; ++i) {
    subs[i].for_each(
        [&, i](const innate::message& m) {
          (seen += std::to_string(i + 1)).append(m.data()).append(" ");
          if (i == 16 && ++of_last == 30) subs[16] = {};
        },
        asio::detached);
  }
  w.settle();
  const auto come = [&](int sid, char text, bool delivered = true) {
    one_read += "MSG a " + std::to_string(sid) + " 1\r\n" + text + "\r\n";
    if (delivered) expected += std::to_string(sid) + text + " ";
  };
  for (int sid = 1; sid <= 17; ++sid) come(sid, 'x');
  for (char text = 'a'; text <= 'z'; ++text) come(16, text);
  for (char text = 'a'; text <= 'z'; ++text) come(20, text);
  come(3, 'y');
  for (int i = 0; i != 40; ++i) come(17, 'z', i < 29);
  come(4, 'y');
  w.say(one_read);
  CHECK(seen == expected);
  CHECK(w.nc.statistics().dropped_unknown == 11);
}

TEST_CASE("what comes after a handler that stopped the loop stays queued", "[for_each]") {
  scripted_world w;
  w.connect();
  auto sub = w.nc.subscribe("a");
  w.spawn([&]() -> asio::awaitable<void> {
    co_await sub.for_each([](const innate::message&) { throw std::runtime_error("bad"); },
                          {.concurrency = 1, .stop_on_error = true});
  });
  w.say("MSG a 1 1\r\n1\r\nMSG a 1 1\r\n2\r\nMSG a 1 1\r\n3\r\n");
  CHECK(w.failure == errc::handler_threw);
  CHECK(sub.pending_messages() == 2);
  CHECK(sub.try_next()->data() == "2");
  CHECK(sub.delivered() == 3);
}

TEST_CASE("a cancelled for_each takes nothing more, and two consumers take turns", "[for_each]") {
  scripted_world w;
  w.connect();
  auto sub = w.nc.subscribe("a");
  asio::cancellation_signal stop;
  std::string seen;
  std::error_code ended;
  sub.for_each([&](const innate::message& m) { seen += m.data(); },
               asio::bind_cancellation_slot(stop.slot(), [&](std::error_code e) { ended = e; }));
  w.settle();
  w.say("MSG a 1 1\r\n1\r\n");
  CHECK(seen == "1");
  std::string taken;
  w.spawn([&]() -> asio::awaitable<void> {
    while (const auto m = co_await sub.next()) taken += m->data();
  });
  for (const char* text : {"2", "3", "4", "5"}) w.say(std::string{"MSG a 1 1\r\n"} + text + "\r\n");
  CHECK(seen.size() == 3);
  CHECK(taken.size() == 2);
  stop.emit(asio::cancellation_type::terminal);
  w.settle();
  CHECK(ended == asio::error::operation_aborted);
  w.say("MSG a 1 1\r\n6\r\n");
  CHECK(seen.size() == 3);
  CHECK(taken.size() == 3);
}

TEST_CASE("a handler does not overtake what waits for another consumer", "[for_each]") {
  scripted_world w;
  w.connect();
  auto sub = w.nc.subscribe("a");
  std::string seen;
  w.spawn([&]() -> asio::awaitable<void> {
    if (const auto m = co_await sub.next()) seen += m->data();
  });
  w.settle();
  sub.for_each([&](const innate::message& m) { seen += m.data(); }, asio::detached);
  w.settle();
  w.say("MSG a 1 1\r\n1\r\nMSG a 1 1\r\n2\r\nMSG a 1 1\r\n3\r\n");
  CHECK(seen == "123");
}

TEST_CASE("a handler may force a reconnect in the middle of what arrived, and goes on with the next link",
          "[for_each]") {
  scripted_world w;
  w.connect();
  auto sub = w.nc.subscribe("a");
  std::string seen;
  sub.for_each(
      [&](const innate::message& m) {
        seen += m.data();
        if (m.data() == "1") w.nc.force_reconnect();
      },
      asio::detached);
  w.settle();
  w.say("MSG a 1 1\r\n1\r\nMSG a 1 1\r\n2\r\n");
  CHECK(seen == "12");
  CHECK(w.nc.status() == innate::status::reconnecting);
  w.advance(100ms);
  w.greet();
  CHECK(w.nc.status() == innate::status::connected);
  w.say("MSG a 1 1\r\n3\r\n");
  CHECK(seen == "123");
}

TEST_CASE("a handler that publishes answers every message of one read, in order", "[for_each]") {
  scripted_world w;
  w.connect();
  auto sub = w.nc.subscribe("a");
  w.spawn([&]() -> asio::awaitable<void> {
    co_await sub.for_each([&](const innate::message& m) { static_cast<void>(w.nc.try_respond(m, m.data())); });
  });
  static_cast<void>(w.take_received());
  w.say("MSG a 1 r 1\r\n1\r\nMSG a 1 r 1\r\n2\r\n");
  CHECK(w.take_received() == "PUB r 1\r\n1\r\nPUB r 1\r\n2\r\n");
}

TEST_CASE("for_each runs as many handlers at once as asked for, and ends when the last has", "[for_each]") {
  scripted_world w;
  w.connect();
  auto sub = w.nc.subscribe("a", {.max_messages = 5});
  asio::steady_timer gate{w.io, asio::steady_timer::time_point::max()};
  int under_way = 0;
  int most = 0;
  int handled = 0;
  w.spawn([&]() -> asio::awaitable<void> {
    co_await sub.for_each(
        [&](innate::message) -> asio::awaitable<void> {
          most = std::max(most, ++under_way);
          static_cast<void>(co_await gate.async_wait(asio::as_tuple(asio::use_awaitable)));
          --under_way;
          ++handled;
        },
        {.concurrency = 3, .stop_on_error = false});
  });
  for (int i = 0; i != 5; ++i) w.say("MSG a 1 1\r\nx\r\n");
  CHECK(under_way == 3);
  while (handled != 5) {
    CHECK(w.finished == 0);
    const int before = handled;
    gate.cancel();
    w.settle();
    REQUIRE(handled > before);
  }
  CHECK(most == 3);
  CHECK(w.finished == 1);
  CHECK_FALSE(w.failure);
}

TEST_CASE("next_batch takes what is there, and the loop survives a gap", "[subscribe]") {
  scripted_world w;
  w.connect();
  auto sub = w.nc.subscribe("a");
  std::array<innate::message, 4> some;
  std::vector<std::size_t> sizes;
  w.spawn([&]() -> asio::awaitable<void> {
    while (const auto count = co_await sub.next_batch(some)) sizes.push_back(count);
  });
  std::string six;
  for (int i = 0; i != 6; ++i) six += "MSG a 1 1\r\nx\r\n";
  w.say(six);
  w.say("MSG a 1 1\r\nx\r\n");
  sub.unsubscribe();
  w.settle();
  CHECK(sizes == std::vector<std::size_t>{4, 2, 1});
  CHECK(w.finished == 1);
}

TEST_CASE("what a server may send is bounded by the options, and a breach ends the link, not the connection",
          "[limits]") {
  auto opts = scripted_world::quick();
  opts.limits = {.info_line = 500, .control_line = 100, .payload = 50};
  const auto broken_by = [&](const std::string& bytes) {
    scripted_world w{opts};
    w.connect();
    auto sub = w.nc.subscribe("a");
    w.say(bytes);
    CHECK(w.nc.status() == innate::status::reconnecting);
    const auto why = w.nc.last_error().code;
    w.advance(100ms);
    w.greet();
    CHECK(w.nc.status() == innate::status::connected);
    return why;
  };
  CHECK(broken_by("MSG a 1 51\r\n") == errc::inbound_payload_too_large);
  CHECK(broken_by("MSG a 1 99999999999999999999999\r\n") == errc::inbound_size_invalid);
  CHECK(broken_by("MSG a 1 -1\r\n") == errc::inbound_size_invalid);
  CHECK(broken_by("MSG " + std::string(200, 'a')) == errc::inbound_line_too_long);
  CHECK(broken_by("INFO " + std::string(600, ' ')) == errc::inbound_line_too_long);
  CHECK(broken_by("BOGUS\r\n") == errc::protocol_error);
  CHECK(broken_by("SUB a 1\r\n") == errc::protocol_error);
}

TEST_CASE("slabs and rings come from the memory resource of the options, and go back to it", "[memory]") {
  class counting final : public std::pmr::memory_resource {
   public:
    std::ptrdiff_t out = 0;
    std::ptrdiff_t most = 0;

   private:
    void* do_allocate(std::size_t bytes, std::size_t alignment) override {
      most = std::max(most, out += static_cast<std::ptrdiff_t>(bytes));
      return std::pmr::new_delete_resource()->allocate(bytes, alignment);
    }
    void do_deallocate(void* p, std::size_t bytes, std::size_t alignment) override {
      out -= static_cast<std::ptrdiff_t>(bytes);
      std::pmr::new_delete_resource()->deallocate(p, bytes, alignment);
    }
    [[nodiscard]] bool do_is_equal(const memory_resource& other) const noexcept override { return this == &other; }
  } memory;
  {
    auto opts = scripted_world::quick();
    opts.memory = &memory;
    scripted_world w{opts};
    w.connect();
    auto sub = w.nc.subscribe("a");
    w.say("MSG a 1 1\r\nx\r\n");
    CHECK(sub.try_next().value().data() == "x");
    CHECK(memory.most > 64 << 10);
  }
  CHECK(memory.out == 0);
}

TEST_CASE("a token form honours its executor and its cancellation slot", "[tokens]") {
  scripted_world w;
  w.connect();
  auto sub = w.nc.subscribe("a");
  asio::io_context elsewhere;
  bool there = false;
  sub.next(
      asio::bind_executor(elsewhere.get_executor(), [&](std::error_code e, const std::optional<innate::message>& m) {
        CHECK_FALSE(e);
        there = m && m->data() == "x";
      }));
  w.say("MSG a 1 1\r\nx\r\n");
  CHECK_FALSE(there);
  elsewhere.run();
  CHECK(there);
}
