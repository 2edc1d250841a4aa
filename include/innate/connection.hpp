// SPDX-License-Identifier: Apache-2.0
/// A connection to NATS: publish, subscribe, request; it keeps itself alive and says what happens to it.
#pragma once

#include <innate/environment.hpp>
#include <innate/error.hpp>
#include <innate/event_fwd.hpp>
#include <innate/message.hpp>
#include <innate/meta/decl.hpp>
#include <innate/net/driver.hpp>
#include <innate/net/initiate.hpp>
#include <innate/options.hpp>
#include <innate/status.hpp>
#include <innate/subscription.hpp>

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>
#include <asio/this_coro.hpp>

#include <concepts>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace innate::inline v0 {

class reply_stream;
class shared_handle;
struct request_many_options;

/// Parameters of a request, all optional.
struct request_options {
  duration timeout{};  ///< 0: the option `request_timeout`
  protocol::headers_view headers{};
};

/// Move-only owner of one connection; destroying it closes the connection without draining. All members must be called
/// on the connection's executor, by one thread at a time (`share()` gives a handle for other threads). Operations
/// without a token return an awaitable that throws `std::system_error`; with a completion token they complete with an
/// `std::error_code` first. They act when they are called: what is awaited is room, or the answer. Per-operation
/// cancellation ends only that wait. Whoever waits for a message may be resumed within the connection's own handler,
/// and should not run the event loop from there.
class connection {
 public:
  connection() = default;
  /// Does nothing until `run`.
  explicit connection(asio::any_io_executor executor, innate::options opts = {},
                      std::shared_ptr<environment> world = std::make_shared<environment>())
      : x_driver(net::driver::make(std::move(executor), std::move(opts), std::move(world))) {}
  connection(connection&&) = default;
  connection& operator=(connection&& other) noexcept {
    std::swap(x_driver, other.x_driver);
    return *this;
  }
  ~connection() {
    if (x_driver) x_driver->close();
  }

  // ---- Life

  /// Connects, keeps connected, ends when the connection is closed: normally after `close` or `drain`, else with the
  /// reason (invalid options, no server left, authentication refused twice, `drain_timeout`, …). Cancelling it closes
  /// the connection. `already_running` when called twice.
  [[nodiscard]] asio::awaitable<void> run() { return net::or_throw(run_body(x_driver)); }
  template <class Token>
  auto run(Token&& token) {
    return net::initiate(x_driver->executor(), run_body(x_driver), std::forward<Token>(token));
  }

  /// Completes when connected; fails with the reason when the connection closes instead.
  [[nodiscard]] asio::awaitable<void> ready() { return net::or_throw(ready_body(x_driver)); }
  template <class Token>
  auto ready(Token&& token) {
    return net::initiate(x_driver->executor(), ready_body(x_driver), std::forward<Token>(token));
  }

  /// Ends all subscriptions once the server has confirmed it and their queues are consumed, flushes publishes, with
  /// what handles of `share` were given before, then closes. Publishing goes on meanwhile; subscribing fails with
  /// `connection_draining`. Errors: `drain_timeout` (closed all the same), `connection_draining`, `connection_closed`.
  [[nodiscard]] asio::awaitable<void> drain() { return net::or_throw(net::driver::drain(x_driver)); }
  template <class Token>
  auto drain(Token&& token) {
    return net::initiate(x_driver->executor(), net::driver::drain(x_driver), std::forward<Token>(token));
  }

  /// Closes now. Pending operations end with `connection_closed`, subscriptions end normally, buffered publishes are
  /// lost.
  void close() { x_driver->close(); }

  /// Drops the link and goes through a reconnect, keeping subscriptions and everything not sent.
  void force_reconnect() { x_driver->force_reconnect(); }

  // ---- Publishing

