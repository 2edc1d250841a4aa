// SPDX-License-Identifier: Apache-2.0
/// Counts heap allocations: none per message, once buffers have grown to what the traffic needs.
#include "support/nats_server.hpp"
#include "support/run.hpp"

#include <innate/typed.hpp>

#include <asio/detached.hpp>
#include <catch2/catch_test_macros.hpp>

#include <atomic>
#include <cstdlib>
#include <new>

namespace {
std::atomic<std::size_t> allocations{0};

void* counted(std::size_t size) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  if (void* memory = std::malloc(size)) return memory;
  throw std::bad_alloc{};
}
}  // namespace

void* operator new(std::size_t size) { return counted(size); }
void* operator new[](std::size_t size) { return counted(size); }
void* operator new(std::size_t size, std::align_val_t alignment) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  const auto step = static_cast<std::size_t>(alignment);
  if (void* memory = std::aligned_alloc(step, (size + step - 1) / step * step)) return memory;
  throw std::bad_alloc{};
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }

TEST_CASE("the counter counts", "[allocations]") {
  const auto before = allocations.load();
  ::operator delete(::operator new(1));  // not a new expression, which the compiler may leave out
  CHECK(allocations.load() == before + 1);
}

TEST_CASE("publish and next() allocate nothing per message in steady state", "[allocations]") {
  test::nats_server server;
  test::run([&]() -> asio::awaitable<void> {
    auto nc = co_await innate::connect(test::quick(server.url()));
    auto sub = nc.subscribe("a");
    innate::headers h;
    h.add("K", "v");
    constexpr int burst = 500;
    const auto round = [&]() -> asio::awaitable<void> {
      for (int i = 0; i != burst; ++i) {
        if (i % 2) {
          co_await nc.publish("a", "payload", {.reply = "r", .headers = h});
        } else if (nc.try_publish("a", "payload")) {
          throw std::runtime_error("refused");
        }
      }
      for (int i = 0; i != burst; ++i) {
        const auto m = co_await sub.next();
        if (m->data() != "payload") throw std::runtime_error("another message");
      }
    };
    for (int i = 0; i != 20; ++i) co_await round();
    const auto before = allocations.load();
    for (int i = 0; i != 40; ++i) co_await round();
    const auto counted_in_all = allocations.load() - before;
    CHECK(counted_in_all == 0);  // over 20 000 messages published and received
  });
}

TEST_CASE("a wait for a message, a reply or room allocates nothing in steady state", "[allocations]") {
  test::nats_server server;
  test::run([&]() -> asio::awaitable<void> {
    auto nc = co_await innate::connect(test::quick(server.url()));
    auto echo = nc.subscribe("echo");
    echo.for_each([&](const innate::message& m) { static_cast<void>(nc.try_respond(m, m.data())); }, asio::detached);
    auto sub = nc.subscribe("a");
    const auto round = [&]() -> asio::awaitable<void> {
      const auto reply = co_await nc.request("echo", "payload");
      co_await nc.publish("a", reply.data());
      const auto m = co_await sub.next();  // which is not there yet
      if (m->data() != "payload") throw std::runtime_error("another message");
    };
    for (int i = 0; i != 200; ++i) co_await round();
    const auto before = allocations.load();
    for (int i = 0; i != 500; ++i) co_await round();
    const auto counted_in_all = allocations.load() - before;
    CHECK(counted_in_all == 0);
  });
}

namespace {

enum class kind { question, answer };
constexpr auto names_of(kind) { return std::array<std::string_view, 2>{"question", "answer"}; }

struct inbox_message {
  std::string_view from_agent{};
  std::string_view content{};
  kind message_type{};
  std::int64_t number = 0;
  innate::timestamp time{};
  using payload_fields =
      innate::fields<innate::field<"from_agent", &inbox_message::from_agent>,
                     innate::field<"content", &inbox_message::content>,
                     innate::field<"message_type", &inbox_message::message_type>,
                     innate::field<"number", &inbox_message::number>, innate::field<"timestamp", &inbox_message::time>>;
};
using inbox = innate::event<"agent.{agent_id}.inbox", inbox_message>;

}  // namespace

TEST_CASE("typed publish and typed next() allocate nothing per message in steady state", "[allocations]") {
  using namespace innate::literals;
  test::nats_server server;
  test::run([&]() -> asio::awaitable<void> {
    auto nc = co_await innate::connect(test::quick(server.url()));
    auto sub = nc.subscribe<inbox>();
    const inbox_message m{"a", "hello", kind::answer, 42, innate::timestamp::now()};
    constexpr int burst = 500;
    const auto round = [&]() -> asio::awaitable<void> {
      for (int i = 0; i != burst; ++i) co_await nc.publish<inbox>("agent_id"_p = i, m);
      for (int i = 0; i != burst; ++i) {
        const auto ev = co_await sub.next();
        if ((*ev)->content != "hello" || (*ev)->time != m.time) throw std::runtime_error("another event");
      }
    };
    for (int i = 0; i != 20; ++i) co_await round();
    const auto before = allocations.load();
    for (int i = 0; i != 40; ++i) co_await round();
    const auto counted_in_all = allocations.load() - before;
    CHECK(counted_in_all == 0);  // over 20 000 events published and received
  });
}
