// SPDX-License-Identifier: Apache-2.0
#include "../support/moving_world.hpp"

#include <catch2/catch_test_macros.hpp>

using innate::errc;
using innate::event_kind;
using innate::migration_policy;
using namespace std::chrono_literals;
using test::moving_world;

TEST_CASE("a lame-duck server is left in order: other link, PONG, SUBs, publishes, overlap, UNSUB, linger", "[ldm]") {
  moving_world w;
  w.connect();
  auto plain = w.nc.subscribe("plain");
  auto queue = w.nc.subscribe("queue", {.queue = "q"});
  auto twice = w.nc.subscribe("twice", {.on_migration = migration_policy::overlap});
  w.settle();
  static_cast<void>(w.take_received());
  w.lame_duck();
  CHECK(w.env->dialed.back() == "nats://two:2");
  CHECK(w.took(w.old_link()).empty());  // nothing moves before the handshake is done
  w.welcome();
  CHECK(w.took(w.old_link()) == "UNSUB 1\r\nPING\r\n");
  CHECK(w.took(w.new_link()) == "SUB queue q 2\r\nSUB twice 3\r\n");
  CHECK(w.nc.current_server() == "nats://two:2");

  CHECK_FALSE(w.nc.try_publish("p", "1"));
  w.settle();
  CHECK(w.took(w.old_link()).empty());
  CHECK(w.took(w.new_link()).empty());
  w.message(w.old_link(), "plain 1", "before PONG");
  w.say(w.old_link(), "PONG\r\n");
  CHECK(w.took(w.new_link()) == "SUB plain 1\r\nPING\r\nPUB p 1\r\n1\r\n");
  w.message(w.old_link(), "plain 1", "late: dropped, the new link has it");
  w.message(w.new_link(), "plain 1", "new");
  w.advance(3ms);
  w.say(w.new_link(), "PONG\r\n");
  w.message(w.old_link(), "queue 2", "by the old link");
  w.message(w.new_link(), "queue 2", "by the new link");
  w.message(w.old_link(), "twice 3", "x");
  w.message(w.new_link(), "twice 3", "x");

  w.advance(999ms);
  CHECK(w.took(w.old_link()).empty());
  w.advance(1ms);
  CHECK(w.took(w.old_link()) == "UNSUB 2\r\nUNSUB 3\r\nPING\r\n");
  w.say(w.old_link(), "PONG\r\n");
  w.message(w.old_link(), "queue 2", "was on its way");
  w.advance(999ms);
  CHECK_FALSE(w.old_link().closed);
  w.advance(1ms);
  CHECK(w.old_link().closed);
  CHECK(w.took(w.old_link()).empty());

  CHECK(test::texts(plain) == std::vector<std::string>{"before PONG", "new"});
  CHECK(test::texts(queue) == std::vector<std::string>{"by the old link", "by the new link", "was on its way"});
  CHECK(test::texts(twice) == std::vector<std::string>{"x", "x"});
  const auto told = w.told();
  REQUIRE(test::kinds(told) == std::vector{event_kind::connected, event_kind::lame_duck, event_kind::migrating,
                                           event_kind::migration_gap, event_kind::migrated});
  CHECK(told[1].server == "nats://one:1");
  CHECK(told[2].server == "nats://two:2");
  CHECK(told[2].servers == std::vector<std::string>{"nats://one:1", "nats://two:2"});
  CHECK(told[3].subject == "plain");
  CHECK(told[3].sid == 1);
  CHECK(told[3].gap == 3ms);
  CHECK(told[3].detail == "handed over within 3.000 ms");
  CHECK(told[4].server == "nats://two:2");
  CHECK_FALSE(told[4].code);
  CHECK(w.nc.status() == innate::status::connected);
  const auto counted = w.nc.statistics();
  CHECK(counted.connects == 2);
  CHECK(counted.disconnects == 0);
  CHECK(counted.dropped_unknown == 1);
}