  /// Encodes at once; completes when there is room for more (at once below the high-water mark, but now and then after
  /// others had their turn). Errors: `invalid_subject`, `invalid_wildcard`, `max_payload_exceeded`,
  /// `control_line_too_long`, `headers_not_supported`, `not_connected`, `reconnect_buffer_full`, `outbound_full`,
  /// `connection_closed`; nothing was sent then.
  [[nodiscard]] asio::awaitable<void> publish(const protocol::subject_ref& subject, payload_view payload = {},
                                              const publish_options& how = core::plain_publish) {
    return when_room(put(subject, payload.view(), how, hard_mark()));
  }
  [[nodiscard]] asio::awaitable<void> publish(const protocol::subject_ref& subject, owned_payload payload,
                                              const publish_options& how = core::plain_publish) {
    return when_room(put(subject, std::move(payload), how, hard_mark()));
  }
  template <class Token>
    requires(!std::convertible_to<Token, publish_options>)
  auto publish(protocol::subject_ref subject, payload_view payload, Token&& token) {
    return publish(subject, payload, publish_options{}, std::forward<Token>(token));
  }
  template <class Token>
  auto publish(protocol::subject_ref subject, payload_view payload, publish_options how, Token&& token) {
    return net::initiate(x_driver->executor(), room(x_driver, code(put(subject, payload.view(), how, hard_mark()))),
                         std::forward<Token>(token));
  }

  /// The same without waiting; `outbound_full` from the high-water mark on.
  [[nodiscard]] std::error_code try_publish(const protocol::subject_ref& subject, payload_view payload = {},
                                            const publish_options& how = core::plain_publish) {
    return code(put(subject, payload.view(), how, high_mark()));
  }
  [[nodiscard]] std::error_code try_publish(const protocol::subject_ref& subject, owned_payload payload,
                                            const publish_options& how = core::plain_publish) {
    return code(put(subject, std::move(payload), how, high_mark()));
  }

  /// Answers `to`. Errors as `publish`, and `no_reply_subject`.
  [[nodiscard]] asio::awaitable<void> respond(const message& to, payload_view payload,
                                              protocol::headers_view headers = {}) {
    return when_room(answer(to, payload, headers, hard_mark()));
  }
  [[nodiscard]] std::error_code try_respond(const message& to, payload_view payload,
                                            protocol::headers_view headers = {}) {
    return code(answer(to, payload, headers, high_mark()));
  }

  /// Completes when the server has processed everything published before, also through handles of `share` (PING, PONG).
  /// Errors: `timeout` (0: the option `flush_timeout`), `connection_lost`, `connection_closed`. While offline it waits
  /// for the next link.
  [[nodiscard]] asio::awaitable<void> flush(duration timeout = {}) {
    return net::or_throw(flush_body(x_driver, pong_deadline(timeout)));
  }
  template <class Token>
    requires(!std::convertible_to<Token, duration>)
  auto flush(Token&& token) {
    return net::initiate(x_driver->executor(), flush_body(x_driver, pong_deadline()), std::forward<Token>(token));
  }

  /// The time of one PING and its PONG. Errors as `flush`.
  [[nodiscard]] asio::awaitable<duration> rtt() { return net::or_throw(rtt_body(x_driver, pong_deadline())); }
  template <class Token>
  auto rtt(Token&& token) {
    return net::initiate(x_driver->executor(), rtt_body(x_driver, pong_deadline()), std::forward<Token>(token));
  }

  // ---- Subscribing

  /// Asks for messages. Never waits: while offline the subscription is made with the next link, and made again after
  /// every reconnect. Throws `std::system_error`: `invalid_subject`, `invalid_queue_group`, `control_line_too_long`,
  /// `connection_draining`, `connection_closed`. What the server refuses later ends the subscription with that reason.
  [[nodiscard]] subscription subscribe(protocol::filter_ref filter, subscribe_options how = {}) {
    return std::move(try_subscribe(filter, how).value());
  }
  [[nodiscard]] result<subscription> try_subscribe(protocol::filter_ref filter, subscribe_options how = {}) {
    const net::entry_guard::scope inside{x_driver->guard()};
    auto made = x_driver->engine().subscribe(filter, how);
    if (!made) return made.error();
    x_driver->settle();
    return subscription{x_driver, std::move(*made)};
  }

  // ---- Requests

  /// Publishes with a reply subject of our own and completes with the first answer. Errors: `no_responders`, `timeout`,
  /// `connection_lost` (the outcome is unknown), `permissions_violation`, `connection_closed`, and those of `publish`.
  /// Cancelled, or not awaited, a late answer is dropped.
  [[nodiscard]] asio::awaitable<message> request(protocol::subject_ref subject, payload_view payload = {},
                                                 request_options how = {}) {
    return request_or_throw(x_driver, subject, payload, how);
  }
  template <class Token>
    requires(!std::convertible_to<Token, request_options>)
  auto request(protocol::subject_ref subject, payload_view payload, Token&& token) {
    return request(subject, payload, request_options{}, std::forward<Token>(token));
  }
  template <class Token>
  auto request(protocol::subject_ref subject, payload_view payload, request_options how, Token&& token) {
    return net::initiate(x_driver->executor(), request_outcome(x_driver, subject, payload, how),
                         std::forward<Token>(token));
  }

