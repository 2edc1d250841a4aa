// SPDX-License-Identifier: Apache-2.0
// Whose turn it is: waits that end in the read loop go on at once, and the loop leaves turns to others.
#include "../support/scripted_world.hpp"

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <stdexcept>
#include <string>

using test::scripted_world;

namespace {

// `count` messages for sid 1, of 1 KiB with their frame.
std::string kibibytes(std::size_t count) {
  const std::string frame = "MSG a 1 1008\r\n" + std::string(1008, 'x') + "\r\n";
  std::string all;
  for (std::size_t i = 0; i != count; ++i) all += frame;
  return all;
}

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

TEST_CASE("a call of the user never runs another coroutine before it returns", "[turns]") {
  scripted_world w;
  w.connect();
  auto sub = w.nc.subscribe("a");
  bool woken = false;
  w.spawn([&]() -> asio::awaitable<void> {
    static_cast<void>(co_await sub.next());
    woken = true;
  });
  sub.unsubscribe();
  CHECK_FALSE(woken);
  w.settle();
  CHECK(woken);
}

TEST_CASE("after much there is more: it is read without waiting, and others have turns", "[turns]") {
  constexpr std::size_t reads = 100;
  scripted_world w;
  w.connect();
  w.server().most_per_read = 32 << 10;
  auto sub = w.nc.subscribe("a");
  std::size_t taken = 0;
  std::size_t longest = 0;
  w.spawn([&]() -> asio::awaitable<void> { co_await sub.for_each([&](const innate::message&) { ++taken; }); });
  w.server().send(kibibytes(reads * 32));
  w.spawn([&]() -> asio::awaitable<void> {
    while (taken == 0) co_await asio::post(asio::use_awaitable);
    for (auto before = taken; taken != reads * 32; before = taken) {
      co_await asio::post(asio::use_awaitable);
      longest = std::max(longest, taken - before);
    }
  });
  CHECK(taken == reads * 32);
  CHECK(w.server().tries >= reads - reads / 8);
  CHECK(longest > 32);
  CHECK(longest <= 16 * 32);
}

TEST_CASE("nothing more is read without waiting after little, or for a consumer who does not keep up", "[turns]") {
  scripted_world w;
  w.connect();
  auto sub = w.nc.subscribe("a");
  std::size_t taken = 0;
  SECTION("little") {
    w.server().most_per_read = 8 << 10;
    w.spawn([&]() -> asio::awaitable<void> { co_await sub.for_each([&](const innate::message&) { ++taken; }); });
  }
  SECTION("behind") { w.server().most_per_read = 32 << 10; }
  w.say(kibibytes(256));
  CHECK(taken + sub.pending_messages() == 256);
  CHECK(w.server().tries == 0);
}
