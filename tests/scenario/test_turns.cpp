// SPDX-License-Identifier: Apache-2.0
// Whose turn it is: the first who waits for what is read goes on at once, others one after the other.
#include "../support/scripted_world.hpp"

#include <asio/post.hpp>
#include <catch2/catch_test_macros.hpp>

#include <optional>
#include <stdexcept>
#include <string>

using namespace std::chrono_literals;
using test::scripted_world;

namespace {

// Somebody waits for a message.
struct waiting_world : scripted_world {
  waiting_world() {
    connect();
    sub = nc.subscribe("a");
    spawn([this]() -> asio::awaitable<void> {
      static_cast<void>(co_await sub.next());
      woken = true;
    });
  }
  innate::subscription sub;
  bool woken = false;
};

}  // namespace

TEST_CASE("what a woken consumer throws comes out of the event loop, and its connection goes on", "[turns]") {
  scripted_world w;
  w.connect();
  auto sub = w.nc.subscribe("a");
  const auto fail = [&]() -> asio::awaitable<void> {
    static_cast<void>(co_await sub.next());
    throw std::runtime_error("of a consumer");
  };
  asio::co_spawn(w.io, fail(), [](const std::exception_ptr& thrown) {
    if (thrown) std::rethrow_exception(thrown);
  });
  w.settle();
  CHECK_THROWS_AS(w.deliver("a 1", "1"), std::runtime_error);
  w.deliver("a 1", "2");
  CHECK(sub.try_next().value().data() == "2");
  CHECK(w.nc.status() == innate::status::connected);
}

TEST_CASE("who waits for what is read goes on before any other handler runs", "[turns]") {
  waiting_world w;
  w.server().send("MSG a 1 1\r\n1\r\n");
  w.io.restart();
  while (w.nc.statistics().messages_in == 0) REQUIRE(w.io.poll_one() == 1);
  CHECK(w.woken);
}

TEST_CASE("of several who are woken by one read none goes on after the event loop was stopped", "[turns]") {
  scripted_world w;
  w.connect();
  auto a = w.nc.subscribe("a");
  auto b = w.nc.subscribe("b");
  std::string order;
  w.spawn([&]() -> asio::awaitable<void> {
    static_cast<void>(co_await a.next());
    order += 'a';
    w.io.stop();
  });
  w.spawn([&]() -> asio::awaitable<void> {
    static_cast<void>(co_await b.next());
    order += 'b';
  });
  w.say("MSG a 1 1\r\n1\r\nMSG b 2 1\r\n2\r\n");
  CHECK(order == "a");
  w.settle();
  CHECK(order == "ab");
}

TEST_CASE("waits go on in the order in which they ended, whatever the first of them does", "[turns]") {
  scripted_world w;
  w.connect();
  auto a = w.nc.subscribe("a");
  auto b = w.nc.subscribe("b");
  auto c = w.nc.subscribe("c");
  std::string order;
  w.spawn([&]() -> asio::awaitable<void> {
    static_cast<void>(co_await a.next());
    order += 'a';
    c.unsubscribe();  // ends the wait for it
    order += '.';
  });
  w.spawn([&]() -> asio::awaitable<void> {
    static_cast<void>(co_await b.next());
    order += 'b';
  });
  w.spawn([&]() -> asio::awaitable<void> {
    static_cast<void>(co_await c.next());
    order += 'c';
  });
  w.say("MSG a 1 1\r\n1\r\nMSG b 2 1\r\n2\r\n");
  CHECK(order == "a.bc");
  CHECK(w.finished == 3);
}

TEST_CASE("a woken consumer may end its subscription or its connection in the read that woke it", "[turns]") {
  enum class how { unsubscribe, destroy, close, reconnect };
  for (const auto ending : {how::unsubscribe, how::destroy, how::close, how::reconnect}) {
    scripted_world w;
    w.connect();
    std::optional<innate::subscription> sub{w.nc.subscribe("a")};
    w.spawn([&]() -> asio::awaitable<void> {
      static_cast<void>(co_await sub->next());
      if (ending == how::unsubscribe) sub->unsubscribe();
      if (ending == how::destroy) sub.reset();
      if (ending == how::close) w.nc.close();
      if (ending == how::reconnect) w.nc.force_reconnect();
    });
    w.say("MSG a 1 1\r\n1\r\nMSG a 1 1\r\n2\r\nPING\r\n");
    CHECK(w.finished == 1);
    CHECK(w.env->links.front()->closed == (ending == how::close || ending == how::reconnect));
    if (sub) CHECK(sub->try_next().value().data() == "2");
    if (ending == how::close) continue;
    if (ending == how::reconnect) {
      w.advance(100ms);
      w.greet();
    }
    CHECK(w.nc.status() == innate::status::connected);
  }
}

TEST_CASE("a call of the user never runs another coroutine before it returns", "[turns]") {
  waiting_world w;
  asio::post(w.io, [&] {  // where it could
    w.sub.unsubscribe();
    CHECK_FALSE(w.woken);
  });
  w.settle();
  CHECK(w.woken);
}
