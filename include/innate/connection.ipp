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

INNATE_COLD asio::awaitable<std::optional<connection_event>> connection::event_body(driver_ptr d) {
  auto& e = d->engine();
  while (e.events().empty()) {
    if (e.closed()) co_return std::nullopt;
    if (const auto failed = co_await d->wait(e.event_watchers)) throw std::system_error(failed);
  }
  co_return e.events().pop();
}

INNATE_DECL asio::awaitable<net::outcome<duration>> connection::rtt_body(const driver_ptr& d, time_point deadline) {
  auto& e = d->engine();
  net::answer_guard pong{d, e.closed() ? core::ticket{} : e.ping(d->now())};
  d->settle();
  return await_pong(d, std::move(pong), deadline);
}

INNATE_DECL asio::awaitable<net::outcome<duration>> connection::await_pong(driver_ptr d, net::answer_guard pong,
                                                                           time_point deadline) {
  net::outcome<duration> done;
  done.failure.code = co_await d->wait_answer(pong.ticket(), deadline, &done.value);
  co_return done;
}

INNATE_DECL asio::awaitable<net::outcome<void>>
connection::without_value(asio::awaitable<net::outcome<duration>> body) {
  auto done = co_await std::move(body);
  co_return net::outcome<void>{std::move(done.failure)};
}

INNATE_DECL asio::awaitable<net::outcome<void>> connection::flush_body(const driver_ptr& d, time_point deadline) {
  return d->let_in() ? without_value(rtt_body(d, deadline)) : flush_when_all_is_in(d, deadline);
}
INNATE_COLD asio::awaitable<net::outcome<void>> connection::flush_when_all_is_in(driver_ptr d, time_point deadline) {
  if (const auto failed = co_await d->all_in(deadline)) co_return failed;
  co_return co_await without_value(rtt_body(d, deadline));
}

// Both faces of `request`, each one coroutine, because it is what a reply wakes.
template <class Done>
asio::awaitable<Done> connection::await_reply(driver_ptr d, net::answer_guard asked, error refused,
                                              time_point deadline) {
  net::outcome<message> done{std::move(refused)};
  if (core::answer* a = d->engine().answers.find(asked.ticket())) {
    net::operation arrival{*d};
    if (!a->arrived) {
      d->begin_wait(arrival, a->waiters, deadline);
      co_await arrival.finished();
    }
    done.failure.code = a->arrived ? a->result : arrival.result;
    if (a->arrived) done.value = std::move(a->reply);
    if (done.failure.code) done.failure.detail = "request to '" + a->subject + "'";
  } else if (!done.failure.code) {
    done.failure.code = errc::connection_closed;
  }
  co_return net::complete_as<Done>(std::move(done));
}

template <class Done>
asio::awaitable<Done> connection::request_as(const driver_ptr& d, protocol::subject_ref subject, payload_view payload,
                                             const request_options& how) {
  const net::entry_guard::scope inside{d->guard()};
  auto& e = d->engine();
  const auto now = d->now();
  auto asked = e.request(subject, payload.view(), {.reply = {}, .headers = how.headers}, nullptr, now);
  d->relieve_request();
  d->settle();
  const auto patience = how.timeout > duration::zero() ? how.timeout : e.options().request_timeout;
  return await_reply<Done>(d, net::answer_guard{d, asked ? *asked : core::ticket{}}, asked ? error{} : asked.error(),
                           core::after(now, patience));
}
INNATE_DECL asio::awaitable<net::outcome<message>> connection::request_outcome(const driver_ptr& d,
                                                                               protocol::subject_ref subject,
                                                                               payload_view payload,
                                                                               const request_options& how) {
  return request_as<net::outcome<message>>(d, subject, payload, how);
}
INNATE_DECL asio::awaitable<message> connection::request_or_throw(const driver_ptr& d, protocol::subject_ref subject,
                                                                  payload_view payload, const request_options& how) {
  return request_as<message>(d, subject, payload, how);
}

INNATE_COLD asio::awaitable<connection> connect(options opts, std::shared_ptr<environment> world) {
  const bool at_once = opts.reconnect.retry_first_connect;
  connection nc{co_await asio::this_coro::executor, std::move(opts), std::move(world)};
  net::driver& d = *nc.x_driver;
  if (!d.begin())
    // What is no error of the connection, such as an exception of a hook, goes to whoever runs the executor.
    d.spawn(d.run(),
            [keep = nc.x_driver](const std::exception_ptr& thrown) { static_cast<void>(net::code_of(thrown, {})); });
  if (!at_once) co_await nc.ready();
  co_return nc;
}

}  // namespace innate::inline v0