TEST_CASE("a hand-over pauses, so that no slow route brings again what came; publishes need not wait", "[ldm]") {
  for (const bool lose : {false, true}) {
    auto opts = moving_world::two_servers();
    opts.lame_duck.pause = 50ms;
    moving_world w{opts};
    w.connect();
    auto plain = w.nc.subscribe("plain");
    auto gone = w.nc.subscribe("gone");
    w.begin();
    CHECK_FALSE(w.nc.try_publish("p", "1"));
    if (lose) {
      w.old_link().cut();
      w.settle();
    } else {
      w.say(w.old_link(), "PONG\r\n");
      w.message(w.old_link(), "plain 1", "was on its way");
      CHECK(plain.pending_messages() == 1);
    }
    CHECK(w.took(w.new_link()) == "PUB p 1\r\n1\r\n");
    gone.unsubscribe();
    w.advance(49ms);
    CHECK(w.took(w.new_link()).empty());
    w.advance(1ms);
    CHECK(w.took(w.new_link()) == "SUB plain 1\r\nPING\r\n");
    w.say(w.new_link(), "PONG\r\n");
    const auto told = w.told();
    const auto gap =
        std::find_if(told.begin(), told.end(), [](const auto& e) { return e.kind == event_kind::migration_gap; });
    REQUIRE(gap != told.end());
    CHECK(gap->gap == 50ms);
    CHECK((told.back().kind == event_kind::migrated) == lose);
  }
}

TEST_CASE("a server in lame duck is only told of when the option says so", "[ldm]") {
  auto opts = moving_world::two_servers();
  opts.lame_duck.migrate = false;
  moving_world w{opts};
  w.connect();
  w.lame_duck();
  CHECK(w.env->dialed.size() == 1);
  CHECK(w.events() == std::vector{event_kind::connected, event_kind::lame_duck});
}

TEST_CASE("requests under way finish on the old link, which stays as long; later ones use the new link", "[ldm]") {
  moving_world w;
  w.connect();
  std::string first;
  std::string second;
  w.ask("svc", first);
  const auto first_reply = w.reply_subject(w.took(w.old_link()));
  w.begin();
  CHECK(w.took(w.new_link()).starts_with("SUB _INBOX."));
  w.say(w.old_link(), "PONG\r\n");
  w.ask("svc", second);
  const auto second_reply = w.reply_subject(w.took(w.new_link()));
  w.say(w.new_link(), "PONG\r\n");
  w.message(w.new_link(), second_reply + " 1", "2");
  w.message(w.old_link(), second_reply + " 1", "2");  // the copy for the other link
  CHECK(second == "2");
  static_cast<void>(w.took(w.old_link()));
  w.advance(1s);
  CHECK(w.took(w.old_link()) == "PING\r\n");  // the inbox stays there
  w.say(w.old_link(), "PONG\r\n");
  w.advance(1s);
  CHECK_FALSE(w.old_link().closed);
  w.message(w.old_link(), first_reply + " 1", "1");
  CHECK(first == "1");
  CHECK(w.old_link().closed);
  CHECK(w.finished == 2);
  CHECK_FALSE(w.failure);
  CHECK(w.nc.statistics().late_replies == 0);
}

TEST_CASE("a request that nobody answers keeps the old link until its deadline", "[ldm]") {
  moving_world w;
  w.connect();
  std::string reply;
  w.ask("svc", reply);
  w.begin();
  w.finish_but_linger();
  w.advance(1s);
  CHECK_FALSE(w.old_link().closed);
  w.advance(3s);  // of 5
  CHECK(w.failure == errc::timeout);
  CHECK(w.old_link().closed);
}

TEST_CASE("a stream of replies takes each one once, by the link that asked", "[ldm]") {
  moving_world w;
  w.connect();
  auto replies = w.nc.request_many("svc", "?", {.timeout = 10s});
  w.settle();
  const auto to = w.reply_subject(w.took(w.old_link())) + " 1";
  std::vector<std::string> got;
  w.spawn([&]() -> asio::awaitable<void> {
    while (auto m = co_await replies.next()) got.emplace_back(m->data());
  });
  w.begin();
  w.say(w.old_link(), "PONG\r\n");
  for (auto* l : {&w.old_link(), &w.new_link()}) w.message(*l, to, "1");
  for (auto* l : {&w.new_link(), &w.old_link()}) w.message(*l, to, "2");
  CHECK(got == std::vector<std::string>{"1", "2"});
  w.old_link().cut();
  w.settle();
  CHECK(w.failure == errc::connection_lost);  // it may have missed some
}

