// SPDX-License-Identifier: Apache-2.0
/// Drives the engine over real streams: dials, shakes hands, reads, writes, keeps the one timer, and starts again.
///
/// Order contract: whoever touches the engine calls `settle` before it returns to the event loop.
#pragma once

#include <innate/core/backoff.hpp>
#include <innate/core/engine.hpp>
#include <innate/core/handshake.hpp>
#include <innate/core/server_pool.hpp>
#include <innate/net/authenticator.hpp>
#include <innate/net/channel.hpp>
#include <innate/net/entry_guard.hpp>
#include <innate/net/environment.hpp>
#include <innate/net/initiate.hpp>
#include <innate/net/operation.hpp>
#include <innate/net/shutdown_service.hpp>
#include <innate/net/tls_layer.hpp>

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>
#include <asio/cancellation_signal.hpp>
#include <asio/execution/context.hpp>

#include <cstddef>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace innate::inline v0::net {

class shared_queue;

class driver final : public operation_owner, public core::engine_owner, public std::enable_shared_from_this<driver> {
 public:
  [[gnu::cold]] static std::shared_ptr<driver> make(asio::any_io_executor executor, innate::options opts,
                                                    std::shared_ptr<environment> world) {
    auto d = std::shared_ptr<driver>{new driver{std::move(executor), std::move(opts), std::move(world)}};
    asio::use_service<shutdown_service>(asio::query(d->x_executor, asio::execution::context)).add(d);
    return d;
  }

  [[nodiscard]] const asio::any_io_executor& executor() const noexcept override { return x_executor; }
  [[nodiscard]] time_point now() const { return x_world->now(); }
  [[nodiscard]] core::engine& engine() noexcept { return x_engine; }
  [[nodiscard]] entry_guard& guard() noexcept { return x_guard; }

  /// Why the life of the connection cannot begin; empty once, and then `run` is to follow.
  [[nodiscard]] std::error_code begin();
  /// The life of the connection; the engine has the reason it was closed for, empty when the user asked for it.
  asio::awaitable<void> run();

  using child_end = std::function<void(const std::exception_ptr& thrown)>;
  /// Runs `work` beside the caller. Asio compiles all that carries a coroutine anew for each type of handler, so there
  /// is one for all of them.
  void spawn(asio::awaitable<void> work, child_end then, asio::cancellation_slot slot = {});

  /// Resumes what the engine has finished, tells events, wakes the timer if something is due earlier than it knows.
  /// `now` is for the read loop, which has no user's code below it: the first of those who waited for what was read
  /// goes on at once, which spares a poll of the reactor. The others have handlers of their own: one may stop the event
  /// loop, and then destroy what another one works with.
  void settle(core::turn when = core::turn::later) {
    if (x_engine.take_unsettled()) settle_all(when);
  }
  /// Called after every publish: wakes the writer. A burst goes to the socket at once while its bytes are still in the
  /// cache, and not only when its publisher pauses and lets the writer run.
  void relieve() {
    if (x_direct && x_direct->link->out.size() >= x_direct_from) return write_directly();
    x_engine.wake_writer();
  }
  /// The same after a request. Whoever has no other answer to wait for will write nothing more, so there is nothing to
  /// be gained by waiting for company.
  void relieve_request() {
    if (x_direct && x_engine.answers.open_count() == 1) return write_directly();
    relieve();
  }

  /// True once in a thousand publishes that were awaited: a loop of them that always finds room would otherwise keep
  /// the reader from its turn, and with it the answers to the server's pings.
  [[nodiscard]] bool turn_over() noexcept { return ++x_awaited_publishes % 1024 == 0; }
  /// Done after everything else that the executor has ready.
  static asio::awaitable<void> after_others(std::shared_ptr<driver> d);

  /// By other threads; null until there is a handle for them.
  std::shared_ptr<shared_queue> handed_over;
  /// Publishes what was handed over, as far as there is room; the rest follows by itself. True when nothing is left.
  bool let_in();
  /// Completes when all is in that was handed over before, whatever else is handed over meanwhile.
  asio::awaitable<std::error_code> all_in(time_point deadline = core::never);

  /// Enters `op` into `list`, until the engine finishes it, `deadline` passes or it is cancelled: `op.finished()`.
  void begin_wait(operation& op, core::operation_list& list, time_point deadline = core::never) {
    x_engine.wait(op, list, deadline);
    settle();
  }
  /// All of that in a coroutine of its own.
  asio::awaitable<std::error_code> wait(core::operation_list& list, time_point deadline = core::never);
  /// The same for an answer; the caller closes its ticket.
  asio::awaitable<std::error_code> wait_answer(core::ticket t, time_point deadline, duration* round_trip = nullptr);
  /// Errors as those of `connection::drain`.
  static asio::awaitable<outcome<void>> drain(std::shared_ptr<driver> d);

  void close(std::error_code reason = {});
  void force_reconnect();
  result<void> set_servers(const std::vector<std::string>& urls);
  [[nodiscard]] std::vector<server_state> servers() const;
  [[nodiscard]] const std::string& current_server() const noexcept { return x_engine.current_link()->server; }