  /// One request, many answers (ADR-47); see `reply_stream`. Throws what `publish` fails with.
  [[nodiscard]] inline reply_stream request_many(protocol::subject_ref subject, payload_view payload,
                                                 const request_many_options& how);

  /// A handle that may be copied to and used from any thread.
  [[nodiscard]] inline shared_handle share() const;

  // ---- Typed events (defined in innate/typed.hpp)

  /// Encodes `E`: first its subject parameters by name, `"agent_id"_p = id`, last the payload. Otherwise as `publish`
  /// of a subject. Errors besides: `invalid_parameter`, `payload_not_encodable`.
  template <typed_event E, class... Arguments>
  [[nodiscard]] asio::awaitable<void> publish(Arguments&&... parameters_then_payload);
  template <typed_event E, class... Arguments>
  [[nodiscard]] asio::awaitable<void> publish(publish_options how, Arguments&&... parameters_then_payload);
  template <typed_event E, class... Arguments>
  [[nodiscard]] std::error_code try_publish(const Arguments&... parameters_then_payload);

  /// All of `E`, or with parameters by name those with these values only. Throws `invalid_parameter` besides.
  template <typed_event E, class... Arguments>
  [[nodiscard]] event_subscription<E> subscribe(const Arguments&... parameters);
  template <typed_event E, class... Arguments>
  [[nodiscard]] event_subscription<E> subscribe(subscribe_options how, const Arguments&... parameters);

  /// Errors besides those of `request`: as `publish` of an event, and of its codec when the reply cannot be understood.
  template <typed_request E, class... Arguments>
  [[nodiscard]] asio::awaitable<decoded<typename E::reply_type>> request(Arguments&&... parameters_then_payload);
  template <typed_request E, class... Arguments>
  [[nodiscard]] asio::awaitable<decoded<typename E::reply_type>> request(request_options how,
                                                                         Arguments&&... parameters_then_payload);

  /// Answers an event that is a request. Errors as `respond`, and `payload_not_encodable`.
  template <typed_request E>
  [[nodiscard]] asio::awaitable<void> respond(const received<E>& to, const typename E::reply_type& payload);
  template <typed_request E>
  [[nodiscard]] std::error_code try_respond(const received<E>& to, const typename E::reply_type& payload);

  // ---- What it tells

  /// The next event in order; empty after the last one, `closed`.
  [[nodiscard]] asio::awaitable<std::optional<connection_event>> next_event() { return event_body(x_driver); }
  [[nodiscard]] innate::status status() const noexcept { return x_driver->engine().current_status(); }
  [[nodiscard]] innate::statistics statistics() const { return x_driver->engine().current_statistics(); }
  [[nodiscard]] const protocol::server_info& server_info() const noexcept { return x_driver->engine().server_info(); }
  /// What went wrong last, with the subject, server or limit concerned.
  [[nodiscard]] const error& last_error() const noexcept { return x_driver->engine().last_error(); }
  [[nodiscard]] std::vector<server_state> servers() const { return x_driver->servers(); }
  [[nodiscard]] std::string current_server() const { return x_driver->current_server(); }

  /// Replaces the server pool; servers named again keep their state. Takes effect with the next attempt. Errors:
  /// `no_servers`, `invalid_url`, `unsupported_scheme`, `invalid_port`; the pool is unchanged then.
  [[nodiscard]] result<void> set_servers(const std::vector<std::string>& urls) { return x_driver->set_servers(urls); }

  [[nodiscard]] asio::any_io_executor get_executor() const { return x_driver->executor(); }
  [[nodiscard]] explicit operator bool() const noexcept { return x_driver != nullptr; }

 private:
  using driver_ptr = std::shared_ptr<net::driver>;

  [[nodiscard]] std::size_t high_mark() const { return x_driver->engine().options().outbound.high_water; }
  [[nodiscard]] std::size_t hard_mark() const { return x_driver->engine().options().outbound.limit; }

