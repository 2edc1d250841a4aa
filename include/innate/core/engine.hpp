// SPDX-License-Identifier: Apache-2.0
/// Sans-io state of one connection: what its user calls and what its server sends meet here, and nothing else decides.
///
/// Order contract for the driver: after any call that may end operations or emit events, take both (`pop_finished`,
/// `pop_event`) before going back to the event loop. Bytes leave through `current_link()`, time comes in as an
/// argument.
#pragma once

#include <innate/core/answer_table.hpp>
#include <innate/core/byte_buffer.hpp>
#include <innate/core/event_queue.hpp>
#include <innate/core/link.hpp>
#include <innate/core/migration.hpp>
#include <innate/core/options.hpp>
#include <innate/core/publisher.hpp>
#include <innate/core/statistics.hpp>
#include <innate/core/status.hpp>
#include <innate/core/subscription_table.hpp>
#include <innate/core/timer_queue.hpp>
#include <innate/protocol/error.hpp>
#include <innate/protocol/nuid.hpp>
#include <innate/protocol/server_error.hpp>
#include <innate/protocol/subject_ref.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace innate::inline v0::core {

class engine {
 public:
  explicit engine(innate::options opts);

  // What everybody reads.
  [[nodiscard]] const innate::options& options() const noexcept { return x_options; }
  [[nodiscard]] status current_status() const noexcept { return x_status; }
  [[nodiscard]] bool online() const noexcept { return x_publisher.online(); }
  [[nodiscard]] bool closed() const noexcept { return x_status == status::closed; }
  [[nodiscard]] std::error_code close_reason() const noexcept { return x_close_reason; }
  [[nodiscard]] const protocol::server_info& server_info() const noexcept { return x_link->info; }
  [[nodiscard]] statistics current_statistics() const;
  [[nodiscard]] const error& last_error() const noexcept { return x_last_error; }

  // Publishing. Whoever publishes wakes the writer, or writes.
  template <class Payload>  // std::string_view or owned_payload
  errc publish(const protocol::subject_ref& subject, Payload payload, const publish_options& how, std::size_t mark);
  void wake_writer() noexcept {
    if (!x_link->writer.empty()) finish_all(x_link->writer);
  }
  [[nodiscard]] bool congested() const noexcept {
    return online() && x_link->out.size() >= x_options.outbound.high_water;
  }

  // Subscriptions.
  result<subscription_ptr> subscribe(protocol::filter_ref filter, const subscribe_options& how);
  /// Those asked for, else the connection's.
  [[nodiscard]] subscription_limits limits_of(const subscribe_options& how) const noexcept;
  void unsubscribe(subscription_state& s, std::error_code reason = {});
  std::error_code auto_unsubscribe(subscription_state& s, std::uint64_t max);
  /// Stops deliveries from the server; the drain ends when the PONG of the returned ticket is there.
  ticket begin_drain(subscription_state& s, time_point now);
  void end_drain(subscription_state& s) { retire(s, {}); }
  /// The same for every subscription but the one for replies.
  ticket begin_drain_all(time_point now);
  void end_drain_all();
  /// One that was drained with all others and still holds messages; null when there is none.
  [[nodiscard]] subscription_ptr unconsumed();
  /// The consumer took something out of `s`: tells whoever waits for its end.
  void consumed(subscription_state& s);

  // Answers.
  result<ticket> request(protocol::subject_ref subject, std::string_view payload, const publish_options& how,
                         subscription_ptr stream, time_point now);
  ticket ping(time_point now);
  /// Whoever expected the answer has gone, or has it.
  void forget_answer(ticket t);
  answer_table answers;

  // Operations.
  void wait(operation& op, operation_list& list, time_point deadline);
  void finish(operation& op, std::error_code result = {}) noexcept;
  void finish_all(operation_list& list, std::error_code result = {}) noexcept;
  void forget(operation& op) noexcept { x_timers.remove(op); }
  [[nodiscard]] operation* pop_finished() noexcept;
  /// Something was finished, emitted, learnt or given a deadline since the last call.
  [[nodiscard]] bool take_unsettled() noexcept { return std::exchange(x_unsettled, false); }

  // Events.
  [[gnu::cold]] void emit(connection_event e) {
    x_unsettled = true;
    x_events.push(std::move(e));
    finish_all(event_watchers);
  }
  [[nodiscard]] event_queue& events() noexcept { return x_events; }
  void fail_locally(error e) { x_last_error = std::move(e); }

  // The link, as the driver sees it.
  void set_status(status s) noexcept { x_status = s; }
  void replace_servers(const std::vector<std::string>& urls) { x_options.servers = urls; }
  /// The link that publishes go to; between two servers it buffers them.
  [[nodiscard]] const std::shared_ptr<link>& current_link() const noexcept { return x_link; }
  /// The handshake of the current link is done; it knows its server.
  void link_up(time_point now);
  void link_down(const error& why);
  void close(std::error_code reason);
  /// Handles everything parsed so far; an error when the server broke the protocol.
  std::error_code receive(link& from, time_point now);
  void sent(link& to, std::size_t bytes);
  void count_received(std::size_t bytes) noexcept { x_statistics.bytes_in += bytes; }
  void count_sent(std::size_t bytes) noexcept { x_statistics.bytes_out += bytes; }
  [[nodiscard]] time_point next_deadline() const noexcept;
  /// Expires operations, keeps links alive and gives up the silent ones.
  void tick(time_point now);
  /// Since the last call there is something for the driver: an INFO (`connect_urls` for the pool, lame duck), a link
  /// that was given up, the end of a migration.
  [[nodiscard]] bool take_news() noexcept { return std::exchange(x_news, false); }