  void cancel(core::operation& op) noexcept override;
  void forget(core::operation& op) noexcept override { x_engine.forget(op); }
  /// Whoever expected the answer has gone; the old link of a migration may have waited for that.
  void forget_answer(core::ticket t) noexcept {
    x_engine.forget_answer(t);
    if (x_leaving) settle();
  }

 private:
  struct attempt;
  template <class T>
  struct attempt_for;

  driver(asio::any_io_executor executor, innate::options opts, std::shared_ptr<environment> world);

  using channel_ptr = std::shared_ptr<channel>;

  asio::awaitable<error> connect_once(channel_ptr c, core::server_url url);
  asio::awaitable<std::error_code> finish_by(time_point deadline, std::shared_ptr<attempt> a,
                                             asio::awaitable<void> work);
  asio::awaitable<dial_result> dial(core::server_url url, time_point deadline);
  asio::awaitable<error> shake_hands(channel& c, const core::server_url& url, time_point deadline);
  asio::awaitable<error> upgrade(channel& c, const core::server_url& url);
  asio::awaitable<result<credentials>> authenticate(const core::server_url& url, auth_request request,
                                                    time_point deadline);
  void start(const channel_ptr& c);
  asio::awaitable<void> serve(channel_ptr c);
  void ended(const channel_ptr& c);
  asio::awaitable<std::error_code> send_all(stream& to, std::string_view bytes);
  asio::awaitable<void> write_loop(channel_ptr c);
  void write_directly();
  bool publish_handed_over();
  static asio::awaitable<void> let_in_with_room(std::shared_ptr<driver> d);
  void settle_all(core::turn when);
  asio::awaitable<void> timer_loop();
  asio::awaitable<void> try_next_server();
  asio::awaitable<void> serve_to_the_end();
  asio::awaitable<void> migrate();
  void move_to(const channel_ptr& fresh);
  [[nodiscard]] duration pause_before_attempt();
  [[nodiscard]] result<void> prepare();
  [[nodiscard]] result<void> choose_next();
  void tell_failed_attempt(const std::string& server, const error& failed);
  void report_failed_attempt(const error& failed);
  [[nodiscard]] error choose_other(const std::string& old);
  void tell_stuck(const std::string& server, const error& why);
  void consider_migration();
  void give_up_migration();
  void hang_up(channel& c);
  void end(channel& c, std::error_code why, std::string detail = {});
  void heed_news();
  void learn_servers();
  void tell_events();

  asio::any_io_executor x_executor;
  std::shared_ptr<environment> x_world;
  core::engine x_engine;
  entry_guard x_guard;
  std::unique_ptr<timer> x_timer;
  time_point x_armed = core::never;  // what the timer waits for
  std::unique_ptr<core::server_pool> x_pool;
  channel_ptr x_channel;                   // of the current link, or of the current or last attempt
  channel_ptr x_leaving;                   // of the old link of a migration, until it has ended
  channel_ptr x_dialing;                   // of the attempt at another server
  std::exception_ptr x_thrown;             // by a channel's coroutine
  channel_ptr x_direct;                    // the one whose socket no write of its writer occupies
  std::size_t x_direct_from = 0;           // outbound bytes from which a publish writes them itself
  core::operation_list x_pausing;          // the wait between attempts
  core::operation_list x_attempting;       // run() waiting for the dialer or the authenticator
  core::operation_list x_children;         // run() waiting for a child coroutine
  std::optional<duration> x_chosen_delay;  // of the pick-next-server hook
  std::uint32_t x_awaited_publishes = 0;
  bool x_running = false;
  bool x_connected_once = false;
  std::size_t x_failed_attempts = 0;  // before the first success
  bool x_timing = false;
  bool x_migrating = false;  // looking for another server
  std::size_t x_serving = 0;
  bool x_telling = false;
};

/// Closes a ticket when whoever expects its answer goes away.
class answer_guard {
 public:
  answer_guard() = default;
  answer_guard(std::shared_ptr<driver> owner, core::ticket t) : x_owner(std::move(owner)), x_ticket(t) {}
  answer_guard(answer_guard&&) = default;
  answer_guard& operator=(answer_guard&&) = delete;
  ~answer_guard() {
    if (x_owner) x_owner->forget_answer(x_ticket);
  }
  [[nodiscard]] explicit operator bool() const noexcept { return x_owner && x_ticket; }
  [[nodiscard]] core::ticket ticket() const noexcept { return x_ticket; }

 private:
  std::shared_ptr<driver> x_owner;
  core::ticket x_ticket;
};

}  // namespace innate::inline v0::net

#if !defined(INNATE_SEPARATE_COMPILATION)
#include <innate/net/driver_link.ipp>
#include <innate/net/driver_migration.ipp>
#include <innate/net/driver_run.ipp>
#include <innate/net/driver_shared.ipp>
#include <innate/net/driver_wait.ipp>
#endif
