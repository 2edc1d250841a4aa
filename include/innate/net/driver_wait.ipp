// SPDX-License-Identifier: Apache-2.0
/// driver: waiting for what the engine finishes, and telling what it has to say.
#pragma once

#include <innate/meta/decl.hpp>
#include <innate/net/driver.hpp>

namespace innate::inline v0::net {

INNATE_COLD driver::driver(asio::any_io_executor executor, innate::options opts, std::shared_ptr<environment> world)
    : x_executor(std::move(executor)),
      x_world(std::move(world)),
      x_engine(std::move(opts)),
      x_timer(x_world->make_timer(x_executor)) {}

INNATE_DECL void driver::settle_all(core::turn when) {
  if (x_engine.take_news()) heed_news();
  tell_events();
  if (x_timing && x_engine.next_deadline() < x_armed) x_timer->cancel();
  while (core::operation* op = x_engine.pop_finished()) op->resume(std::exchange(when, core::turn::later));
}

INNATE_COLD void driver::tell_events() {
  if (!x_engine.options().on_event || std::exchange(x_telling, true)) return;
  while (auto e = x_engine.events().pop_for_callback()) {
    try {
      x_engine.options().on_event(*e);
    } catch (const std::exception& thrown) {
      x_engine.fail_locally({errc::handler_threw, thrown.what()});
    } catch (...) {
      x_engine.fail_locally({errc::handler_threw, "on_event threw something that is not a std::exception"});
    }
  }
  x_telling = false;
}

INNATE_COLD void driver::heed_news() {
  learn_servers();
  for (const auto& c : {x_channel, x_leaving}) {
    if (c && c->link->given_up.code) end(*c, c->link->given_up.code, c->link->given_up.detail);
  }
  consider_migration();
}

INNATE_COLD void driver::learn_servers() {
  if (!x_pool || x_engine.options().ignore_discovered) return;
  auto fresh = x_pool->merge_discovered(x_engine.server_info().connect_urls);
  if (fresh.empty()) return;
  connection_event e{.kind = event_kind::servers_discovered};
  e.servers = std::move(fresh);
  x_engine.emit(std::move(e));
}

INNATE_DECL void driver::cancel(core::operation& op) noexcept {
  x_engine.finish(op, asio::error::operation_aborted);
  settle();
}

INNATE_COLD asio::awaitable<void> driver::after_others(std::shared_ptr<driver> d) {
  operation turn{*d};
  turn.done = true;  // over before it begins: such a wait takes one turn of the executor
  co_await turn.finished();
}

INNATE_DECL asio::awaitable<std::error_code> driver::wait(core::operation_list& list, time_point deadline) {
  const auto self = shared_from_this();
  operation op{*this};
  begin_wait(op, list, deadline);
  co_await op.finished();
  co_return op.result;
}

INNATE_DECL asio::awaitable<std::error_code> driver::wait_answer(core::ticket t, time_point deadline,
                                                                 duration* round_trip) {
  core::answer* a = x_engine.answers.find(t);
  if (!a) co_return errc::connection_closed;
  std::error_code waited;
  if (!a->arrived) waited = co_await wait(a->waiters, deadline);
  if (!a->arrived) co_return waited;
  if (round_trip) *round_trip = a->arrived_at - a->sent_at;
  co_return a->result;
}

/// Subscriptions first: no more deliveries, then what is queued is consumed, then publishes are flushed, then the end.
INNATE_COLD asio::awaitable<outcome<void>> driver::drain(std::shared_ptr<driver> d) {
  auto& e = d->x_engine;
  if (e.closed()) co_return outcome<void>{errc::connection_closed};
  if (e.current_status() == status::draining) co_return outcome<void>{errc::connection_draining};
  const auto deadline = core::after(d->now(), e.options().drain_timeout);
  e.set_status(status::draining);
  static_cast<void>(co_await d->all_in(deadline));  // what is too late here meets the deadline again

  const answer_guard stopped{d, e.begin_drain_all(d->now())};
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
    const answer_guard flushed{d, e.ping(d->now())};
    late = co_await d->wait_answer(flushed.ticket(), deadline);
  }
  const std::error_code failed = late == errc::timeout ? make_error_code(errc::drain_timeout) : std::error_code{};
  if (failed) e.fail_locally({failed, "the connection was closed before all was drained"});
  d->close(failed);
  co_return outcome<void>{failed};
}

}  // namespace innate::inline v0::net