TEST_CASE("a subscription with a maximum is handed over with what is left of it", "[ldm]") {
  moving_world w;
  w.connect();
  auto queue = w.nc.subscribe("a", {.queue = "q", .max_messages = 5});
  auto twice = w.nc.subscribe("b", {.max_messages = 2, .on_migration = migration_policy::overlap});
  w.settle();
  w.message(w.old_link(), "a 1", "1");
  static_cast<void>(w.took(w.old_link()));
  w.begin();
  CHECK(w.took(w.old_link()) == "UNSUB 1\r\nUNSUB 2\r\nPING\r\n");
  w.message(w.old_link(), "a 1", "2");
  w.message(w.old_link(), "b 2", "1");
  w.message(w.old_link(), "b 2", "2");  // its last one
  w.say(w.old_link(), "PONG\r\n");
  CHECK(w.took(w.new_link()) == "SUB a q 1\r\nUNSUB 1 3\r\nPING\r\n");
  for (const char* text : {"3", "4", "5", "too many"}) w.message(w.new_link(), "a 1", text);
  CHECK(test::texts(queue) == std::vector<std::string>{"1", "2", "3", "4", "5"});
  CHECK(queue.sid() == 0);
  CHECK(twice.delivered() == 2);
  CHECK(twice.sid() == 0);
}

TEST_CASE("a maximum that is set while both links deliver is kept", "[ldm]") {
  moving_world w;
  w.connect();
  auto queue = w.nc.subscribe("a", {.queue = "q"});
  w.begin();
  w.say(w.old_link(), "PONG\r\n");
  w.message(w.old_link(), "a 1", "1");
  w.message(w.new_link(), "a 1", "2");
  static_cast<void>(w.took(w.old_link()));
  static_cast<void>(w.took(w.new_link()));
  CHECK_FALSE(queue.auto_unsubscribe(3));
  w.settle();
  CHECK(w.took(w.old_link()) == "UNSUB 1\r\n");
  CHECK(w.took(w.new_link()) == "UNSUB 1 3\r\n");
  w.message(w.new_link(), "a 1", "3");
  CHECK(w.took(w.new_link()) == "UNSUB 1\r\n");  // that server has counted two
  w.message(w.new_link(), "a 1", "4");
  CHECK(test::texts(queue) == std::vector<std::string>{"1", "2", "3"});
}

TEST_CASE("unsubscribing and draining while the connection moves reach both links", "[ldm]") {
  moving_world w;
  w.connect();
  auto gone = w.nc.subscribe("gone", {.queue = "q"});
  auto drained = w.nc.subscribe("drained", {.queue = "q"});
  auto waiting = w.nc.subscribe("waiting");
  w.settle();
  w.begin();
  static_cast<void>(w.took(w.old_link()));
  static_cast<void>(w.took(w.new_link()));
  gone.unsubscribe();
  waiting.unsubscribe();  // the new link need never know it
  w.spawn([&]() -> asio::awaitable<void> { co_await drained.drain(); });
  CHECK(w.took(w.old_link()) == "UNSUB 1\r\nUNSUB 2\r\nPING\r\n");
  w.say(w.old_link(), "PONG\r\n");  // of the move
  CHECK(w.took(w.new_link()) == "PING\r\nUNSUB 1\r\nUNSUB 2\r\nPING\r\n");
  w.say(w.new_link(), "PONG\r\n");
  w.message(w.new_link(), "drained 2", "1");
  w.say(w.new_link(), "PONG\r\n");
  CHECK(w.finished == 0);
  w.message(w.old_link(), "drained 2", "2");
  w.say(w.old_link(), "PONG\r\n");
  CHECK(w.finished == 1);
  CHECK_FALSE(w.failure);
  CHECK(test::texts(drained) == std::vector<std::string>{"1", "2"});
}

