// SPDX-License-Identifier: Apache-2.0
#include "support/nats_server.hpp"
#include "support/run.hpp"

#include <catch2/catch_test_macros.hpp>

#include <asio/as_tuple.hpp>
#include <asio/detached.hpp>
#include <asio/post.hpp>
#include <asio/strand.hpp>
#include <asio/thread_pool.hpp>
#include <asio/use_future.hpp>

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <tuple>
#include <vector>

using innate::errc;
using namespace std::chrono_literals;
using test::quick;

namespace {

/// Hands messages from the connection's thread to workers.
class message_queue {
 public:
  void put(innate::message m) {
    {
      const std::lock_guard lock{x_mutex};
      x_waiting.push_back(std::move(m));
    }
    x_there.notify_one();
  }
  void finish() {
    {
      const std::lock_guard lock{x_mutex};
      x_finished = true;
    }
    x_there.notify_all();
  }
  std::optional<innate::message> take() {
    std::unique_lock lock{x_mutex};
    x_there.wait(lock, [&] { return x_finished || !x_waiting.empty(); });
    if (x_waiting.empty()) return std::nullopt;
    std::optional<innate::message> m{std::move(x_waiting.front())};
    x_waiting.pop_front();
    return m;
  }

 private:
  std::mutex x_mutex;
  std::condition_variable x_there;
  std::deque<innate::message> x_waiting;
  bool x_finished = false;
};

/// A pool whose threads all run the same work, joined at the end.
void in_pool(const std::function<void(asio::thread_pool&)>& start) {
  asio::thread_pool pool{4};
  start(pool);
  pool.join();
}

/// An error crosses threads as a code: thread sanitizer does not see how libstdc++ counts the owners of an exception,
/// and takes its end on one thread for a race with its use on another.
constexpr auto as_code = asio::as_tuple(asio::use_future);

/// What a coroutine on a strand of the pool throws, the test throws.
template <class Body>
std::future<void> on_strand(asio::thread_pool& pool, Body body) {
  return asio::co_spawn(asio::make_strand(pool), std::move(body), asio::use_future);
}

}  // namespace

TEST_CASE("six threads publish and request through one shared handle: nothing is lost, each thread's order is kept",
          "[threads]") {
  constexpr int threads = 6;
  constexpr int each = 400;
  const test::nats_server server;
  test::run(
      [&]() -> asio::awaitable<void> {
        auto nc = co_await innate::connect(quick(server.url()));
        auto sub = nc.subscribe("n.*");
        auto service = nc.subscribe("svc");
        service.for_each([&](const innate::message& m) { CHECK_FALSE(nc.try_respond(m, m.data())); },
                         [](std::error_code) {});
        co_await nc.flush();
        std::atomic<int> wrong{0};
        std::vector<std::thread> running;
        for (int t = 0; t != threads; ++t)
          running.emplace_back([&wrong, t, shared = nc.share()] {
            const std::string subject = "n." + std::to_string(t);
            for (int i = 0; i != each; ++i) {
              if (shared.try_publish(std::string_view{subject}, std::to_string(i))) ++wrong;
              if (i % 40 != 0) continue;
              const auto asked = subject + "-" + std::to_string(i);
              auto answer = shared.request("svc", asked, asio::use_future, 20s);
              if (answer.get().data() != asked) ++wrong;
            }
          });
        std::map<std::string, int> next;
        for (int i = 0; i != threads * each; ++i) {
          const auto m = co_await sub.next(20s);
          if (std::to_string(next[std::string{m->subject()}]++) != m->data()) ++wrong;
        }
        for (auto& t : running) t.join();
        CHECK(wrong == 0);
        CHECK(next.size() == threads);
        co_await nc.drain();
      },
      60s);
}

TEST_CASE("messages may be read and released on other threads, also after their connection", "[threads]") {
  constexpr int count = 1000;
  const test::nats_server server;
  message_queue queue;
  std::atomic<int> whole{0};
  std::vector<std::thread> workers;
  for (int t = 0; t != 3; ++t)
    workers.emplace_back([&] {
      while (const auto m = queue.take()) {
        const auto copy = *m;
        if (copy.data() == std::string(500, 'x') && copy.headers().get("K") == "v") ++whole;
      }
    });
  std::vector<innate::message> kept;
  test::run([&]() -> asio::awaitable<void> {
    auto nc = co_await innate::connect(quick(server.url()));
    auto sub = nc.subscribe("a");
    innate::headers h;
    h.add("K", "v");
    for (int i = 0; i != count; ++i) co_await nc.publish("a", std::string(500, 'x'), {.reply = {}, .headers = h});
    for (int i = 0; i != count; ++i) {
      auto m = co_await sub.next(20s);
      if (i % 100 == 0) kept.push_back(*m);
      queue.put(std::move(*m));
    }
  });
  std::thread last{[&] {
    for (const auto& m : kept)
      if (m.data().size() == 500) ++whole;
    kept.clear();
  }};
  last.join();
  queue.finish();
  for (auto& w : workers) w.join();
  CHECK(whole == count + count / 100);
}

