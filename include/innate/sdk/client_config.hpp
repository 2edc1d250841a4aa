// SPDX-License-Identifier: Apache-2.0
/// What a client is to be like: the document's fields and defaults, and how a NATS connection is made of them.
#pragma once

#include <innate/core/env_options.hpp>
#include <innate/core/options.hpp>
#include <innate/core/validate_options.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace innate::inline v0::sdk {

enum class client_type { http, websocket, database, message_queue, nats };
constexpr auto names_of(client_type) {
  return std::array<std::string_view, 5>{"http", "websocket", "database", "message_queue", "nats"};
}
[[nodiscard]] constexpr std::string_view to_string(client_type type) noexcept {
  return names_of(type)[static_cast<std::size_t>(type)];
}

/// What is not set comes from the environment, else it has the default given here.
struct client_metadata {
  client_metadata() {}
  std::vector<std::string> servers{};                    ///< take the place of `base_url` (`NATS_URL`)
  std::optional<std::int64_t> max_reconnect_attempts{};  ///< 10 a server; -1: forever (`NATS_MAX_RECONNECT_ATTEMPTS`)
  std::optional<duration> reconnect_time_wait{};  ///< 2 s, growing from round to round (`NATS_RECONNECT_TIME_WAIT`)
  std::optional<duration> ping_interval{};        ///< 20 s (`NATS_PING_INTERVAL`)
  std::optional<std::uint32_t> max_outstanding_pings{};  ///< 2 (`NATS_MAX_OUTSTANDING_PINGS`)
};

struct client_config {
  client_config() {}
  explicit client_config(std::string_view url) : base_url(url) {}

  sdk::client_type client_type = sdk::client_type::nats;
  std::string base_url{};  ///< NATS: URLs separated by commas; when empty `NATS_URL`, else nats://localhost:4222
  duration timeout = std::chrono::seconds{30};  ///< deadline of one attempt to connect
  std::uint32_t retries = 3;                    ///< attempts of the first connect, `reconnect_time_wait` apart
  client_metadata metadata{};
  /// What the document does not name: TLS, credentials, `on_event`, limits. What the fields above decide is
  /// overwritten.
  innate::options options{};
};

namespace client_defaults {
inline constexpr std::string_view server = "nats://localhost:4222";
inline constexpr std::int64_t max_reconnect_attempts = 10;
inline constexpr duration reconnect_time_wait = std::chrono::seconds{2};
inline constexpr duration ping_interval = std::chrono::seconds{20};
inline constexpr std::uint32_t max_outstanding_pings = 2;
}  // namespace client_defaults

/// Fails with `invalid_option`, naming the field and what it must be. Server URLs are checked by the connection.
[[nodiscard]] inline result<void> validate_config(const client_config& config) {
  core::option_check check;
  const auto& m = config.metadata;
  check.above_zero(config.timeout, "timeout");
  check.require(config.retries > 0, "retries", "be at least 1");
  check.require(m.max_reconnect_attempts.value_or(0) >= -1, "metadata.max_reconnect_attempts",
                "be -1 (forever), 0 or more");
  check.not_negative(m.reconnect_time_wait.value_or(duration::zero()), "metadata.reconnect_time_wait");
  check.above_zero(m.ping_interval.value_or(duration{1}), "metadata.ping_interval");
  check.require(m.max_outstanding_pings.value_or(1) > 0, "metadata.max_outstanding_pings", "be at least 1");
  return std::move(check).outcome();
}

/// The options of the connection that `config` means. Each setting is the program's, else the environment's, else the
/// default; `lookup(name)` gives a variable's value or null. Fails as `validate_config`, `apply_environment` and
/// `validate_options`.
template <class Lookup>
[[nodiscard]] result<innate::options> connection_options(const client_config& config, Lookup lookup) {
  if (auto valid = validate_config(config); !valid) return valid.error();
  auto o = config.options;
  o.set_servers(client_defaults::server);
  o.reconnect.max_attempts = client_defaults::max_reconnect_attempts;
  o.reconnect.wait = client_defaults::reconnect_time_wait;
  o.ping_interval = client_defaults::ping_interval;
  o.max_pings_out = client_defaults::max_outstanding_pings;
  if (auto read = apply_environment(o, lookup); !read) return read.error();
  const auto& m = config.metadata;
  if (!config.base_url.empty()) o.set_servers(config.base_url);
  if (!m.servers.empty()) o.servers = m.servers;
  o.reconnect.max_attempts = m.max_reconnect_attempts.value_or(o.reconnect.max_attempts);
  o.reconnect.wait = m.reconnect_time_wait.value_or(o.reconnect.wait);
  o.reconnect.max_wait = std::max(o.reconnect.max_wait, o.reconnect.wait);
  o.ping_interval = m.ping_interval.value_or(o.ping_interval);
  o.max_pings_out = m.max_outstanding_pings.value_or(o.max_pings_out);
  o.connect_timeout = config.timeout;
  o.reconnect.retry_first_connect = false;  // `retries` counts
  if (auto valid = validate_options(o); !valid) return valid.error();
  return o;
}

/// The same with the environment of this process, which must not be changed by another thread meanwhile.
[[nodiscard]] inline result<innate::options> connection_options(const client_config& config) {
  return connection_options(config, [](const char* name) -> const char* { return std::getenv(name); });
}

}  // namespace innate::inline v0::sdk