TEST_CASE("what is new while the connection moves is on the new link only, in order", "[ldm]") {
  moving_world w;
  w.connect();
  w.begin();
  static_cast<void>(w.took(w.old_link()));
  auto sub = w.nc.subscribe("fresh");
  CHECK_FALSE(w.nc.try_publish("fresh", "1"));
  CHECK_FALSE(w.nc.try_publish("fresh", innate::owned_payload{std::string(5000, 'o')}));
  w.spawn([&]() -> asio::awaitable<void> { co_await w.nc.flush(); });
  CHECK(w.took(w.new_link()).empty());
  w.say(w.old_link(), "PONG\r\n");
  CHECK(w.took(w.old_link()).empty());
  CHECK(w.took(w.new_link()) ==
        "PING\r\nSUB fresh 1\r\nPUB fresh 1\r\n1\r\nPUB fresh 5000\r\n" + std::string(5000, 'o') + "\r\nPING\r\n");
  w.say(w.new_link(), "PONG\r\n");
  CHECK(w.finished == 0);
  w.say(w.new_link(), "PONG\r\n");
  CHECK(w.finished == 1);
}

TEST_CASE("the old link dies before it has taken everything: the rest leaves first on the new one", "[ldm]") {
  moving_world w;
  w.connect();
  auto plain = w.nc.subscribe("plain");
  auto queue = w.nc.subscribe("queue", {.queue = "q"});
  w.settle();
  static_cast<void>(w.took(w.old_link()));
  w.old_link().block();
  CHECK_FALSE(w.nc.try_publish("a", "1"));  // in flight, not begun
  w.settle();
  CHECK_FALSE(w.nc.try_publish("b", "2"));
  w.begin();
  CHECK_FALSE(w.nc.try_publish("c", "3"));
  w.old_link().cut();
  w.settle();
  CHECK(w.took(w.new_link()) ==
        "SUB queue q 2\r\nSUB plain 1\r\nPING\r\nPUB a 1\r\n1\r\nPUB b 1\r\n2\r\nPUB c 1\r\n3\r\n");
  CHECK(w.nc.status() == innate::status::connected);
  w.say(w.new_link(), "PONG\r\n");
  const auto told = w.told();
  REQUIRE(test::kinds(told) == std::vector{event_kind::connected, event_kind::lame_duck, event_kind::migrating,
                                           event_kind::migration_gap, event_kind::migrated});
  CHECK(told.back().code == errc::server_closed_connection);
  CHECK(w.nc.statistics().disconnects == 1);
  CHECK(w.nc.statistics().discarded_frames == 0);
}

TEST_CASE("the old link dies in any later step: the move is over, and requests may be answered by the new link",
          "[ldm]") {
  for (int step = 1; step <= 4; ++step) {
    moving_world w;
    w.connect();
    auto plain = w.nc.subscribe("plain");
    std::string reply;
    w.ask("svc", reply);
    const auto to = w.reply_subject(w.took(w.old_link()));
    w.begin();
    w.walk(step);
    w.old_link().cut();
    w.settle();
    if (step == 1) w.say(w.new_link(), "PONG\r\n");
    INFO(step);
    CHECK(w.nc.status() == innate::status::connected);
    CHECK(w.events().back() == event_kind::migrated);
    w.message(w.new_link(), "plain 1", "x");
    CHECK(plain.pending_messages() == 1);
    CHECK(w.finished == 0);
    w.message(w.new_link(), to + " 2", "late but there");
    CHECK(reply == "late but there");
    w.advance(5s);
    CHECK(w.env->dialed.size() == 2);
  }
}

