// SPDX-License-Identifier: Apache-2.0
/// What a connection tells its owner about itself, in the order it happened.
#pragma once

#include <innate/core/clock.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace innate::inline v0 {

enum class event_kind : std::uint8_t {
  connected,           ///< first handshake done; `server` is its URL
  disconnected,        ///< the link is gone; `code` and `detail` say why
  reconnected,         ///< handshake done again, subscriptions replayed
  connect_failed,      ///< one attempt failed; `server`, `code` and `detail` say which and why
  lame_duck,           ///< the server will shut down soon (INFO `ldm`); `server` is its URL
  migrating,           ///< moving to `server`, to which there is a link now; `servers` are the old one and the new one
  migration_gap,       ///< a subscription was handed over: `subject`, `sid`; within `gap` it may have missed messages
  migrated,            ///< the old link is left; `code` and `detail` if it ended before; `server`, `servers` as above
  migration_failed,    ///< stays on `server`: there is no other (`code`, `detail`), or the link to it was lost
  servers_discovered,  ///< INFO named servers not known before; they are in `servers`
  slow_consumer,       ///< a subscription dropped messages; `count` of them since the last such event
  server_error,  ///< `-ERR`; `code` is a `server_errc`, `detail` the server's text, `sid` the subscription if known
  subscription_closed,  ///< a subscription was ended by the server or by limits; `sid`, `subject`, `code`
  handler_error,        ///< a `for_each` handler threw; `detail` is what it said
  unreadable_message,   ///< a payload or subject was not what was declared; `subject`, `sid`, `code`, `detail`
  closed,               ///< last event, exactly once; `code` is empty after a requested close
};

[[nodiscard]] constexpr std::string_view to_string(event_kind k) noexcept {
  switch (k) {
  case event_kind::connected: return "connected";
  case event_kind::disconnected: return "disconnected";
  case event_kind::reconnected: return "reconnected";
  case event_kind::connect_failed: return "connect_failed";
  case event_kind::lame_duck: return "lame_duck";
  case event_kind::migrating: return "migrating";
  case event_kind::migration_gap: return "migration_gap";
  case event_kind::migrated: return "migrated";
  case event_kind::migration_failed: return "migration_failed";
  case event_kind::servers_discovered: return "servers_discovered";
  case event_kind::slow_consumer: return "slow_consumer";
  case event_kind::server_error: return "server_error";
  case event_kind::subscription_closed: return "subscription_closed";
  case event_kind::handler_error: return "handler_error";
  case event_kind::unreadable_message: return "unreadable_message";
  case event_kind::closed: return "closed";
  }
  return "unknown";
}

struct connection_event {
  event_kind kind{};
  std::error_code code{};
  std::string detail{};
  std::string server{};
  std::string subject{};
  std::uint64_t sid = 0;
  std::uint64_t count = 0;
  std::vector<std::string> servers{};
  duration gap{};
};

}  // namespace innate::inline v0
