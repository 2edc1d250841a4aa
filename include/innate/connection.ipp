// SPDX-License-Identifier: Apache-2.0
/// connection: the bodies of its operations, each shared by the awaitable and the token form.
#pragma once

#include <innate/connection.hpp>
#include <innate/meta/decl.hpp>

namespace innate::inline v0 {

INNATE_DECL asio::awaitable<net::outcome<void>> connection::room(driver_ptr d, std::error_code refused) {
  if (refused) co_return failed_with(*d, refused);
  if (!d->engine().congested()) co_return net::outcome<void>{};
  const auto failed = co_await d->wait(d->engine().room_watchers);
  co_return net::outcome<void>{failed};
}

INNATE_COLD asio::awaitable<net::outcome<void>> connection::run_body(driver_ptr d) {
  auto reason = d->begin();
  if (!reason) {
    co_await d->run();
    reason = d->engine().close_reason();
  }
  co_return reason ? failed_with(*d, reason) : net::outcome<void>{};
}

INNATE_COLD asio::awaitable<net::outcome<void>> connection::ready_body(driver_ptr d) {
  auto& e = d->engine();
  std::error_code failed;
  if (e.closed()) failed = e.close_reason() ? e.close_reason() : make_error_code(errc::connection_closed);
  if (!failed && !e.online()) failed = co_await d->wait(e.ready_watchers);
  co_return failed ? failed_with(*d, failed) : net::outcome<void>{};
}

/// Subscriptions first: no more deliveries, then what is queued is consumed, then publishes are flushed, then the end.
INNATE_COLD asio::awaitable<net::outcome<void>> connection::drain_body(driver_ptr d) {
  auto& e = d->engine();
  if (e.closed()) co_return net::outcome<void>{errc::connection_closed};
  if (e.current_status() == innate::status::draining) co_return net::outcome<void>{errc::connection_draining};
  const auto deadline = core::after(d->now(), e.options().drain_timeout);
  e.set_status(innate::status::draining);

  const net::answer_guard stopped{d, e.begin_drain_all(d->now())};
  std::error_code late;
  if (stopped) late = co_await d->wait_answer(stopped.ticket(), deadline);
  e.end_drain_all();
  d->settle();
  while (late != errc::timeout && !e.closed()) {
    const auto s = e.unconsumed();
    if (!s) break;
    late = co_await d->wait(s->closed_watchers, deadline);
  }
  // A link lost meanwhile comes back with its buffered publishes; they still deserve to leave.
  for (late = late == errc::timeout ? late : make_error_code(errc::connection_lost);
       late == errc::connection_lost && !e.closed();) {
    const net::answer_guard flushed{d, e.ping(d->now())};
    late = co_await d->wait_answer(flushed.ticket(), deadline);
  }
  const std::error_code failed = late == errc::timeout ? make_error_code(errc::drain_timeout) : std::error_code{};
  if (failed) e.fail_locally({failed, "the connection was closed before all was drained"});
  d->close(failed);
  co_return net::outcome<void>{failed};
}

INNATE_COLD asio::awaitable<std::optional<connection_event>> connection::event_body(driver_ptr d) {
  auto& e = d->engine();
  while (e.events().empty()) {
    if (e.closed()) co_return std::nullopt;
    if (const auto failed = co_await d->wait(e.event_watchers)) throw std::system_error(failed);
  }
  co_return e.events().pop();
}

INNATE_DECL asio::awaitable<net::outcome<duration>> connection::await_pong(driver_ptr d, net::answer_guard pong,
                                                                           time_point deadline) {
  net::outcome<duration> done;
  done.failure.code = co_await d->wait_answer(pong.ticket(), deadline, nullptr, &done.value);
  co_return done;
}

INNATE_DECL asio::awaitable<net::outcome<void>>
connection::without_value(asio::awaitable<net::outcome<duration>> body) {
  auto done = co_await std::move(body);
  co_return net::outcome<void>{std::move(done.failure)};
}

// One coroutine for a request, because it is what a reply wakes.
INNATE_DECL asio::awaitable<net::outcome<message>> connection::await_reply(driver_ptr d, net::answer_guard asked,
                                                                           error refused, time_point deadline) {
  net::outcome<message> done{std::move(refused)};
  if (core::answer* a = expected(*d, asked, done)) {
    net::operation arrival{*d};
    if (!a->arrived) {
      d->begin_wait(arrival, a->waiters, deadline);
      co_await arrival.finished();
    }
    take_reply(*a, arrival.result, done);
  }
  co_return done;
}

INNATE_DECL asio::awaitable<message> connection::reply_or_throw(driver_ptr d, net::answer_guard asked, error refused,
                                                                time_point deadline) {
  net::outcome<message> done{std::move(refused)};
  if (core::answer* a = expected(*d, asked, done)) {
    net::operation arrival{*d};
    if (!a->arrived) {
      d->begin_wait(arrival, a->waiters, deadline);
      co_await arrival.finished();
    }
    take_reply(*a, arrival.result, done);
  }
  if (done.failure.code) throw_error(done.failure);
  co_return std::move(done.value);
}

INNATE_COLD asio::awaitable<connection> connect(options opts, std::shared_ptr<environment> world) {
  const bool at_once = opts.reconnect.retry_first_connect;
  connection nc{co_await asio::this_coro::executor, std::move(opts), std::move(world)};
  net::driver& d = *nc.x_driver;
  if (!d.begin())
    d.spawn(d.run(),
            [keep = nc.x_driver](const std::exception_ptr& thrown) { static_cast<void>(net::code_of(thrown, {})); });
  if (!at_once) co_await nc.ready();
  co_return nc;
}

}  // namespace innate::inline v0