TEST_CASE("the new link dies in any step: the old one takes everything back, then another server is tried", "[ldm]") {
  for (int step = 0; step <= 4; ++step) {
    INFO(step);
    auto opts = moving_world::two_servers();
    opts.set_servers("nats://one:1,nats://two:2,nats://three:3");
    moving_world w{opts};
    w.connect();
    auto plain = w.nc.subscribe("plain");
    auto queue = w.nc.subscribe("queue", {.queue = "q"});
    std::string reply;
    w.ask("svc", reply);
    const auto to = w.reply_subject(w.took(w.old_link()));
    w.begin();
    static_cast<void>(w.took(w.old_link()));
    w.walk(step);
    w.new_link().block();
    auto late = w.nc.subscribe("late");
    CHECK_FALSE(w.nc.try_publish("held", "1"));
    w.settle();
    static_cast<void>(w.took(w.old_link()));
    auto& lost = w.new_link();
    lost.cut();
    w.settle();
    CHECK(w.nc.status() == innate::status::connected);
    CHECK(w.nc.current_server() == "nats://one:1");
    const auto sent = w.took(w.old_link());
    CHECK(sent.find("SUB plain 1\r\n") != std::string::npos);
    CHECK((sent.find("SUB queue q 2\r\n") != std::string::npos) == (step >= 3));
    CHECK(sent.find("SUB late 4\r\n") < sent.find("PUB held 1\r\n1\r\n"));
    CHECK(sent.find("PUB held 1\r\n1\r\n") != std::string::npos);
    CHECK(test::count_of(sent, "PUB ") == 1);
    if (step == 0 || step == 3) w.say(w.old_link(), "PONG\r\n");  // of a step that is no more
    CHECK(w.env->dialed.size() == 2);
    w.say(w.old_link(), "PONG\r\n");
    const auto told = w.told();
    const auto kinds = test::kinds(told);
    CHECK(std::count(kinds.begin(), kinds.end(), event_kind::migration_gap) == 1);
    CHECK(std::count(kinds.begin(), kinds.end(), event_kind::migrated) == 0);
    CHECK(std::count(kinds.begin(), kinds.end(), event_kind::migration_failed) == 1);
    w.message(w.old_link(), "plain 1", "x");
    w.message(w.old_link(), "queue 2", "x");
    CHECK(plain.pending_messages() == 1);
    CHECK(queue.pending_messages() == 1);
    w.message(w.old_link(), to + " 3", "answer");
    CHECK(reply == "answer");
    CHECK(w.env->dialed.back() == "nats://three:3");
    w.welcome();
    w.finish();
    CHECK(w.events().back() == event_kind::migrated);
    CHECK(w.nc.statistics().connects == 3);
    CHECK(w.nc.statistics().disconnects == 1);
  }
}

TEST_CASE("a flush that the lost link owes fails; a stream asked on it too", "[ldm]") {
  moving_world w;
  w.connect();
  w.begin();
  w.say(w.old_link(), "PONG\r\n");
  w.spawn([&]() -> asio::awaitable<void> { co_await w.nc.flush(); });
  w.new_link().cut();
  w.settle();
  CHECK(w.finished == 1);
  CHECK(w.failure == errc::connection_lost);
}

TEST_CASE("both links die: a usual reconnect, with everything that was not begun", "[ldm]") {
  for (const bool old_first : {false, true}) {
    for (int step = 0; step <= 4; ++step) {
      INFO(old_first << step);
      moving_world w;
      w.connect();
      auto plain = w.nc.subscribe("plain");
      w.settle();
      w.begin();
      w.walk(step);
      w.old_link().block();
      w.new_link().block();
      CHECK_FALSE(w.nc.try_publish("kept", "1"));
      w.settle();
      (old_first ? w.old_link() : w.new_link()).cut();
      (old_first ? w.new_link() : w.old_link()).cut();
      w.settle();
      CHECK(w.nc.status() == innate::status::reconnecting);
      w.advance(100ms);
      w.say(w.new_link(), test::info);
      static_cast<void>(w.took(w.new_link()));
      w.say(w.new_link(), "PONG\r\n");
      CHECK(w.took(w.new_link()) == "SUB plain 1\r\nPUB kept 1\r\n1\r\n");
      CHECK(w.nc.status() == innate::status::connected);
    }
  }
}