  template <class Payload>
  errc put(const protocol::subject_ref& subject, Payload payload, const publish_options& how, std::size_t mark) {
    const net::entry_guard::scope inside{x_driver->guard()};
    const auto failed = x_driver->engine().publish(subject, std::move(payload), how, mark);
    x_driver->relieve();
    x_driver->settle();
    return failed;
  }
  [[nodiscard]] static std::error_code code(errc failed) { return failed == errc{} ? std::error_code{} : failed; }

  /// Waits only when it must: a publish with room costs one small coroutine.
  [[gnu::always_inline]] asio::awaitable<void> when_room(errc refused) {
    const bool room_now = refused == errc{} && !x_driver->engine().congested();
    return room_now && !x_driver->turn_over() ? net::nothing() : when_room_again(refused, room_now);
  }
  [[gnu::noinline]] asio::awaitable<void> when_room_again(errc refused, bool room_now) {
    return room_now ? net::driver::after_others(x_driver) : net::or_throw(room(x_driver, code(refused)));
  }

  errc answer(const message& to, payload_view payload, protocol::headers_view headers, std::size_t mark) {
    if (!to.has_reply()) return errc::no_reply_subject;
    return put(to.reply(), payload.view(), {.reply = {}, .headers = headers}, mark);
  }

  static net::outcome<void> failed_with(net::driver& d, std::error_code code) {
    const auto& last = d.engine().last_error();
    return error{code, last.code == code ? last.detail : std::string{}};
  }

  static asio::awaitable<net::outcome<void>> room(driver_ptr d, std::error_code refused);

  static asio::awaitable<net::outcome<void>> run_body(driver_ptr d);

  static asio::awaitable<net::outcome<void>> ready_body(driver_ptr d);

  static asio::awaitable<std::optional<connection_event>> event_body(driver_ptr d);

  static asio::awaitable<net::outcome<duration>> await_pong(driver_ptr d, net::answer_guard pong, time_point deadline);
  [[nodiscard]] time_point pong_deadline(duration timeout = {}) const {
    const auto patience = timeout > duration::zero() ? timeout : x_driver->engine().options().flush_timeout;
    return core::after(x_driver->now(), patience);
  }
  static asio::awaitable<net::outcome<duration>> rtt_body(const driver_ptr& d, time_point deadline);
  static asio::awaitable<net::outcome<void>> without_value(asio::awaitable<net::outcome<duration>> body);
  static asio::awaitable<net::outcome<void>> flush_body(const driver_ptr& d, time_point deadline);
  static asio::awaitable<net::outcome<void>> flush_when_all_is_in(driver_ptr d, time_point deadline);

  template <class Done>
  static asio::awaitable<Done> await_reply(driver_ptr d, net::answer_guard asked, error refused, time_point deadline);
  template <class Done>
  static asio::awaitable<Done> request_as(const driver_ptr& d, protocol::subject_ref subject, payload_view payload,
                                          const request_options& how);
  static asio::awaitable<net::outcome<message>> request_outcome(const driver_ptr& d, protocol::subject_ref subject,
                                                                payload_view payload, const request_options& how);
  static asio::awaitable<message> request_or_throw(const driver_ptr& d, protocol::subject_ref subject,
                                                   payload_view payload, const request_options& how);

  template <typed_event E, class Then, class Refuse, class... Arguments>
  auto encode_event(Then then, Refuse refuse, const Arguments&... parameters_then_payload);
  [[nodiscard]] core::byte_buffer& empty_scratch();
  template <class Codec, class Payload>
  [[nodiscard]] result<std::string_view> encode_payload(const Payload& payload);

  friend class shared_handle;
  friend INNATE_DECL asio::awaitable<connection> connect(options opts, std::shared_ptr<environment> world);

  driver_ptr x_driver;
};

/// Runs a connection on the coroutine's executor and completes when it is ready, or at once with `retry_first_connect`.
/// Throws why it could not connect.
[[nodiscard]] INNATE_DECL asio::awaitable<connection>
connect(options opts, std::shared_ptr<environment> world = std::make_shared<environment>());

/// The same for a comma-separated list of URLs.
[[nodiscard]] inline asio::awaitable<connection> connect(std::string_view servers) { return connect(options{servers}); }

}  // namespace innate::inline v0

#include <innate/request_many.hpp>
#include <innate/shared_handle.hpp>
#if !defined(INNATE_SEPARATE_COMPILATION)
#include <innate/connection.ipp>
#endif