  // Migration: from `begin_migration` on there are two links, until one is lost or the old one is left.
  /// The server is in lame duck, and nothing stands against moving to another.
  [[nodiscard]] bool migration_wanted() const noexcept;
  [[nodiscard]] std::shared_ptr<link> make_link() { return std::make_shared<link>(x_options, *slabs); }
  /// The handshake of `fresh` is done. It becomes the current link.
  void begin_migration(std::shared_ptr<link> fresh, time_point now);
  /// The old link ended, unless the engine has left it: the new one goes on alone.
  void old_link_lost(const link& old, const error& why, time_point now);
  /// The new link ended: the old one is current again.
  void new_link_lost(const error& why, time_point now);

  byte_buffer scratch;  // where a payload is encoded whose size is not known before
  slab_pool::handle slabs;
  operation_list room_watchers;   // publishers above the high mark
  operation_list event_watchers;  // `next_event()`
  operation_list ready_watchers;  // `ready()`

 private:
  void receive_messages(link& from, time_point now);
  void receive_among_many(link& from, time_point now);
  bool receive_more_to(std::uint64_t sid, link& from, protocol::op& other, time_point now);
  errc note_refusal(errc refused, std::string_view subject, std::size_t size);
  void on_message(link& from, const protocol::op& o, time_point now);
  void on_reply(link& from, const protocol::op& o, time_point now);
  void on_pong(link& from, time_point now);
  void tell_lame_duck();
  void on_info(link& from, std::string_view json);
  void on_server_error(link& from, std::string_view text);
  void attribute_violation(link& from, std::string_view text, connection_event& e);
  void deliver_copy(link& from, subscription_state& s, const protocol::op& o);
  [[gnu::always_inline]] void on_queued(subscription_state& s, bool dropped) {
    if (dropped) on_dropped(s);
    if (operation* consumer = s.consumers.front(); consumer && s.ready()) finish(*consumer);
  }
  void on_dropped(subscription_state& s);
  void retire(subscription_state& s, std::error_code reason);
  void arrive(answer& a, std::error_code result, time_point now);
  [[nodiscard]] ticket ticket_of(std::string_view reply_subject);
  std::error_code ensure_mux();
  void write_sub(const subscription_state& s, std::string& to) const;
  void write_unsub(link& to, const subscription_state& s, std::uint64_t max = 0);
  void write_ping(link& to, std::uint64_t waiter);
  void stop_deliveries(subscription_state& s);
  [[nodiscard]] ticket drain_ping(time_point now);
  void keep_alive(link& l, time_point now);
  void give_up(link& l, std::error_code why, std::string detail);
  [[nodiscard]] bool overlaps(const subscription_state& s) const noexcept;
  void make_current(std::shared_ptr<link> l);
  void act(migration::action what, time_point now);
  void hand_over();
  void report_gaps(time_point now);
  void withdraw();
  void leave();
  void one_link_left();
  void end_migration();
  void lose_answers(link& lost, bool by_old_link, time_point now);
  [[nodiscard]] bool old_link_awaited();
  [[nodiscard]] std::uint64_t next_step_ping() noexcept { return x_step_ping += std::uint64_t{1} << 32; }
  [[nodiscard]] std::string replay();

  innate::options x_options;
  statistics x_statistics;
  subscription_table x_subscriptions;
  timer_queue x_timers;
  event_queue x_events;
  std::shared_ptr<link> x_link;
  std::shared_ptr<link> x_old_link;  // while the connection migrates
  migration x_migration;
  std::uint64_t x_step_ping = 0;             // the PING of its step: no ticket, whose lower half is never 0
  std::vector<std::uint64_t> x_handed_over;  // sids with a gap to report
  connection_event x_migrated{};             // what there will be to tell
  publisher x_publisher;
  protocol::nuid x_nuid;
  std::string x_inbox;                       // prefix of reply subjects, with the last dot
  subscription_ptr x_mux;                    // `x_inbox` + "*"
  std::vector<subscription_ptr> x_draining;  // with the connection
  operation_list x_finished;
  status x_status = status::idle;
  std::error_code x_close_reason{};
  error x_last_error{};
  bool x_news = false;
  bool x_unsettled = false;
  bool x_connected_before = false;
};

template <class Payload>
errc engine::publish(const protocol::subject_ref& subject, Payload payload, const publish_options& how,
                     std::size_t mark) {
  if (closed()) return errc::connection_closed;
  const auto size = payload.size() + how.headers.raw().size();
  const auto refused = x_publisher.publish(subject, std::move(payload), how, mark);
  return refused == errc{} ? refused : note_refusal(refused, subject.view(), size);
}

}  // namespace innate::inline v0::core

#if !defined(INNATE_SEPARATE_COMPILATION)
#include <innate/core/engine_answers.ipp>
#include <innate/core/engine_link.ipp>
#include <innate/core/engine_migration.ipp>
#include <innate/core/engine_subscriptions.ipp>
#endif
