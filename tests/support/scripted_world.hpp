// SPDX-License-Identifier: Apache-2.0
/// A world in which tests own everything: streams in memory, a clock that only they move, a server that is a script.
#pragma once

#include <innate/innate.hpp>

#include <asio/as_tuple.hpp>
#include <asio/bind_cancellation_slot.hpp>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/error.hpp>
#include <asio/io_context.hpp>
#include <asio/steady_timer.hpp>
#include <asio/use_awaitable.hpp>

#include <algorithm>
#include <cstring>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace test {

/// One link: what the client wrote, and what it will read. Shared by the client's stream and the test.
class link {
 public:
  explicit link(asio::io_context& io) : x_readable(io), x_writable(io) {}

  /// The server says something.
  void send(std::string_view bytes) {
    to_client.append(bytes);
    x_readable.cancel();
  }
  /// The server, or the network, ends the link.
  void cut() {
    closed = true;
    x_readable.cancel();
    x_writable.cancel();
  }
  /// The network takes no more bytes until `unblock`.
  void block() { blocked = true; }
  void unblock() {
    blocked = false;
    x_writable.cancel();
  }

  asio::awaitable<innate::io_result> read(asio::mutable_buffer into) {
    while ((to_client.empty() || mute) && !closed) co_await sleep(x_readable);
    if (to_client.empty() || mute) co_return innate::io_result{asio::error::eof, 0};
    const auto size = std::min({into.size(), to_client.size(), most_per_read});
    std::memcpy(into.data(), to_client.data(), size);
    to_client.erase(0, size);
    co_return innate::io_result{{}, size};
  }
  asio::awaitable<innate::io_result> write(std::span<const std::string_view> pieces) {
    while (blocked && !closed) co_await sleep(x_writable);
    co_return take(pieces);
  }
  innate::io_result take(std::span<const std::string_view> pieces) {
    if (closed) return {asio::error::broken_pipe, 0};
    const auto size = std::min({pieces.front().size(), most_per_write, cut_after});
    received.append(pieces.front().substr(0, size));
    if (take_one_write) block();
    if (cut_after != endless && (cut_after -= size) == 0) cut();
    return {{}, size};
  }

  static constexpr std::size_t endless = ~std::size_t{0};
  std::string received;  // by the server
  std::string to_client;
  std::size_t most_per_read = 1 << 20;
  std::size_t most_per_write = 1 << 20;
  std::size_t cut_after = endless;  // the link fails when it has taken so many bytes more
  bool take_one_write = false;      // then block
  bool takes_at_once = false;       // what a client tries to write without waiting
  bool closed = false;
  bool blocked = false;
  bool mute = false;  // the client reads nothing more

 private:
  static asio::awaitable<void> sleep(asio::steady_timer& until_cancelled) {
    until_cancelled.expires_at(asio::steady_timer::time_point::max());
    static_cast<void>(co_await until_cancelled.async_wait(asio::as_tuple(asio::use_awaitable)));
  }
  asio::steady_timer x_readable;
  asio::steady_timer x_writable;
};

class link_stream final : public innate::stream {
 public:
  explicit link_stream(std::shared_ptr<link> l) : x_link(std::move(l)) {}
  asio::awaitable<innate::io_result> read_some(asio::mutable_buffer into) override { return x_link->read(into); }
  asio::awaitable<innate::io_result> write_some(std::span<const std::string_view> pieces) override {
    return x_link->write(pieces);
  }
  innate::io_result try_write(std::span<const std::string_view> pieces) override {
    return x_link->takes_at_once && !x_link->blocked ? x_link->take(pieces) : innate::io_result{};
  }
  void close() noexcept override { x_link->cut(); }

 private:
  std::shared_ptr<link> x_link;
};

class manual_environment;

class manual_timer final : public innate::timer {
 public:
  manual_timer(manual_environment& world, asio::any_io_executor executor);
  ~manual_timer() override;
  asio::awaitable<void> wait_until(innate::time_point when) override {
    x_when = when;
    x_signal.expires_at(asio::steady_timer::time_point::max());
    static_cast<void>(co_await x_signal.async_wait(asio::as_tuple(asio::use_awaitable)));
    x_when = innate::time_point::max();
  }
  void cancel() noexcept override { x_signal.cancel(); }
  [[nodiscard]] innate::time_point when() const noexcept { return x_when; }
  void tell(innate::time_point now) {
    if (x_when <= now) x_signal.cancel();
  }

 private:
  manual_environment& x_world;
  asio::steady_timer x_signal;
  innate::time_point x_when = innate::time_point::max();
};

class manual_environment : public innate::environment {
 public:
  explicit manual_environment(asio::io_context& io) : x_io(io) {}

