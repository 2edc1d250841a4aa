// SPDX-License-Identifier: Apache-2.0
/// Publishing and requesting from any thread: commands queue under a short lock and enter the connection once a burst.
#pragma once

#include <innate/connection.hpp>

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/post.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <memory_resource>
#include <mutex>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace innate::inline v0 {

/// Copyable, thread-safe. Keeps the connection's state alive, not the connection: after that is closed everything fails
/// with `connection_closed`.
class shared_handle {
 public:
  /// Queues a publish; it is checked for its subject and the queue's bound here, for the server's limits on the
  /// connection's executor, where a refusal becomes a `server_error` event with the code. Order is kept per thread.
  /// Errors: `invalid_subject`, `invalid_wildcard`, `outbound_full` (as much waits as the option `outbound.limit` says,
  /// because other threads are faster than the server; what was queued is not lost).
  [[nodiscard]] std::error_code try_publish(protocol::subject_ref subject, payload_view payload = {},
                                            publish_options how = {}) const {
    const auto fault = subject.check().fault;
    if (fault != protocol::subject_fault::none)
      return fault == protocol::subject_fault::wildcard ? errc::invalid_wildcard : errc::invalid_subject;
    const auto queued = x_queue->push({subject.view(), payload.view(), how.reply, how.headers.raw()});
    if (queued == queue::outcome::first)
      asio::post(x_driver->executor(), [queue = x_queue, driver = x_driver] { enter(queue, driver); });
    return queued == queue::outcome::full ? make_error_code(errc::outbound_full) : std::error_code{};
  }

  /// `connection::request` from any thread, for any completion token (`asio::use_future` among them). It is sent after
  /// what this handle and its copies have published before.
  template <class Token>
  auto request(std::string subject, std::string payload, Token&& token, duration timeout = {}) const {
    return net::initiate(x_driver->executor(), ask(x_queue, x_driver, std::move(subject), std::move(payload), timeout),
                         std::forward<Token>(token));
  }

 private:
  friend class connection;

  struct command {
    std::string_view subject, payload, reply, headers;
  };

  /// Commands one after the other in one run of bytes: the sizes of their four parts, then the parts.
  class queue {
   public:
    enum class outcome : std::uint8_t { first, queued, full };

    explicit queue(std::size_t limit) : x_limit(limit) {}

    /// From any thread. Whoever is the first has to see to it that `take` is called.
    [[nodiscard]] outcome push(const command& c) {
      const sizes parts{c.subject.size(), c.payload.size(), c.reply.size(), c.headers.size()};
      const std::size_t size = sizeof parts + parts[0] + parts[1] + parts[2] + parts[3];
      const std::lock_guard lock{x_mutex};
      if (size > x_limit - std::min(x_limit, x_waiting.size() + x_held)) return outcome::full;
      char* at = x_waiting.extend(size);
      std::memcpy(at, parts.data(), sizeof parts);
      at += sizeof parts;
      for (const auto part : {c.subject, c.payload, c.reply, c.headers}) at += part.copy(at, part.size());
      return std::exchange(x_posted, true) ? outcome::queued : outcome::first;
    }

    // The rest is the connection's.

    /// Takes what waits, to be popped; nothing may be left of what was taken before.
    void take() {
      if (x_taken.capacity() > kept_capacity) x_taken.release();
      x_taken.clear();
      x_at = 0;
      const std::lock_guard lock{x_mutex};
      x_taken.swap(x_waiting);
      x_held = x_taken.size();
      x_posted = false;
    }
    /// What was popped so far makes room for others.
    void give_room() {
      const std::lock_guard lock{x_mutex};
      x_held = x_taken.size() - x_at;
    }
    [[nodiscard]] bool empty() const noexcept { return x_at == x_taken.size(); }
    /// Its views live until `take`.
    [[nodiscard]] command pop() noexcept {
      sizes parts;
      std::memcpy(parts.data(), x_taken.data() + x_at, sizeof parts);
      x_at += sizeof parts;
      const auto next = [&](std::size_t size) {
        return std::string_view{x_taken.data() + std::exchange(x_at, x_at + size), size};
      };
      command c;
      c.subject = next(parts[0]);
      c.payload = next(parts[1]);
      c.reply = next(parts[2]);
      c.headers = next(parts[3]);
      return c;
    }

    bool pausing = false;  // somebody waits for room, and goes on with what was taken

   private:
    using sizes = std::array<std::size_t, 4>;
    static constexpr std::size_t kept_capacity = std::size_t{256} << 10;

    std::mutex x_mutex;
    core::byte_buffer x_waiting{std::pmr::new_delete_resource()};  // other threads may not use the connection's
    std::size_t x_held = 0;
    bool x_posted = false;
    const std::size_t x_limit;
    core::byte_buffer x_taken{std::pmr::new_delete_resource()};
    std::size_t x_at = 0;
  };
  using queue_ptr = std::shared_ptr<queue>;

  static void enter(const queue_ptr& q, const std::shared_ptr<net::driver>& d) {
    if (q->pausing) return;
    q->take();
    if (publish_taken(*q, *d)) return;
    q->pausing = true;
    asio::co_spawn(d->executor(), go_on_with_room(q, d), asio::detached);
  }

  /// True when all is published that was taken; false when the outbound buffer is above its high mark.
  static bool publish_taken(queue& q, net::driver& d) {
    auto& e = d.engine();
    while (!q.empty() && !e.congested()) {
      const auto c = q.pop();
      const publish_options how{c.reply, protocol::headers_view{c.headers}};
      const auto failed =
          e.publish(protocol::subject_ref::already_checked(c.subject), c.payload, how, e.options().outbound.limit);
      d.relieve();
      if (failed != errc{}) refused(e, failed, c);
    }
    q.give_room();
    d.settle();
    return q.empty();
  }

  static asio::awaitable<void> go_on_with_room(queue_ptr q, std::shared_ptr<net::driver> d) {
    do {
      while (!publish_taken(*q, *d)) {
        if (d->engine().congested()) static_cast<void>(co_await d->wait(d->engine().room_watchers));
      }
      q->take();
    } while (!q->empty());
    q->pausing = false;
  }

  static void refused(core::engine& e, std::error_code why, const command& c) {
    connection_event told{.kind = event_kind::server_error, .code = why};
    told.detail = "a publish through a shared handle was refused";
    told.subject = c.subject;
    e.emit(std::move(told));
  }

  explicit shared_handle(std::shared_ptr<net::driver> driver)
      : x_driver(std::move(driver)), x_queue(std::make_shared<queue>(x_driver->engine().options().outbound.limit)) {}

  static asio::awaitable<net::outcome<message>> ask(queue_ptr q, std::shared_ptr<net::driver> d, std::string subject,
                                                    std::string payload, duration timeout) {
    const request_options how{.timeout = timeout, .headers = {}};
    enter(q, d);
    while (q->pausing) {
      if (const auto failed = co_await d->wait(d->engine().room_watchers)) co_return failed;
    }
    co_return co_await connection::request_outcome(d, std::string_view{subject}, payload, how);
  }

  std::shared_ptr<net::driver> x_driver;
  queue_ptr x_queue;
};

inline shared_handle connection::share() const { return shared_handle{x_driver}; }

}  // namespace innate::inline v0
