// SPDX-License-Identifier: Apache-2.0
/// engine: from one link to another while both are up; core/migration.hpp has the order.
#pragma once

#include <innate/core/engine.hpp>
#include <innate/meta/decl.hpp>

#include <array>
#include <cstdio>

namespace innate::inline v0::core {

INNATE_DECL bool engine::migration_wanted() const noexcept {
  return x_options.lame_duck.migrate && x_status == status::connected && online() && !x_migration.active() &&
         x_link->info.ldm;
}

/// Replies may come by both links: a request takes one only.
INNATE_DECL bool engine::overlaps(const subscription_state& s) const noexcept {
  if (&s == x_mux.get()) return true;
  return !s.limited() && (!s.queue().empty() || s.on_migration == migration_policy::overlap);
}

INNATE_COLD void engine::make_current(std::shared_ptr<link> l) {
  x_link = std::move(l);
  x_publisher.set_outbound(x_link->out);
  x_publisher.set_server(x_link->info);
  x_news = x_unsettled = true;
  finish_all(room_watchers);
}

/// Everything the user does from here on goes to the new link, where it is held back until the old server has carried
/// out all that was before.
INNATE_COLD void engine::begin_migration(std::shared_ptr<link> fresh, time_point now) {
  using place = subscription_state::place;
  x_old_link = x_link;
  x_migrated = {.kind = event_kind::migrated};
  x_migrated.server = fresh->server;
  x_migrated.servers = {x_old_link->server, fresh->server};
  std::string frames;
  x_subscriptions.for_each([&](subscription_state& s) {
    if (s.current_phase() != subscription_state::phase::open) {
      s.where = place::leaving;
    } else if (overlaps(s)) {
      s.where = place::both_links;
      s.replayed();
      write_sub(s, frames);
    } else {
      s.where = place::handing_over;
      write_unsub(*x_old_link, s);
      x_handed_over.push_back(s.sid);
    }
  });
  answers.for_each([](ticket, answer& a) { a.by_old_link = true; });
  fresh->out.begin_with(frames);
  fresh->out.hold();
  fresh->alive.start(now);
  make_current(std::move(fresh));
  ++x_statistics.connects;
  x_migration.begin(now);
  write_ping(*x_old_link, next_step_ping());
  connection_event e = x_migrated;
  e.kind = event_kind::migrating;
  emit(std::move(e));
}

INNATE_COLD void engine::act(migration::action what, time_point now) {
  using action = migration::action;
  x_unsettled = true;  // another deadline
  constexpr std::string_view silent = "the server did not answer while the connection was migrating";
  switch (what) {
  case action::none: break;
  case action::release: x_link->out.release(); return wake_writer();
  case action::hand_over: return hand_over();
  case action::report: return report_gaps(now);
  case action::withdraw: return withdraw();
  case action::leave: return leave();
  case action::old_silent: return give_up(*x_old_link, errc::stale_connection, std::string{silent});
  case action::new_silent: return give_up(*x_link, errc::stale_connection, std::string{silent});
  }
}

/// SUBs go before publishes that are held, so that these find them.
INNATE_COLD void engine::hand_over() {
  std::string frames;
  for (const auto sid : x_handed_over) {
    subscription_state* s = x_subscriptions.find(sid);
    if (!s || s->where != subscription_state::place::handing_over) continue;
    s->where = subscription_state::place::new_link;
    s->replayed();
    write_sub(*s, frames);
  }
  if (!x_link->out.held()) {
    x_link->out.append(frames);
    return write_ping(*x_link, next_step_ping());
  }
  const auto at = frames.size();
  frames.resize(at + protocol::ping_size);
  protocol::write_ping(frames.data() + at);
  x_link->alive.sent_ping_ahead(next_step_ping());
  x_link->out.begin_with(frames);
  x_link->out.release();
  wake_writer();
}

INNATE_COLD void engine::report_gaps(time_point now) {
  const duration gap = now - x_migration.began();
  std::array<char, 64> text{};
  static_cast<void>(std::snprintf(text.data(), text.size(), "handed over within %.3f ms",
                                  std::chrono::duration<double, std::milli>{gap}.count()));
  for (const auto sid : std::exchange(x_handed_over, {})) {
    const subscription_state* s = x_subscriptions.find(sid);
    if (!s) continue;
    connection_event e{.kind = event_kind::migration_gap};
    e.subject = s->subject();
    e.sid = sid;
    e.gap = gap;
    e.detail = text.data();
    emit(std::move(e));
  }
  if (!x_migration.active()) end_migration();
}

/// By now every node knows of the new link. What is on its way to the old one still counts; replies go on as well.
INNATE_COLD void engine::withdraw() {
  using place = subscription_state::place;
  x_subscriptions.for_each([&](subscription_state& s) {
    if (s.where != place::both_links || &s == x_mux.get()) return;
    write_unsub(*x_old_link, s);
    s.where = place::leaving;
  });
  write_ping(*x_old_link, next_step_ping());
}

INNATE_DECL bool engine::old_link_awaited() {
  bool awaited = false;
  answers.for_each([&](ticket, const answer& a) { awaited = awaited || (a.by_old_link && !a.arrived); });
  return awaited;
}

INNATE_COLD void engine::leave() {
  const auto left = std::exchange(x_old_link, nullptr);
  lose_answers(*left, true, {});  // PINGs of drains that both links were asked for
  give_up(*left, errc::server_lame_duck, "left");
  end_migration();
}

/// The old link delivers no more.
INNATE_COLD void engine::one_link_left() {
  using place = subscription_state::place;
  x_subscriptions.for_each([&](subscription_state& s) {
    if (s.where == place::handing_over && x_migration.active()) return;  // its SUB is to come
    const bool drained = s.where == place::leaving && s.current_phase() == subscription_state::phase::draining;
    s.where = place::new_link;
    if (drained) retire(s, {});
  });
  answers.for_each([](ticket, answer& a) { a.by_old_link = false; });
}

INNATE_COLD void engine::end_migration() {
  one_link_left();
  x_news = x_unsettled = true;
  if (x_migrated.kind == event_kind::migrated) emit(std::exchange(x_migrated, {}));
}

/// PINGs that `lost` will not answer. Streams of replies were taken from one link only; other requests may still be
/// answered by the link that is left.
INNATE_COLD void engine::lose_answers(link& lost, bool by_old_link, time_point now) {
  while (const auto id = lost.alive.on_pong()) {
    answer* a = answers.find(ticket::from_id(*id));
    if (a && --a->pongs == 0) arrive(*a, errc::connection_lost, now);
  }
  lost.alive.stop();
  answers.for_each([&](ticket, answer& a) {
    if (a.stream && !a.arrived && a.by_old_link == by_old_link) arrive(a, errc::connection_lost, now);
  });
}

INNATE_COLD void engine::old_link_lost(const link& old, const error& why, time_point now) {
  if (x_old_link.get() != &old) return;
  const auto lost = std::exchange(x_old_link, nullptr);
  ++x_statistics.disconnects;
  x_statistics.discarded_frames += lost->out.move_before(x_link->out);
  x_last_error = why;
  x_migrated.code = why.code;
  x_migrated.detail = why.detail;
  const auto next = x_migration.on_old_lost(now);
  lose_answers(*lost, true, now);
  act(next, now);
  one_link_left();
  if (!x_migration.active()) end_migration();
}

/// The old link is told again of every subscription that it does not have.
INNATE_COLD void engine::new_link_lost(const error& why, time_point now) {
  using place = subscription_state::place;
  const auto lost = x_link;
  ++x_statistics.disconnects;
  x_last_error = why;
  std::string frames;
  x_subscriptions.for_each([&](subscription_state& s) {
    const bool there = std::exchange(s.where, place::new_link) == place::both_links;
    if (there || s.current_phase() != subscription_state::phase::open) return;
    s.replayed();
    write_sub(s, frames);
  });
  make_current(std::exchange(x_old_link, nullptr));
  x_link->out.append(frames);
  x_migration.on_new_lost(now);
  lose_answers(*lost, false, now);
  write_ping(*x_link, next_step_ping());
  x_statistics.discarded_frames += lost->out.move_behind(x_link->out);
  answers.for_each([](ticket, answer& a) { a.by_old_link = false; });
  connection_event e{.kind = event_kind::migration_failed, .code = why.code};
  e.detail = why.detail;
  e.server = x_link->server;
  x_migrated = {};
  emit(std::move(e));
}

}  // namespace innate::inline v0::core
