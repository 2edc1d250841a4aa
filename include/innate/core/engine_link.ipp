// SPDX-License-Identifier: Apache-2.0
/// engine: a link that comes up, carries ops, grows stale, goes down.
#pragma once

#include <innate/core/engine.hpp>
#include <innate/meta/decl.hpp>

#include <array>
#include <cstddef>

namespace innate::inline v0::core {

INNATE_DECL engine::engine(innate::options opts)
    : scratch(opts.memory),
      slabs(opts.memory),
      x_options(std::move(opts)),
      x_events(x_options.event_queue, static_cast<bool>(x_options.on_event)),
      x_link(make_link()),
      x_migration(x_options.lame_duck.pause, x_options.lame_duck.overlap, x_options.connect_timeout),
      x_publisher(x_options, x_link->out, x_statistics) {}

INNATE_COLD statistics engine::current_statistics() const {
  statistics s = x_statistics;
  s.pinned_bytes = slabs->pinned_bytes();
  s.pending_out = x_link->out.size() + (x_old_link ? x_old_link->out.size() : 0);
  s.events_dropped = x_events.dropped();
  return s;
}

/// Subscriptions first, each with what is left of its limit; buffered publishes follow by themselves.
INNATE_COLD std::string engine::replay() {
  std::string frames;
  x_subscriptions.for_each([&](subscription_state& s) {
    s.replayed();
    write_sub(s, frames);
  });
  return frames;
}

INNATE_COLD void engine::link_up(time_point now) {
  x_news = x_unsettled = true;
  x_link->complaint = {};
  x_publisher.set_server(x_link->info);
  x_publisher.set_online(true);
  x_link->alive.start(now);
  x_unsettled = true;
  x_link->out.begin_with(replay());
  ++x_statistics.connects;
  if (x_status != status::draining) x_status = status::connected;
  connection_event e{.kind = std::exchange(x_connected_before, true) ? event_kind::reconnected : event_kind::connected};
  e.server = x_link->server;
  emit(std::move(e));
  if (x_link->info.ldm) tell_lame_duck();
  finish_all(ready_watchers);
}

INNATE_COLD void engine::tell_lame_duck() {
  connection_event e{.kind = event_kind::lame_duck};
  e.server = x_link->server;
  emit(std::move(e));
}

/// Answers under way can no longer be trusted to come, so they fail; publishes not yet begun wait for the next link.
INNATE_COLD void engine::link_down(const error& why) {
  x_publisher.set_online(false);
  x_last_error = why;
  ++x_statistics.disconnects;
  x_statistics.discarded_frames += x_link->out.link_lost();
  x_link->alive.stop();
  x_link->given_up = {};
  x_handed_over.clear();
  if (x_migration.active()) {
    x_migration.stop();
    end_migration();
  }
  answers.for_each([&](ticket, answer& a) {
    if (!a.arrived) arrive(a, errc::connection_lost, {});
  });
  x_subscriptions.for_each([&](subscription_state& s) {
    if (s.current_phase() == subscription_state::phase::draining) retire(s, {});
  });
  connection_event e{.kind = event_kind::disconnected, .code = why.code};
  e.detail = why.detail;
  emit(std::move(e));
  finish_all(room_watchers);
}

INNATE_COLD void engine::close(std::error_code reason) {
  if (closed()) return;
  x_status = status::closed;
  x_close_reason = reason;
  x_publisher.set_online(false);
  x_migration.stop();
  x_old_link = nullptr;
  const std::error_code ended = reason ? reason : make_error_code(errc::connection_closed);
  answers.for_each([&](ticket, answer& a) {
    if (!a.arrived) arrive(a, ended, {});
  });
  x_subscriptions.for_each([&](subscription_state& s) { retire(s, reason); });
  for (const auto& s : std::exchange(x_draining, {})) finish_all(s->closed_watchers, ended);
  connection_event e{.kind = event_kind::closed, .code = reason};
  if (reason) e.detail = x_last_error.detail;
  emit(std::move(e));
  finish_all(room_watchers, ended);
  finish_all(ready_watchers, ended);
  wake_writer();
}

INNATE_DECL std::error_code engine::receive(link& from, time_point now) {
  using protocol::op_kind;
  while (true) {
    receive_messages(from, now);
    const auto parsed = from.in.next();
    if (parsed.kind == protocol::parse_result::kind_type::need) return {};
    if (parsed.kind == protocol::parse_result::kind_type::error) return parsed.error;
    const protocol::op& o = parsed.value;
    switch (o.kind) {
    case op_kind::msg:
    case op_kind::hmsg: on_message(from, o, now); break;
    case op_kind::ping:
      protocol::write_pong(from.out.append(protocol::pong_size));
      finish_all(from.writer);
      break;
    case op_kind::pong: on_pong(from, now); break;
    case op_kind::ok: break;
    case op_kind::info: on_info(from, o.text); break;
    case op_kind::err: on_server_error(from, o.text); break;
    case op_kind::connect:
    case op_kind::pub:
    case op_kind::hpub:
    case op_kind::sub:
    case op_kind::unsub: return errc::protocol_error;
    }
  }
}

/// All that come in a row.
INNATE_DECL void engine::receive_messages(link& from, time_point now) {
  constexpr std::size_t many = 4096;  // from about here on their states do not fit into a second-level cache
  if (x_subscriptions.size() >= many) return receive_among_many(from, now);
  for (protocol::op o; from.in.next_delivery(o);) on_message(from, o, now);
}

/// Among many subscriptions most messages find another one outside of the cache: several are looked up before the first
/// is delivered, so that their loads overlap. What follows them to the same subscription needs no look ahead.
INNATE_DECL void engine::receive_among_many(link& from, time_point now) {
  std::array<protocol::op, 16> row;
  for (std::uint64_t last = 0; receive_more_to(last, from, row[0], now);) {
    std::size_t count = 1;
    while (count != row.size() && from.in.next_delivery(row[count])) ++count;
    for (std::size_t i = 0; i != count; ++i) {
      const auto* s = x_subscriptions.find(row[i].sid);
      const message_sink* sink = s ? s->direct_consumer() : nullptr;
      if (!sink) continue;
      __builtin_prefetch(sink);
      __builtin_prefetch(reinterpret_cast<const char*>(sink) + 32);  // the handler, perhaps on the next line
    }
    for (std::size_t i = 0; i != count; ++i) on_message(from, row[i], now);
    last = row[count - 1].sid;
  }
}

/// Delivers what comes to `sid`; true when `other` then is a message to another one.
INNATE_DECL bool engine::receive_more_to(std::uint64_t sid, link& from, protocol::op& other, time_point now) {
  while (from.in.next_delivery(other)) {
    if (other.sid != sid) return true;
    on_message(from, other, now);
  }
  return false;
}

INNATE_COLD void engine::on_info(link& from, std::string_view json) {
  auto read = protocol::parse_info(json);
  if (!read) {
    connection_event e{.kind = event_kind::server_error, .code = read.error().code};
    e.detail = read.error().detail;
    return emit(std::move(e));
  }
  const bool lame_duck_begins = read->ldm && !from.info.ldm;
  from.info = std::move(*read);
  if (&from != x_link.get()) return;  // about to be left
  x_news = x_unsettled = true;
  x_publisher.set_server(from.info);
  if (lame_duck_begins) tell_lame_duck();
}

INNATE_COLD void engine::on_server_error(link& from, std::string_view text) {
  from.complaint = {protocol::classify_server_error(text), std::string{text}};
  x_last_error = from.complaint;
  connection_event e{.kind = event_kind::server_error, .code = from.complaint.code};
  e.detail = text;
  attribute_violation(from, text, e);
  emit(std::move(e));
}

/// A permission violation is final for the subscription or the request that it names (ADR-40).
INNATE_COLD void engine::attribute_violation(link& from, std::string_view text, connection_event& e) {
  const auto violation = protocol::parse_permission_violation(text);
  if (!violation) return;
  using kind = protocol::permission_violation::kind;
  const std::error_code denied = server_errc::permissions_violation;
  from.complaint = {};  // the server keeps the link
  e.subject = violation->subject;
  if (violation->what == kind::subscription) {
    subscription_ptr hit;
    x_subscriptions.for_each([&](subscription_state& s) {
      const bool same =
          violation->sid ? s.sid == violation->sid : s.subject() == violation->subject && s.queue() == violation->queue;
      if (!hit && same && s.current_phase() != subscription_state::phase::ended) hit = x_subscriptions.share(s.sid);
    });
    if (!hit) return;
    e.sid = hit->sid;
    if (hit->where == subscription_state::place::both_links) write_unsub(*x_old_link, *hit);
    retire(*hit, denied);
    connection_event ended{.kind = event_kind::subscription_closed, .code = denied};
    ended.subject = hit->subject();
    ended.sid = e.sid;
    return emit(std::move(ended));
  }
  const bool by_reply = violation->what == kind::publish_reply;
  const ticket replied = by_reply && violation->subject.starts_with(x_inbox) ? ticket_of(violation->subject) : ticket{};
  answers.for_each([&](ticket t, answer& a) {
    const bool hit = by_reply ? t == replied : !a.subject.empty() && a.subject == violation->subject;
    if (hit && !a.arrived) arrive(a, denied, {});
  });
}

INNATE_COLD errc engine::note_refusal(errc refused, std::string_view subject, std::size_t size) {
  x_last_error = {refused, x_publisher.explain(refused, subject, size)};
  return refused;
}

INNATE_DECL void engine::sent(link& to, std::size_t bytes) {
  to.out.written(bytes);
  if (x_link->out.size() <= x_options.outbound.low_water) finish_all(room_watchers);
}

INNATE_DECL time_point engine::next_deadline() const noexcept {
  if (!online()) return x_timers.next();
  const auto due = std::min(x_timers.next(), x_link->alive.next_deadline());
  if (!x_migration.active()) return due;
  const auto old = x_old_link ? x_old_link->alive.next_deadline() : never;
  return std::min({due, old, x_migration.next_deadline()});
}

INNATE_COLD void engine::tick(time_point now) {
  while (operation* op = x_timers.pop_expired(now)) finish(*op, errc::timeout);
  if (!online()) return;
  keep_alive(*x_link, now);
  if (!x_migration.active()) return;
  if (x_old_link) keep_alive(*x_old_link, now);
  if (x_migration.next_deadline() <= now) act(x_migration.on_deadline(now, old_link_awaited()), now);
}

INNATE_COLD void engine::keep_alive(link& l, time_point now) {
  if (l.alive.next_deadline() > now) return;
  switch (l.alive.on_deadline(now)) {
  case health::action::none: break;
  case health::action::stale: return give_up(l, errc::stale_connection, "the server did not answer pings");
  case health::action::send_ping: write_ping(l, 0);
  }
}

/// For the driver to end.
INNATE_COLD void engine::give_up(link& l, std::error_code why, std::string detail) {
  l.alive.stop();
  l.given_up = {why, std::move(detail)};
  x_news = x_unsettled = true;
}

}  // namespace innate::inline v0::core
