// SPDX-License-Identifier: Apache-2.0
/// driver: finding another server while the link to one in lame duck still works, and two links side by side.
#pragma once

#include <innate/meta/decl.hpp>
#include <innate/net/driver.hpp>

#include <exception>

namespace innate::inline v0::net {

INNATE_COLD void driver::consider_migration() {
  if (x_migrating || !x_engine.migration_wanted()) return;
  x_migrating = true;
  spawn(migrate(), [self = shared_from_this()](const std::exception_ptr& thrown) {
    self->x_migrating = false;
    if (thrown) self->tell_stuck(self->current_server(), {errc::handler_threw, "a hook or the dialer threw"});
    self->x_engine.finish_all(self->x_children);
    self->settle();
  });
}

/// Leaves everything as it is when the connection has to stay where it is, or has lost its link meanwhile.
INNATE_COLD asio::awaitable<void> driver::migrate() {
  const std::string old = current_server();
  error stuck;
  while (x_engine.migration_wanted()) {
    stuck = choose_other(old);
    if (stuck.code) break;
    if (const auto pause = pause_before_attempt(); pause > duration::zero())
      co_await wait(x_pausing, core::after(now(), pause));
    if (!x_engine.migration_wanted()) break;
    if (!x_pool->current()) continue;  // the pool was replaced meanwhile
    const core::server_url url = *x_pool->current();
    const auto fresh = x_dialing = std::make_shared<channel>(x_engine.make_link());
    error failed = co_await connect_once(fresh, url);
    x_dialing = nullptr;
    if (!failed.code && fresh->link->info.ldm) failed = {errc::server_lame_duck, "as the one that is to be left"};
    const bool wanted = x_engine.migration_wanted();
    if (!failed.code && wanted) {
      move_to(fresh);
      co_return;
    }
    if (fresh->stream) fresh->stream->close();
    if (!wanted) break;
    tell_failed_attempt(fresh->link->server, failed);
    settle();
    if (x_pool->auth_repeated() && !x_engine.options().reconnect.ignore_auth_error_abort) {
      stuck = failed;
      break;
    }
  }
  if (x_engine.closed()) co_return;
  x_pool->settle_on(old);
  if (stuck.code) tell_stuck(old, stuck);
}

INNATE_COLD void driver::move_to(const channel_ptr& fresh) {
  x_pool->mark_connected();
  x_leaving = std::exchange(x_channel, fresh);
  x_engine.begin_migration(fresh->link, now());
  start(fresh);
  settle();
}

INNATE_COLD void driver::tell_stuck(const std::string& server, const error& why) {
  connection_event e{.kind = event_kind::migration_failed, .code = why.code};
  e.detail = why.detail;
  e.server = server;
  x_engine.emit(std::move(e));
}

/// The next server of the pool that is not the old one; a hook that chooses the old one wants to stay.
INNATE_COLD error driver::choose_other(const std::string& old) {
  for (int tries = 0; tries != 2; ++tries) {
    if (auto chosen = choose_next(); !chosen) return chosen.error();
    if (x_pool->current()->to_string() != old) return {};
    if (x_engine.options().reconnect.pick_server) break;
  }
  return {errc::no_servers, "no other server than " + old + " is known"};
}

INNATE_COLD void driver::give_up_migration() {
  if (!x_migrating) return;
  x_engine.finish_all(x_pausing);
  x_engine.finish_all(x_attempting, errc::connection_lost);
  if (x_dialing && x_dialing->stream) x_dialing->stream->close();
}

/// Whichever of two links ends, the other one goes on.
INNATE_COLD void driver::ended(const channel_ptr& c) {
  if (c == x_leaving) {
    x_leaving = nullptr;
    x_engine.old_link_lost(*c->link, c->end, now());
  } else if (x_leaving && !x_leaving->end.code && !x_engine.closed()) {
    x_channel = std::exchange(x_leaving, nullptr);
    x_engine.new_link_lost(c->end, now());
    x_pool->settle_on(current_server());
  }
}

}  // namespace innate::inline v0::net