TEST_CASE("no other server: told, and when the link ends, reconnected as usual", "[ldm]") {
  moving_world w{moving_world::quick()};
  w.connect();
  w.lame_duck();
  auto told = w.told();
  REQUIRE(test::kinds(told) == std::vector{event_kind::connected, event_kind::lame_duck, event_kind::migration_failed});
  CHECK(told.back().code == errc::no_servers);
  CHECK(told.back().detail == "no other server than nats://one:1 is known");
  CHECK_FALSE(w.old_link().closed);
  w.lose_link();
  w.welcome();
  CHECK(w.events() == std::vector{event_kind::disconnected, event_kind::reconnected});
}

TEST_CASE("a server that the lame duck names is tried at once", "[ldm]") {
  moving_world w{moving_world::quick()};
  w.connect();
  w.say(w.old_link(), test::info_with(R"("ldm":true,"connect_urls":["two:2"])"));
  CHECK(w.env->dialed.back() == "nats://two:2");
  w.welcome();
  CHECK(w.nc.current_server() == "nats://two:2");
}

TEST_CASE("servers that refuse or hang are tried in turn, with waits, as long as the old link lives", "[ldm]") {
  auto opts = moving_world::two_servers();
  opts.set_servers("nats://one:1,nats://two:2,nats://three:3");
  moving_world w{opts};
  w.connect();
  w.env->refuse = true;
  w.lame_duck();
  const std::vector<std::string> round{"nats://one:1", "nats://two:2", "nats://three:3"};
  CHECK(w.env->dialed == round);
  w.advance(99ms);
  CHECK(w.env->dialed.size() == 3);
  w.env->refuse = false;
  w.env->hang_dialing = true;
  w.advance(1ms);
  CHECK(w.env->dialed.size() == 4);
  w.advance(5s);  // the connect deadline
  CHECK(w.env->dialed.size() == 5);
  CHECK(std::count(w.env->dialed.begin(), w.env->dialed.end(), "nats://one:1") == 1);
  w.env->hang_dialing = false;
  CHECK(w.nc.status() == innate::status::connected);
  w.lose_link();
  CHECK(w.env->dialed.back() != "nats://one:1");
  w.welcome();
  CHECK(w.nc.status() == innate::status::connected);
}

TEST_CASE("a server that is in lame duck itself is no target", "[ldm]") {
  auto opts = moving_world::two_servers();
  opts.set_servers("nats://one:1,nats://two:2,nats://three:3");
  moving_world w{opts};
  w.connect();
  w.lame_duck();
  w.say(w.new_link(), test::info_with(R"("ldm":true)"));
  w.say(w.new_link(), "PONG\r\n");
  CHECK(w.env->links[1]->closed);
  CHECK(w.env->dialed.back() == "nats://three:3");
  const auto told = w.told();
  CHECK(told.back().kind == event_kind::connect_failed);
  CHECK(told.back().code == errc::server_lame_duck);
  CHECK(told.back().server == "nats://two:2");
}

TEST_CASE("lame ducks one after the other: the move is finished, then the next one begins", "[ldm]") {
  auto opts = moving_world::two_servers();
  opts.set_servers("nats://one:1,nats://two:2,nats://three:3");
  moving_world w{opts};
  w.connect();
  w.begin();
  w.lame_duck();  // again, which says nothing new
  w.say(w.new_link(), test::info_with(R"("ldm":true)"));
  CHECK(w.env->dialed.size() == 2);
  w.finish();
  CHECK(w.env->links[0]->closed);
  CHECK(w.env->dialed.back() == "nats://three:3");
  w.welcome();
  CHECK(w.nc.current_server() == "nats://three:3");
  w.finish();
  CHECK(w.env->links[1]->closed);
  CHECK(w.nc.statistics().connects == 3);
  CHECK(w.nc.statistics().disconnects == 0);
}

