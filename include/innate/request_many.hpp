// SPDX-License-Identifier: Apache-2.0
/// One request with many answers, ended by count, silence, a sentinel or time (ADR-47).
#pragma once

#include <innate/connection.hpp>

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

namespace innate::inline v0 {

/// When a stream of replies ends; whatever is met first. Ending so is normal, not an error.
struct request_many_options {
  duration timeout{};           ///< in all; 0: the option `request_timeout`
  duration stall{};             ///< between two replies, once the first has come; 0: no limit
  std::size_t max_replies = 0;  ///< 0: no limit
  bool sentinel = false;        ///< an empty payload ends the stream and is not given out
  protocol::headers_view headers{};
};

/// Move-only. Destroying it ends the request: later replies are dropped and counted.
class reply_stream {
 public:
  reply_stream(std::shared_ptr<net::driver> driver, core::subscription_ptr queue, core::ticket asked,
               const request_many_options& how, time_point deadline)
      : x_asked(driver, asked),
        x_driver(std::move(driver)),
        x_queue(std::move(queue)),
        x_options(how),
        x_deadline(deadline) {}

  /// The next reply; empty at the end. Errors: `no_responders`, `connection_lost`, `permissions_violation`,
  /// `connection_closed`, `slow_consumer`, `operation_aborted`. One call at a time; the stream must outlive it.
  [[nodiscard]] asio::awaitable<std::optional<message>> next() {
    if (x_ended || (x_options.max_replies && x_received == x_options.max_replies)) co_return std::nullopt;
    const auto stall =
        x_received && x_options.stall > duration::zero() ? core::after(x_driver->now(), x_options.stall) : core::never;
    while (!x_queue->ready()) {
      const auto failed = co_await x_driver->wait(x_queue->consumers, std::min(stall, x_deadline));
      if (failed == errc::timeout) {
        x_ended = true;
        co_return std::nullopt;
      }
      if (failed) throw std::system_error(failed);
      if (co_await net::was_cancelled()) throw std::system_error(asio::error::operation_aborted);
    }
    auto m = x_queue->pop();
    if (!m && x_queue->take_gap()) throw std::system_error(errc::slow_consumer);
    if (!m && x_queue->reason()) throw std::system_error(x_queue->reason());
    x_ended = !m || (x_options.sentinel && m->data().empty());
    if (x_ended) co_return std::nullopt;
    ++x_received;
    co_return m;
  }

  [[nodiscard]] std::size_t received() const noexcept { return x_received; }

 private:
  net::answer_guard x_asked;
  std::shared_ptr<net::driver> x_driver;
  core::subscription_ptr x_queue;
  request_many_options x_options;
  time_point x_deadline;
  std::size_t x_received = 0;
  bool x_ended = false;
};

inline reply_stream connection::request_many(protocol::subject_ref subject, payload_view payload,
                                             const request_many_options& how) {
  auto& e = x_driver->engine();
  auto queue = core::subscription_state::make(subject.view(), {}, e.limits_of({}), e.options().memory);
  const auto now = x_driver->now();
  auto asked = e.request(subject, payload.view(), {.reply = {}, .headers = how.headers}, queue, now);
  x_driver->relieve_request();
  x_driver->settle();
  const auto patience = how.timeout > duration::zero() ? how.timeout : e.options().request_timeout;
  return {x_driver, std::move(queue), asked.value(), how, core::after(now, patience)};
}

}  // namespace innate::inline v0
