// SPDX-License-Identifier: Apache-2.0
/// Counters of one connection over its whole life, kept across reconnects (ADR-40 "Statistics").
#pragma once

#include <cstdint>

namespace innate::inline v0 {

struct statistics {
  std::uint64_t bytes_in = 0;      ///< bytes read from sockets, protocol included
  std::uint64_t bytes_out = 0;     ///< bytes written to sockets, protocol included
  std::uint64_t messages_in = 0;   ///< MSG and HMSG received
  std::uint64_t messages_out = 0;  ///< PUB and HPUB accepted for sending
  std::uint64_t connects = 0;      ///< successful handshakes, the first included, and one for every migration
  std::uint64_t disconnects = 0;   ///< links lost after a successful handshake; one that a migration left is not lost
  std::uint64_t dropped_unknown = 0;   ///< messages for a subscription that is gone (normal after UNSUB)
  std::uint64_t dropped_slow = 0;      ///< messages dropped by the pending limits of their subscription
  std::uint64_t late_replies = 0;      ///< replies whose request had ended; not told from copies during a migration
  std::uint64_t discarded_frames = 0;  ///< outbound frames lost with their link because sending had begun
  std::uint64_t events_dropped = 0;    ///< events nobody fetched before the event queue was full
  std::uint64_t pinned_bytes = 0;      ///< receive memory held by messages not yet released (a gauge)
  std::uint64_t pending_out = 0;       ///< bytes accepted and not yet handed to the socket (a gauge)
};

}  // namespace innate::inline v0