TEST_CASE("a silent link is given up when the move waits for it", "[ldm]") {
  SECTION("the old one before its first PONG") {
    moving_world w;
    w.connect();
    w.begin();
    CHECK_FALSE(w.nc.try_publish("a", "1"));
    w.advance(5s);
    CHECK(w.old_link().closed);
    CHECK(w.took(w.new_link()).ends_with("PING\r\nPUB a 1\r\n1\r\n"));
  }
  SECTION("the new one") {
    moving_world w;
    w.connect();
    w.begin();
    w.walk(1);
    w.advance(5s);
    CHECK(w.env->links[1]->closed);
    CHECK(w.nc.current_server() == "nats://one:1");
    CHECK(w.nc.last_error().code == errc::stale_connection);
  }
  SECTION("the old one at its end") {
    moving_world w;
    w.connect();
    w.begin();
    w.walk(3);
    w.advance(5s);
    CHECK(w.old_link().closed);
    CHECK(w.told().back().code == errc::stale_connection);
  }
}

TEST_CASE("close, drain and force_reconnect in every step of a move, also by one whom a message woke", "[ldm]") {
  for (int step = -1; step <= 4; ++step) {
    for (const bool woken : {false, true}) {
      for (const std::string what : {"close", "drain", "force"}) {
        INFO(what << step << (woken ? " woken" : ""));
        moving_world w;
        w.connect();
        auto plain = w.nc.subscribe("plain");
        auto queue = w.nc.subscribe("queue", {.queue = "q"});
        w.settle();
        if (step < 0) {
          w.lame_duck();  // and the other server says nothing yet
        } else {
          w.begin();
          w.walk(step);
        }
        w.spawn([&]() -> asio::awaitable<void> {
          if (woken) static_cast<void>(co_await queue.next());  // goes on in the read loop of that link
          if (what == "force") w.nc.force_reconnect();
          if (what == "close") w.nc.close();
          if (what == "drain") co_await w.nc.drain();
        });
        if (woken) {
          auto& speaking = w.old_link().closed ? w.new_link() : w.old_link();
          w.say(speaking, "MSG queue 2 1\r\n1\r\nMSG plain 1 1\r\n2\r\n");
          static_cast<void>(plain.try_next());
        }
        if (what == "drain") {
          for (int i = 0; i != 8; ++i) {
            for (const auto& l : w.env->links) w.answer(*l);
          }
        }
        CHECK(w.finished == 1);
        CHECK_FALSE(w.failure);
        if (what == "force") {
          for (const auto& l : w.env->links) CHECK((l->closed || l == w.env->links.back()));
          CHECK(w.env->links[0]->closed);
          w.advance(100ms);
          w.say(w.new_link(), test::info);
          static_cast<void>(w.took(w.new_link()));
          w.say(w.new_link(), "PONG\r\n");
          CHECK(w.took(w.new_link()) == "SUB plain 1\r\nSUB queue q 2\r\n");
          continue;
        }
        CHECK(w.ended);
        CHECK_FALSE(w.end_reason);
        for (const auto& l : w.env->links) CHECK(l->closed);
      }
    }
  }
}

TEST_CASE("a hook chooses the other server, or to stay", "[ldm]") {
  for (const std::size_t index : {1U, 0U}) {
    auto opts = moving_world::two_servers();
    std::size_t answer = 0;
    opts.reconnect.pick_server = [&](std::span<const innate::server_state>, const innate::protocol::server_info&) {
      return innate::server_choice{answer, {}};
    };
    moving_world w{opts};
    w.connect();
    answer = index;
    w.lame_duck();
    if (index == 1) {
      w.welcome();
      CHECK(w.nc.current_server() == "nats://two:2");
    } else {
      CHECK(w.env->dialed.size() == 1);
      CHECK(w.events().back() == event_kind::migration_failed);
    }
  }
}

TEST_CASE("whatever happens in whatever order, publishes keep their order and subscriptions their link", "[ldm]") {
  std::uint64_t links = 0;
  for (unsigned seed = 1; seed <= 400; ++seed) {
    INFO("seed " << seed);
    test::moving_model model{seed};
    model.play(60);
    model.check();
    links += model.links();
  }
  CHECK(links > 800);  // it does move
}
