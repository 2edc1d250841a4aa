// SPDX-License-Identifier: Apache-2.0
/// Publishing and requesting from any thread: commands queue under a short lock and enter the connection once a burst.
#pragma once

#include <innate/connection.hpp>

#include <asio/post.hpp>

#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace innate::inline v0 {

/// Copyable, thread-safe. Keeps the connection's state alive, not the connection: after that is closed everything fails
/// with `connection_closed`.
class shared_handle {
 public:
  /// Queues a publish; it is checked for its subject and the queue's bound here, for the server's limits on the
  /// connection's executor, where a refusal becomes a `server_error` event with the code. Order is kept per thread.
  /// Errors: `invalid_subject`, `invalid_wildcard`, `outbound_full`.
  [[nodiscard]] std::error_code try_publish(protocol::subject_ref subject, payload_view payload = {},
                                            publish_options how = {}) const {
    const auto fault = subject.check().fault;
    if (fault != protocol::subject_fault::none)
      return fault == protocol::subject_fault::wildcard ? errc::invalid_wildcard : errc::invalid_subject;
    const std::size_t size = subject.view().size() + payload.size() + how.reply.size() + how.headers.raw().size();
    {
      const std::lock_guard lock{x_queue->mutex};
      if (x_queue->bytes + size > x_queue->limit) return errc::outbound_full;
      x_queue->bytes += size;
      x_queue->waiting.push_back({std::string{subject.view()}, std::string{payload.view()}, std::string{how.reply},
                                  std::string{how.headers.raw()}});
      if (std::exchange(x_queue->posted, true)) return {};
    }
    asio::post(x_driver->executor(), [queue = x_queue, driver = x_driver] { queue->enter(*driver); });
    return {};
  }

  /// `connection::request` from any thread, for any completion token (`asio::use_future` among them).
  template <class Token>
  auto request(std::string subject, std::string payload, Token&& token, duration timeout = {}) const {
    return net::initiate(x_driver->executor(), ask(x_driver, std::move(subject), std::move(payload), timeout),
                         std::forward<Token>(token));
  }

 private:
  friend class connection;

  struct command {
    std::string subject, payload, reply, headers;
  };

  struct queue {
    std::mutex mutex;
    std::vector<command> waiting;
    std::size_t bytes = 0;
    std::size_t limit = 0;
    bool posted = false;

    void enter(net::driver& d) {
      std::vector<command> burst;
      {
        const std::lock_guard lock{mutex};
        burst.swap(waiting);
        bytes = 0;
        posted = false;
      }
      auto& e = d.engine();
      for (const auto& c : burst) {
        const publish_options how{c.reply, protocol::headers_view{c.headers}};
        const auto failed = e.publish(protocol::subject_ref{std::string_view{c.subject}}, std::string_view{c.payload},
                                      how, e.options().outbound.limit);
        d.relieve();
        if (failed != errc{}) refused(e, failed, c);
      }
      d.settle();
    }

    static void refused(core::engine& e, std::error_code why, const command& c) {
      connection_event told{.kind = event_kind::server_error, .code = why};
      told.detail = "a publish through a shared handle was refused";
      told.subject = c.subject;
      e.emit(std::move(told));
    }
  };

  explicit shared_handle(std::shared_ptr<net::driver> driver)
      : x_driver(std::move(driver)), x_queue(std::make_shared<queue>()) {
    x_queue->limit = x_driver->engine().options().outbound.limit;
  }

  static asio::awaitable<net::outcome<message>> ask(std::shared_ptr<net::driver> d, std::string subject,
                                                    std::string payload, duration timeout) {
    const request_options how{.timeout = timeout, .headers = {}};
    co_return co_await connection::request_outcome(d, std::string_view{subject}, payload, how);
  }

  std::shared_ptr<net::driver> x_driver;
  std::shared_ptr<queue> x_queue;
};

inline shared_handle connection::share() const { return shared_handle{x_driver}; }

}  // namespace innate::inline v0
