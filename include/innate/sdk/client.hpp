// SPDX-License-Identifier: Apache-2.0
/// The document's NATS client: connect, publish, subscribe with a callback, request, close, over one connection.
#pragma once

#include <innate/connection.hpp>
#include <innate/protocol/server_error.hpp>
#include <innate/sdk/client_config.hpp>
#include <innate/sdk/managed_client.hpp>

#include <asio/any_io_executor.hpp>
#include <asio/as_tuple.hpp>
#include <asio/awaitable.hpp>
#include <asio/error.hpp>
#include <asio/steady_timer.hpp>
#include <asio/use_awaitable.hpp>

#include <chrono>
#include <concepts>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <type_traits>
#include <utility>

namespace innate::inline v0::sdk {

/// Called with each message of a subscription: a function, or a coroutine.
template <class Callback>
concept message_callback = std::invocable<Callback&, message> &&
                           (std::is_void_v<std::invoke_result_t<Callback&, message>> ||
                            std::same_as<std::invoke_result_t<Callback&, message>, asio::awaitable<void>>);

/// Belongs to one executor, on which its callbacks run, and must outlive its operations. Destroying it closes the
/// connection at once.
class nats_client final : public managed_client {
 public:
  /// Does nothing until `connect`.
  explicit nats_client(asio::any_io_executor executor, client_config config = {})
      : x_executor(std::move(executor)), x_config(std::move(config)), x_pause(x_executor) {}

  /// Connects by the configuration and the environment. Tries `retries` times, each time every server; wrong options
  /// and refused credentials end it at once. Errors, with the servers in the detail: `invalid_option`,
  /// `invalid_environment`, `invalid_url`, `unsupported_scheme`, `invalid_port`; what the last attempt failed with;
  /// `already_running` when it is connected or about to be; `connection_closed` when closed meanwhile;
  /// `operation_aborted`. After a failure, and after `close`, it may be called again.
  [[nodiscard]] asio::awaitable<void> connect() override;

  /// As `connection::publish`.
  [[nodiscard]] asio::awaitable<void> publish(protocol::subject_ref subject, payload_view data) {
    return nats().publish(subject, data);
  }

  /// Has `callback` called for each message, one after the other. What it throws becomes a `handler_error` event of the
  /// connection (see `options.on_event` of the configuration), and the next message follows. Members of a queue group
  /// share the messages. Gives the id to unsubscribe by. Throws as `connection::subscribe`.
  template <class Callback>
  std::string subscribe(protocol::filter_ref subject, Callback callback, std::string_view queue_group = {}) {
    static_assert(message_callback<Callback>,
                  "a callback takes an innate::message and returns void or asio::awaitable<void>");
    auto made = nats().subscribe(subject, {.queue = queue_group});
    const auto id = std::to_string(++x_last_id);
    auto& kept = x_subscriptions->emplace(id, std::move(made)).first->second;
    kept.for_each(std::move(callback), [all = std::weak_ptr{x_subscriptions}, id](std::error_code) {
      if (const auto there = all.lock()) there->erase(id);
    });
    return id;
  }

  /// Ends a subscription; what is queued for it is dropped, a callback under way goes on. False when there is none of
  /// this id (any more).
  bool unsubscribe(std::string_view id) {
    const auto found = x_subscriptions->find(id);
    if (found == x_subscriptions->end()) return false;
    x_subscriptions->erase(found);
    return true;
  }

  /// The first answer. Errors as `connection::request`.
  [[nodiscard]] asio::awaitable<message> request(protocol::subject_ref subject, payload_view data,
                                                 duration timeout = std::chrono::seconds{5}) {
    return nats().request(subject, data, {.timeout = timeout});
  }

  /// Ends all subscriptions, sends what was published while the link is up (for `flush_timeout` at most), and closes.
  /// Never fails; nothing happens when it is not connected.
  [[nodiscard]] asio::awaitable<void> close() override;

