// SPDX-License-Identifier: Apache-2.0
/// The states a connection can be in (ADR-40), as `connection::status()` reports them.
#pragma once

#include <cstdint>
#include <string_view>

namespace innate::inline v0 {

enum class status : std::uint8_t {
  idle,          ///< constructed, `run()` not called yet
  connecting,    ///< first connect under way
  connected,     ///< handshake done, traffic flows
  reconnecting,  ///< the link was lost; publishes go to the offline buffer
  draining,      ///< subscriptions finish, then the connection closes
  closed,        ///< final
};

[[nodiscard]] constexpr std::string_view to_string(status s) noexcept {
  switch (s) {
  case status::idle: return "idle";
  case status::connecting: return "connecting";
  case status::connected: return "connected";
  case status::reconnecting: return "reconnecting";
  case status::draining: return "draining";
  case status::closed: return "closed";
  }
  return "unknown";
}

}  // namespace innate::inline v0