  [[nodiscard]] innate::time_point now() const override { return x_now; }
  [[nodiscard]] std::uint64_t random() override { return 0; }
  [[nodiscard]] std::unique_ptr<innate::timer> make_timer(const asio::any_io_executor& executor) override {
    return std::make_unique<manual_timer>(*this, executor);
  }
  asio::awaitable<innate::dial_result> dial(innate::core::server_url url, bool) override {
    dialed.push_back(url.to_string());
    if (hang_dialing) {
      asio::steady_timer forever{x_io, asio::steady_timer::time_point::max()};
      static_cast<void>(co_await forever.async_wait(asio::as_tuple(asio::use_awaitable)));
    }
    if (refuse) co_return innate::dial_result{asio::error::connection_refused, "refused by the test"};
    links.push_back(std::make_shared<link>(x_io));
    co_return innate::dial_result{std::make_unique<link_stream>(links.back())};
  }

  void advance(innate::duration by) {
    x_now += by;
    for (auto* t : timers) t->tell(x_now);
  }

  /// When the next timer is due; `time_point::max()`: no timer runs.
  [[nodiscard]] innate::time_point next_deadline() const {
    auto first = innate::time_point::max();
    for (const auto* t : timers) first = std::min(first, t->when());
    return first;
  }

  std::vector<std::shared_ptr<link>> links;
  std::vector<std::string> dialed;
  std::vector<manual_timer*> timers;
  bool refuse = false;
  bool hang_dialing = false;

 private:
  asio::io_context& x_io;
  innate::time_point x_now{std::chrono::hours{1}};
};

inline manual_timer::manual_timer(manual_environment& world, asio::any_io_executor executor)
    : x_world(world), x_signal(std::move(executor)) {
  x_world.timers.push_back(this);
}
inline manual_timer::~manual_timer() { std::erase(x_world.timers, this); }

inline constexpr std::string_view info =
    "INFO {\"server_id\":\"S\",\"version\":\"2.10.0\",\"proto\":1,\"headers\":true,\"max_payload\":1048576}\r\n";

/// A connection in such a world, and the shortest ways to move it.
class scripted_world {
 public:
  explicit scripted_world(innate::options opts = quick()) : nc(io.get_executor(), std::move(opts), env) {}

  [[nodiscard]] static innate::options quick() {
    innate::options o{"nats://one:1"};
    o.reconnect.jitter = {};
    o.reconnect.wait = std::chrono::milliseconds{100};
    return o;
  }

  /// Runs everything that can run without time passing.
  void settle() {
    io.restart();
    io.poll();
  }
  void advance(innate::duration by) {
    env->advance(by);
    settle();
  }
  void start() {
    nc.run([this](std::error_code reason) {
      ended = true;
      end_reason = reason;
    });
    settle();
  }
  [[nodiscard]] link& server() { return *env->links.back(); }
  void say(std::string_view bytes) {
    server().send(bytes);
    settle();
  }
  /// The server delivers a message.
  void deliver(std::string_view subject_and_sid, std::string_view payload) {
    say("MSG " + std::string{subject_and_sid} + " " + std::to_string(payload.size()) + "\r\n" + std::string{payload} +
        "\r\n");
  }
  /// What the server has got since the last call.
  [[nodiscard]] std::string take_received() { return std::exchange(server().received, {}); }
  void greet() {
    say(info);
    say("PONG\r\n");
  }
  void connect() {
    start();
    greet();
    static_cast<void>(take_received());
  }
  void lose_link() {
    server().cut();
    settle();
  }

  /// Starts a coroutine and keeps its exception, if any, in `failure`.
  template <class Coroutine>
  void spawn(Coroutine coroutine) {
    asio::co_spawn(io, std::move(coroutine), [this](const std::exception_ptr& thrown) {
      ++finished;
      try {
        if (thrown) std::rethrow_exception(thrown);
      } catch (const std::system_error& e) {
        failure = e.code();
      }
    });
    settle();
  }

  [[nodiscard]] std::vector<innate::event_kind> events() {
    std::vector<innate::event_kind> kinds;
    auto pull = [&]() -> asio::awaitable<void> {
      while (auto e = co_await nc.next_event()) kinds.push_back(e->kind);
    };
    asio::cancellation_signal stop;
    asio::co_spawn(io, pull(), asio::bind_cancellation_slot(stop.slot(), [](const std::exception_ptr&) {}));
    settle();
    stop.emit(asio::cancellation_type::terminal);
    settle();
    return kinds;
  }

  asio::io_context io;
  std::shared_ptr<manual_environment> env = std::make_shared<manual_environment>(io);
  innate::connection nc;
  bool ended = false;
  std::error_code end_reason{};
  std::error_code failure{};
  int finished = 0;
};

}  // namespace test