  /// The connection under it, for typed events, components, headers, drain and statistics. It stays in its place until
  /// the next `connect`. Throws `connection_closed` when `connect` was never called.
  [[nodiscard]] innate::connection& nats() {
    if (!x_nc) throw std::system_error(errc::connection_closed, "await connect() of this client first");
    return x_nc;
  }

 private:
  enum class stage { idle, connecting, connected, closing };
  using subscription_map = std::map<std::string, subscription, std::less<>>;

  [[nodiscard]] bool idle() const noexcept {
    return x_stage == stage::idle || (x_stage == stage::connected && x_nc.status() == status::closed);
  }
  /// Another attempt may have another outcome.
  [[nodiscard]] static bool worth_retrying(const std::error_code& why) noexcept {
    if (protocol::is_authentication_error(why)) return false;
    for (const auto given_up : {errc::invalid_url, errc::unsupported_scheme, errc::invalid_port, errc::no_servers,
                                errc::invalid_option, errc::connection_closed})
      if (why == given_up) return false;
    return why != asio::error::operation_aborted;
  }
  asio::awaitable<void> try_all(const innate::options& opts);
  asio::awaitable<error> attempt(const innate::options& opts);

  asio::any_io_executor x_executor;
  client_config x_config;
  asio::steady_timer x_pause;
  innate::connection x_nc;
  std::shared_ptr<subscription_map> x_subscriptions = std::make_shared<subscription_map>();
  std::uint64_t x_last_id = 0;
  stage x_stage = stage::idle;
};

inline asio::awaitable<void> nats_client::connect() {
  if (!idle()) throw std::system_error(errc::already_running, "connect() of this client was called before");
  const auto opts = connection_options(x_config).value();
  x_stage = stage::connecting;
  try {
    co_await try_all(opts);
  } catch (...) {
    x_stage = stage::idle;
    if (x_nc) x_nc.close();
    throw;
  }
  x_stage = stage::connected;
}

inline asio::awaitable<void> nats_client::try_all(const innate::options& opts) {
  error failed;
  for (std::uint32_t tried = 1;; ++tried) {
    failed = co_await attempt(opts);
    if (!failed.code) co_return;
    if (tried == x_config.retries || !worth_retrying(failed.code)) break;
    x_pause.expires_after(opts.reconnect.wait);
    static_cast<void>(co_await x_pause.async_wait(asio::as_tuple(asio::use_awaitable)));
    if (co_await net::was_cancelled()) throw std::system_error(asio::error::operation_aborted);
  }
  std::string servers;
  for (const auto& url : opts.servers) servers += (servers.empty() ? "" : ", ") + core::url_parts::masked(url);
  throw std::system_error(failed.code,
                          "no connection to " + servers + (failed.detail.empty() ? "" : ": " + failed.detail));
}

inline asio::awaitable<error> nats_client::attempt(const innate::options& opts) {
  error failed;
  if (x_stage == stage::connecting) {
    x_nc = innate::connection{x_executor, opts};
    x_nc.run([](std::error_code) {});
    try {
      co_await x_nc.ready();
    } catch (const std::system_error& e) {
      failed = {e.code(), x_nc.last_error().detail};
    }
  }
  if (x_stage != stage::connecting) failed = {errc::connection_closed, "the client was closed while it connected"};
  co_return failed;
}

inline asio::awaitable<void> nats_client::close() {
  if (idle()) co_return;
  const bool up = x_stage == stage::connected && x_nc.status() == status::connected;
  const bool connecting = x_stage == stage::connecting;
  x_stage = stage::closing;
  x_subscriptions->clear();
  x_pause.cancel();
  try {
    if (up) co_await x_nc.flush();
  } catch (const std::system_error&) {
    // the link was lost, and what it had not carried with it
  }
  x_nc.close();
  if (!connecting) x_stage = stage::idle;  // else `connect` says so, at its end
}

}  // namespace innate::inline v0::sdk
