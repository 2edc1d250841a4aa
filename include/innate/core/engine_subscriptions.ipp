// SPDX-License-Identifier: Apache-2.0
/// engine: subscribing, ending, draining, and messages on their way to a subscription's queue.
#pragma once

#include <innate/core/engine.hpp>
#include <innate/meta/decl.hpp>

namespace innate::inline v0::core {

INNATE_COLD result<subscription_ptr> engine::subscribe(protocol::filter_ref filter, const subscribe_options& how) {
  if (closed()) return error{errc::connection_closed, {}};
  if (x_status == status::draining) return error{errc::connection_draining, {}};
  if (const auto fault = filter.check(); fault.fault != protocol::subject_fault::none)
    return error{errc::invalid_subject, protocol::describe(fault, filter.view())};
  if (!how.queue.empty()) {
    if (const auto fault = protocol::check_queue(how.queue); fault.fault != protocol::subject_fault::none)
      return error{errc::invalid_queue_group, protocol::describe(fault, how.queue)};
  }
  if (protocol::sub_size(filter.view(), how.queue, ~std::uint64_t{0}) > x_options.outbound.max_control_line)
    return error{errc::control_line_too_long, "subscribe to '" + std::string{filter.view().substr(0, 64)} + "…'"};

  auto s = subscription_state::make(filter.view(), how.queue, limits_of(how), x_options.memory);
  s->set_max(how.max_messages);
  s->on_migration = how.on_migration;
  x_subscriptions.insert(s);
  if (online()) {
    std::string frames;
    write_sub(*s, frames);
    x_link->out.append(frames);
    wake_writer();
  }
  return s;
}

INNATE_COLD subscription_limits engine::limits_of(const subscribe_options& how) const noexcept {
  const auto& defaults = x_options.pending;
  const auto messages = how.pending_messages ? how.pending_messages : defaults.messages;
  return {how.pending_bytes ? how.pending_bytes : defaults.bytes,
          static_cast<std::uint32_t>(std::min<std::size_t>(messages, ring<message>::most)), how.overflow,
          how.report_gaps};
}

INNATE_COLD void engine::write_sub(const subscription_state& s, std::string& to) const {
  const auto append = [&](std::size_t size, auto write) {
    const auto at = to.size();
    to.resize(at + size);
    write(to.data() + at);
  };
  append(protocol::sub_size(s.subject(), s.queue(), s.sid),
         [&](char* at) { protocol::write_sub(at, s.subject(), s.queue(), s.sid); });
  if (s.limited())
    append(protocol::unsub_size(s.sid, s.remaining()),
           [&](char* at) { protocol::write_unsub(at, s.sid, s.remaining()); });
}

INNATE_COLD void engine::unsubscribe(subscription_state& s, std::error_code reason) {
  if (s.sid != 0 && online() && s.current_phase() == subscription_state::phase::open) stop_deliveries(s);
  retire(s, reason);
}

INNATE_COLD void engine::write_unsub(link& to, const subscription_state& s, std::uint64_t max) {
  protocol::write_unsub(to.out.append(protocol::unsub_size(s.sid, max)), s.sid, max);
  finish_all(to.writer);
}

/// UNSUB on every link that has it.
INNATE_COLD void engine::stop_deliveries(subscription_state& s) {
  using place = subscription_state::place;
  if (s.where != place::handing_over) write_unsub(*x_link, s);
  if (s.where == place::both_links) write_unsub(*x_old_link, s);
  if (s.where != place::new_link) s.where = place::leaving;
}

/// Takes the subscription out of the table; what is queued can still be consumed.
INNATE_COLD void engine::retire(subscription_state& s, std::error_code reason) {
  const auto keep = s.sid != 0 ? x_subscriptions.remove(s.sid) : nullptr;
  s.end(reason);
  finish_all(s.consumers);
  consumed(s);
}

INNATE_DECL void engine::consumed(subscription_state& s) {
  if (!s.finished()) return;
  std::erase_if(x_draining, [&](const auto& drained) { return drained.get() == &s; });
  finish_all(s.closed_watchers);
}

INNATE_COLD std::error_code engine::auto_unsubscribe(subscription_state& s, std::uint64_t max) {
  if (s.sid == 0) return errc::subscription_closed;
  s.set_max(max);
  if (max != 0 && s.remaining() == 0) {
    unsubscribe(s);
  } else if (online() && max != 0) {
    using place = subscription_state::place;
    if (s.where == place::both_links) {  // two servers cannot count to one limit
      write_unsub(*x_old_link, s);
      s.where = place::leaving;
    }
    // The server counts from the SUB that it saw last, which after a reconnect is the replayed one.
    if (s.where != place::handing_over) write_unsub(*x_link, s, s.server_max());
  }
  return {};
}

INNATE_COLD ticket engine::begin_drain(subscription_state& s, time_point now) {
  if (s.sid == 0 || s.current_phase() != subscription_state::phase::open) return {};
  if (!online()) {
    retire(s, {});
    return {};
  }
  stop_deliveries(s);
  s.begin_drain();
  return drain_ping(now);
}

/// Every link that may deliver has to answer.
INNATE_COLD ticket engine::drain_ping(time_point now) {
  const ticket t = ping(now);
  if (x_old_link) {
    answers.find(t)->pongs = 2;
    write_ping(*x_old_link, t.id());
  }
  return t;
}

INNATE_COLD ticket engine::begin_drain_all(time_point now) {
  x_subscriptions.for_each([&](subscription_state& s) {
    if (&s == x_mux.get()) return;
    x_draining.push_back(x_subscriptions.share(s.sid));
    if (!online()) return retire(s, {});
    if (s.current_phase() != subscription_state::phase::open) return;
    stop_deliveries(s);
    s.begin_drain();
  });
  return online() && !x_draining.empty() ? drain_ping(now) : ticket{};
}

INNATE_COLD void engine::end_drain_all() {
  const auto draining = x_draining;
  for (const auto& s : draining) retire(*s, {});
}

INNATE_COLD subscription_ptr engine::unconsumed() { return x_draining.empty() ? nullptr : x_draining.front(); }

INNATE_DECL void engine::on_message(link& from, const protocol::op& o, time_point now) {
  ++x_statistics.messages_in;
  subscription_state* s = x_subscriptions.find(o.sid);
  const bool by_old_link = &from != x_link.get();
  if (!s || (by_old_link && s->where == subscription_state::place::new_link)) {
    ++x_statistics.dropped_unknown;
    return;
  }
  if (s == x_mux.get()) return on_reply(from, o, now);
  if (by_old_link && s->where != subscription_state::place::handing_over) s->delivered_elsewhere();
  if (slabs->pinned_bytes() > x_options.pending.detach_above) {
    deliver_copy(from, *s, o);
  } else if (message_sink* sink = s->direct_consumer()) {
    s->delivered_directly();
    sink->take(message{from.in.lend(), o});
  } else {
    on_queued(*s, !s->deliver(o.header.size() + o.payload.size(), from.in.lend(), o));
  }
  if (!s->limited() || s->remaining() != 0) return;
  s->miscounted() ? unsubscribe(*s) : retire(*s, {});
}

/// In memory of its own, because messages hold very much of what was read.
INNATE_COLD void engine::deliver_copy(link& from, subscription_state& s, const protocol::op& o) {
  message copy = message{from.in.lend(), o}.detach();
  if (message_sink* sink = s.direct_consumer()) {
    s.delivered_directly();
    sink->take(std::move(copy));
  } else {
    on_queued(s, !s.deliver(copy.size(), std::move(copy)));
  }
}

INNATE_COLD void engine::on_dropped(subscription_state& s) {
  ++x_statistics.dropped_slow;
  if (!s.become_slow()) return;
  connection_event e{.kind = event_kind::slow_consumer, .code = errc::slow_consumer};
  e.subject = s.subject();
  e.sid = s.sid;
  e.count = s.take_unreported_drops();
  emit(std::move(e));
}

}  // namespace innate::inline v0::core