TEST_CASE("connections on strands of a thread pool work at the same time", "[threads]") {
  const test::nats_server server;
  in_pool([&](asio::thread_pool& pool) {
    std::vector<std::future<void>> bodies;
    for (int c = 0; c != 4; ++c)
      bodies.push_back(on_strand(pool, [&server, c]() -> asio::awaitable<void> {
        auto nc = co_await innate::connect(quick(server.url()));
        const std::string mine = "strand." + std::to_string(c);
        auto sub = nc.subscribe(std::string_view{mine});
        auto service = nc.subscribe("svc", {.queue = "q"});
        service.for_each([&nc](const innate::message& m) { static_cast<void>(nc.try_respond(m, m.data())); },
                         [](std::error_code) {});
        for (int i = 0; i != 100; ++i) {
          const auto text = std::to_string(i);
          co_await nc.publish(std::string_view{mine}, text);
          const auto m = co_await sub.next(20s);
          if (m->data() != text) throw std::runtime_error("a message came out of order");
        }
        // A member that drains may be asked no more: the others answer.
        for (int i = 0; i != 20; ++i) {
          const auto answer = co_await nc.request("svc", mine, {.timeout = 20s});
          if (answer.data() != mine) throw std::runtime_error("another's answer");
        }
        co_await nc.flush();
        co_await nc.drain();
      }));
    for (auto& b : bodies) CHECK_NOTHROW(b.get());
  });
}

TEST_CASE("a connection is destroyed while operations are pending, on its strand, by another thread", "[threads]") {
  const test::nats_server server;
  in_pool([&](asio::thread_pool& pool) {
    for (int round = 0; round != 10; ++round) {
      const auto strand = asio::make_strand(pool);
      auto nc = std::make_unique<innate::connection>(
          asio::co_spawn(strand, innate::connect(quick(server.url())), asio::use_future).get());
      const auto shared = nc->share();
      std::promise<std::error_code> waiting_next;
      std::promise<std::error_code> waiting_flush;
      std::atomic<int> published{0};
      asio::post(strand, [&] {
        asio::co_spawn(
            strand,
            [&, sub = nc->subscribe("silent")]() mutable -> asio::awaitable<void> {
              waiting_next.set_value(co_await test::code_of(sub.next()));
            },
            asio::detached);
      });
      auto asked = shared.request("silent", "?", as_code, 30s);
      std::thread busy{[&] {
        for (; published != 200; ++published) static_cast<void>(shared.try_publish("a", "x"));
      }};
      asio::post(strand, [&] {
        nc->flush([&](std::error_code failed) { waiting_flush.set_value(failed); });
        asio::post(strand, [gone = std::move(nc)] {});
      });
      // No subscriber of 'silent' answers: the request ends with the connection, as everything does.
      CHECK(std::get<0>(asked.get()) == errc::connection_closed);
      static_cast<void>(waiting_next.get_future().get());
      static_cast<void>(waiting_flush.get_future().get());
      busy.join();
      CHECK(std::get<0>(shared.request("silent", "?", as_code, 1s).get()) == errc::connection_closed);
    }
  });
}

TEST_CASE("a connection is destroyed inside its own handlers", "[threads]") {
  const test::nats_server server;
  for (const bool by_event : {false, true}) {
    asio::io_context io;
    std::optional<innate::connection> nc;
    auto opts = quick(server.url());
    bool gone = false;
    const auto destroy = [&] {
      nc.reset();
      gone = true;
    };
    if (by_event)
      opts.on_event = [&](const innate::connection_event& e) {
        if (e.kind == innate::event_kind::connected) destroy();
      };
    nc.emplace(io.get_executor(), opts);
    bool ended = false;
    nc->run([&](std::error_code) { ended = true; });
    auto sub = nc->subscribe("a");
    bool loop_ended = false;
    sub.for_each([&](const innate::message&) { destroy(); }, [&](std::error_code) { loop_ended = true; });
    static_cast<void>(nc->try_publish("a", "x"));
    io.run_for(20s);
    CHECK(gone);
    CHECK(ended);
    CHECK(loop_ended);
  }
}
