// SPDX-License-Identifier: Apache-2.0
#include "support/faults.hpp"
#include "support/scripted_world.hpp"

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <string>
#include <vector>

using innate::errc;
using namespace std::chrono_literals;
using test::scripted_world;

namespace {

innate::options patient() {
  auto opts = scripted_world::quick();
  opts.reconnect.retry_first_connect = true;
  opts.reconnect.max_wait = 100ms;
  return opts;
}

}  // namespace

TEST_CASE("a server that stops in the middle of a handshake line is given up at the connect deadline", "[healing]") {
  const std::string said = std::string{test::info} + "PON";
  for (std::size_t part = 0; part <= said.size(); part += 7) {
    scripted_world w{patient()};
    w.start();
    w.say(std::string_view{said}.substr(0, part));
    w.advance(4'999ms);
    CHECK(w.env->links.size() == 1);
    w.advance(1ms);
    CHECK(w.env->links.front()->closed);
    CHECK(w.nc.last_error().code == errc::connect_timeout);
    w.advance(100ms);
    REQUIRE(w.env->links.size() == 2);
    w.greet();
    CHECK(w.nc.status() == innate::status::connected);
  }
}

TEST_CASE("a server that accepts and says nothing costs no memory, however often it is tried", "[healing]") {
  test::counted_memory memory;
  auto opts = patient();
  opts.memory = &memory;
  opts.reconnect.buffer = 1000;
  std::size_t after_ten = 0;
  {
    scripted_world w{opts};
    w.connect();
    auto sub = w.nc.subscribe("a");
    w.lose_link();
    for (int attempt = 1; attempt != 200; ++attempt) {
      static_cast<void>(w.nc.try_publish("a", std::string(100, 'x')));  // refused once the buffer is full
      w.advance(5s);
      w.advance(100ms);
      if (attempt == 10) after_ten = memory.outstanding;
    }
    CHECK(w.env->links.size() > 150);
    CHECK(memory.outstanding <= after_ten);
    CHECK(std::count_if(w.env->links.begin(), w.env->links.end(), [](const auto& l) { return !l->closed; }) <= 1);
    CHECK(w.env->timers.size() == 1);
    CHECK(w.nc.statistics().pending_out <= 1000);
    while (w.nc.status() != innate::status::connected) {
      w.greet();
      w.advance(100ms);
    }
    w.say("MSG a 1 1\r\nx\r\n");
    CHECK(sub.try_next().value().data() == "x");
  }
  CHECK(memory.outstanding == 0);
}

TEST_CASE("a half-open link is noticed by pings, and what was published meanwhile is not kept for ever", "[healing]") {
  test::counted_memory memory;
  auto opts = patient();
  opts.memory = &memory;
  opts.ping_interval = 1s;
  scripted_world w{opts};
  w.connect();
  w.server().mute = true;
  const auto before = memory.outstanding;
  for (int i = 0; i != 1000; ++i) {
    static_cast<void>(w.nc.try_publish("a", std::string(1000, 'x')));
    w.settle();
  }
  CHECK(memory.outstanding < before + (1U << 20));
  w.advance(1s);
  w.advance(1s);
  CHECK(w.nc.status() == innate::status::connected);
  w.advance(1s);
  CHECK(w.nc.status() == innate::status::reconnecting);
  CHECK(w.nc.last_error().code == errc::stale_connection);
  CHECK(w.env->links.front()->closed);
}

TEST_CASE("every attempt asks for its server by name again", "[healing]") {
  innate::options opts{"nats://nodes.test:4222"};
  opts.reconnect.retry_first_connect = true;
  opts.reconnect.jitter = {};
  opts.reconnect.wait = 100ms;
  scripted_world w{opts};
  w.env->refuse = true;
  w.start();
  for (int i = 0; i != 5; ++i) w.advance(30s);
  CHECK(w.env->dialed.size() == 6);
  CHECK(std::all_of(w.env->dialed.begin(), w.env->dialed.end(),
                    [](const auto& url) { return url == "nats://nodes.test:4222"; }));
}

TEST_CASE("members that join are tried, members that leave are forgotten, what the user named stays", "[healing]") {
  auto opts = patient();
  opts.randomize = false;
  scripted_world w{opts};
  w.connect();
  const auto names = [&] {
    std::vector<std::string> urls;
    for (const auto& s : w.nc.servers()) urls.push_back(s.url);
    std::sort(urls.begin(), urls.end());
    return urls;
  };
  w.say("INFO {\"proto\":1,\"headers\":true,\"max_payload\":1000,\"connect_urls\":[\"two:2\",\"three:3\"]}\r\n");
  CHECK(names() == std::vector<std::string>{"nats://one:1", "nats://three:3", "nats://two:2"});
  w.say("INFO {\"proto\":1,\"headers\":true,\"max_payload\":1000,\"connect_urls\":[\"three:3\"]}\r\n");
  CHECK(names() == std::vector<std::string>{"nats://one:1", "nats://three:3"});
  w.lose_link();
  w.advance(100ms);
  CHECK(w.env->dialed.back() == "nats://three:3");
}
