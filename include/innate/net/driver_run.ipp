// SPDX-License-Identifier: Apache-2.0
/// driver: the loop over servers and links, and what a user can do to it from outside.
#pragma once

#include <innate/core/validate_options.hpp>
#include <innate/meta/decl.hpp>
#include <innate/net/driver.hpp>

#include <asio/this_coro.hpp>

#include <exception>

namespace innate::inline v0::net {

INNATE_COLD std::error_code driver::begin() {
  if (x_engine.closed()) return errc::connection_closed;
  if (std::exchange(x_running, true)) return errc::already_running;
  return {};
}

INNATE_COLD asio::awaitable<void> driver::run() {
  const auto self = shared_from_this();
  co_await asio::this_coro::throw_if_cancelled(false);
  if (const auto ready = prepare(); !ready) {
    x_engine.fail_locally(ready.error());
    close(ready.error().code);
    co_return;
  }
  x_timing = true;
  spawn(timer_loop(), [self](const std::exception_ptr&) {
    self->x_timing = false;
    self->x_engine.finish_all(self->x_children);
    self->settle();
  });
  x_engine.set_status(status::connecting);
  while (!x_engine.closed()) {
    co_await try_next_server();
    const auto cancelled = co_await asio::this_coro::cancellation_state;
    if (cancelled.cancelled() != asio::cancellation_type::none) close(asio::error::operation_aborted);
  }
  x_timer->cancel();
  while (x_timing || x_migrating) co_await wait(x_children);
}

INNATE_COLD result<void> driver::prepare() {
  if (auto valid = validate_options(x_engine.options()); !valid) return valid;
  auto pool = core::server_pool::create(x_engine.options().servers, x_engine.options().randomize, x_world->random());
  if (!pool) return pool.error();
  x_pool = std::make_unique<core::server_pool>(std::move(*pool));
  return {};
}

/// One attempt, and the whole life of the link if it succeeds.
INNATE_COLD asio::awaitable<void> driver::try_next_server() {
  if (auto chosen = choose_next(); !chosen) {
    x_engine.fail_locally(chosen.error());
    close(chosen.error().code);
    co_return;
  }
  if (const auto pause = pause_before_attempt(); pause > duration::zero())
    co_await wait(x_pausing, core::after(now(), pause));
  if (x_engine.closed() || !x_pool->current()) co_return;  // closed, or the pool was replaced meanwhile
  const core::server_url url = *x_pool->current();
  x_channel = std::make_shared<channel>(x_engine.current_link());
  error failed = co_await connect_once(x_channel, url);
  if (x_engine.closed()) co_return;
  if (!failed.code) {
    x_pool->mark_connected();
    x_connected_once = true;
    x_engine.link_up(now());
    settle();
    co_await serve_to_the_end();
  } else {
    report_failed_attempt(failed);
  }
  settle();
}

/// The link, and the one that a migration puts in its place, and so on.
INNATE_COLD asio::awaitable<void> driver::serve_to_the_end() {
  start(x_channel);
  while (x_serving) {
    if (co_await wait(x_children) == asio::error::operation_aborted) close(asio::error::operation_aborted);
  }
  if (x_thrown) std::rethrow_exception(std::exchange(x_thrown, nullptr));
  if (x_engine.closed()) co_return;
  const error lost = x_channel->end;
  x_engine.link_down(lost);
  if (x_engine.current_status() != status::draining) x_engine.set_status(status::reconnecting);
  if (!x_engine.options().reconnect.enabled) close(lost.code);
  give_up_migration();
  settle();
  while (x_migrating) co_await wait(x_children);
}

INNATE_COLD void driver::tell_failed_attempt(const std::string& server, const error& failed) {
  x_engine.fail_locally(failed);
  connection_event e{.kind = event_kind::connect_failed, .code = failed.code};
  e.detail = failed.detail;
  e.server = server;
  x_engine.emit(std::move(e));
  x_pool->mark_failed(failed.code, x_engine.options().reconnect.max_attempts);
}

INNATE_COLD void driver::report_failed_attempt(const error& failed) {
  const auto& reconnect = x_engine.options().reconnect;
  tell_failed_attempt(current_server(), failed);
  ++x_failed_attempts;
  const bool refused_twice = x_pool->auth_repeated() && !reconnect.ignore_auth_error_abort;
  const bool first_round_over =
      !x_connected_once && !reconnect.retry_first_connect && x_failed_attempts >= x_pool->size();
  if (refused_twice || x_pool->empty() || first_round_over) close(failed.code);
}

INNATE_COLD result<void> driver::choose_next() {
  const auto& pick = x_engine.options().reconnect.pick_server;
  x_chosen_delay.reset();
  if (!pick) {
    if (x_pool->next()) return {};
    return error{errc::no_servers, "every server has left the pool"};
  }
  const auto states = x_pool->states();
  const auto choice = pick(states, x_engine.server_info());
  x_chosen_delay = choice.delay;
  if (const auto outside = x_pool->choose(choice.index))
    return error{outside, "index " + std::to_string(choice.index) + " of " + std::to_string(states.size())};
  return {};
}

/// The first round over the pool goes at once; before each further one there is a wait.
INNATE_COLD duration driver::pause_before_attempt() {
  if (x_chosen_delay) return *x_chosen_delay;
  if (!x_pool->wait_due()) return {};
  const core::backoff growing{x_engine.options().reconnect};
  const auto& tls = x_engine.options().tls;
  const bool encrypts = x_pool->any_tls() || (tls.layer && tls.use != tls_use::when_asked);
  return growing.wait_for(x_pool->round(), x_world->random(), encrypts);
}

INNATE_COLD asio::awaitable<void> driver::timer_loop() {
  while (!x_engine.closed()) {
    x_armed = x_engine.next_deadline();
    co_await x_timer->wait_until(x_armed);
    x_engine.tick(now());
    settle();
  }
}

INNATE_COLD void driver::close(std::error_code reason) {
  x_engine.close(reason);
  if (x_channel) hang_up(*x_channel);
  if (x_leaving) hang_up(*x_leaving);
  if (x_dialing) hang_up(*x_dialing);
  x_engine.finish_all(x_pausing);
  x_engine.finish_all(x_attempting, errc::connection_closed);
  x_timer->cancel();
  settle();
}

INNATE_COLD void driver::hang_up(channel& c) {
  c.end.code = errc::connection_closed;
  if (c.stream) c.stream->close();
  x_engine.finish_all(c.link->writer);
}

INNATE_COLD void driver::force_reconnect() {
  if (x_leaving) end(*x_leaving, errc::reconnect_forced, "asked for by the user");
  if (x_channel) end(*x_channel, errc::reconnect_forced, "asked for by the user");
  x_engine.finish_all(x_pausing);
  settle();
}

INNATE_COLD result<void> driver::set_servers(const std::vector<std::string>& urls) {
  if (x_pool) return x_pool->replace(urls);
  auto pool = core::server_pool::create(urls, false, 0);  // only to judge the list: nothing runs yet
  if (!pool) return pool.error();
  x_engine.replace_servers(urls);
  return {};
}

INNATE_COLD std::vector<server_state> driver::servers() const {
  return x_pool ? x_pool->states() : std::vector<server_state>{};
}

}  // namespace innate::inline v0::net
