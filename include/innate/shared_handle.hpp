// SPDX-License-Identifier: Apache-2.0
/// Publishing and requesting from any thread: commands queue under a short lock and enter the connection once a burst.
#pragma once

#include <innate/connection.hpp>
#include <innate/net/shared_queue.hpp>

#include <asio/post.hpp>

#include <memory>
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
    const auto queued = x_driver->handed_over->push({subject.view(), payload.view(), how.reply, how.headers.raw()});
    if (queued == queue::outcome::first) asio::post(x_driver->executor(), [d = x_driver] { d->let_in(); });
    return queued == queue::outcome::full ? make_error_code(errc::outbound_full) : std::error_code{};
  }

  /// `connection::request` from any thread, for any completion token (`asio::use_future` among them). It is sent after
  /// what this handle and its copies have published before.
  template <class Token>
  auto request(std::string subject, std::string payload, Token&& token, duration timeout = {}) const {
    return net::initiate(x_driver->executor(), ask(x_driver, std::move(subject), std::move(payload), timeout),
                         std::forward<Token>(token));
  }

 private:
  friend class connection;

  using queue = net::shared_queue;
  using driver_ptr = std::shared_ptr<net::driver>;

  explicit shared_handle(driver_ptr driver) : x_driver(std::move(driver)) {
    auto& q = x_driver->handed_over;
    if (!q) q = std::make_shared<queue>(x_driver->engine().options().outbound.limit);
  }

  static asio::awaitable<net::outcome<message>> ask(driver_ptr d, std::string subject, std::string payload,
                                                    duration timeout) {
    const request_options how{.timeout = timeout, .headers = {}};
    if (const auto failed = co_await d->all_in()) co_return failed;
    co_return co_await connection::request_outcome(d, std::string_view{subject}, payload, how);
  }

  driver_ptr x_driver;
};

inline shared_handle connection::share() const { return shared_handle{x_driver}; }

}  // namespace innate::inline v0
