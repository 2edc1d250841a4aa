// SPDX-License-Identifier: Apache-2.0
/// engine: requests, PINGs, and the operations that wait for either.
#pragma once

#include <innate/core/engine.hpp>
#include <innate/meta/decl.hpp>

namespace innate::inline v0::core {

/// All requests share one subscription, made with the first of them.
INNATE_DECL std::error_code engine::ensure_mux() {
  if (x_mux && x_mux->sid != 0) return {};
  if (x_inbox.empty()) x_inbox = protocol::new_inbox(x_nuid, x_options.inbox_prefix) + ".";
  auto made = subscribe(protocol::filter_ref{std::string_view{x_inbox + "*"}}, {});
  if (!made) return made.error().code;
  x_mux = *made;
  return {};
}

INNATE_DECL result<ticket> engine::request(protocol::subject_ref subject, std::string_view payload,
                                           const publish_options& how, subscription_ptr stream, time_point now) {
  if (closed()) return error{errc::connection_closed, {}};
  if (const auto failed = ensure_mux()) return error{failed, "cannot subscribe to replies"};
  const ticket t = answers.open();
  const reply_token token{t};
  std::array<char, 256> text;
  std::string long_text;
  std::string_view reply;
  if (x_inbox.size() + token.size <= text.size()) {
    std::memcpy(text.data(), x_inbox.data(), x_inbox.size());
    std::memcpy(text.data() + x_inbox.size(), token.text.data(), token.size);
    reply = {text.data(), x_inbox.size() + token.size};
  } else {
    reply = long_text.append(x_inbox).append(token.view());
  }
  const publish_options with_reply{reply, how.headers};
  if (const auto failed = publish(subject, payload, with_reply, x_options.outbound.limit); failed != errc{}) {
    answers.close(t);
    return error{failed, x_last_error.detail};
  }
  answer& a = *answers.find(t);
  a.stream = std::move(stream);
  a.subject = subject.view();
  a.sent_at = now;
  return t;
}

/// A reply subject names its request by its last token. Where a server has mapped the subject to another one, it can
/// only be attributed when a single request is open.
INNATE_DECL ticket engine::ticket_of(std::string_view reply_subject) {
  if (reply_subject.starts_with(x_inbox)) return reply_token::parse(reply_subject.substr(x_inbox.size()));
  ticket only;
  std::size_t open = 0;
  answers.for_each([&](ticket t, const answer& a) {
    if (a.subject.empty()) return;
    ++open;
    only = t;
  });
  return open == 1 ? only : ticket{};
}

/// While there are two links, a reply comes by both: the first one counts, and a stream takes them from one only.
INNATE_DECL void engine::on_reply(link& from, const protocol::op& o, time_point now) {
  answer* a = answers.find(ticket_of(o.subject));
  if (!a || a->arrived || (a->stream && a->by_old_link != (&from != x_link.get()))) {
    if (!x_old_link) ++x_statistics.late_replies;
    return;
  }
  message m{from.in.lend(), o};
  const bool nobody = o.payload.empty() && m.status() == 503;
  if (a->stream) {
    if (nobody) return arrive(*a, errc::no_responders, now);
    on_queued(*a->stream, !a->stream->deliver(m.size(), std::move(m)));
    return;
  }
  a->reply = std::move(m);
  arrive(*a, nobody ? make_error_code(errc::no_responders) : std::error_code{}, now);
}

INNATE_DECL void engine::arrive(answer& a, std::error_code result, time_point now) {
  a.arrived = true;
  a.result = result;
  a.arrived_at = now;
  if (a.stream) {
    a.stream->end(result);
    finish_all(a.stream->consumers);
  }
  finish_all(a.waiters);
  if (x_migration.overdue() && !old_link_awaited()) act(x_migration.on_last_answer(), now);
}

INNATE_DECL void engine::forget_answer(ticket t) {
  answers.close(t);
  if (x_migration.overdue() && !old_link_awaited()) act(x_migration.on_last_answer(), {});
}

INNATE_DECL ticket engine::ping(time_point now) {
  const ticket t = answers.open();
  answers.find(t)->sent_at = now;
  write_ping(*x_link, t.id());
  return t;
}

INNATE_DECL void engine::write_ping(link& to, std::uint64_t waiter) {
  protocol::write_ping(to.out.append(protocol::ping_size));
  to.alive.sent_ping(waiter);
  finish_all(to.writer);
}

INNATE_DECL void engine::on_pong(link& from, time_point now) {
  const auto id = from.alive.on_pong();
  if (!id || *id == 0) return;
  if (*id == x_step_ping)
    return act(&from == x_link.get() ? x_migration.on_new_pong(now) : x_migration.on_old_pong(now), now);
  if (answer* a = answers.find(ticket::from_id(*id)); a && --a->pongs == 0) arrive(*a, {}, now);
}

INNATE_DECL void engine::wait(operation& op, operation_list& list, time_point deadline) {
  op.done = false;
  op.result = {};
  op.deadline = deadline;
  list.push_back(op);
  x_timers.add(op);
  x_unsettled = true;
}

INNATE_DECL void engine::finish(operation& op, std::error_code result) noexcept {
  if (op.done) return;
  x_timers.remove(op);
  op.done = true;
  op.result = result;
  x_finished.push_back(op);
  x_unsettled = true;
}

/// Cold, because every publish asks whether there is a writer to wake, and seldom finds one.
INNATE_COLD void engine::finish_all(operation_list& list, std::error_code result) noexcept {
  while (operation* op = list.front()) finish(*op, result);
}

INNATE_DECL operation* engine::pop_finished() noexcept {
  operation* op = x_finished.front();
  if (op) x_finished.remove(*op);
  return op;
}

}  // namespace innate::inline v0::core
