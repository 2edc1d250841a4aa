// SPDX-License-Identifier: Apache-2.0
/// Everything a user can decide about a connection, with ADR-40's defaults.
#pragma once

#include <innate/core/clock.hpp>
#include <innate/core/connection_event.hpp>
#include <innate/core/tls_setup.hpp>
#include <innate/protocol/info.hpp>
#include <innate/protocol/limits.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <memory_resource>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace innate::inline v0 {

class authenticator;

/// Who we say we are; what a URL carries for its server wins over this.
struct credentials {
  std::string user{};
  std::string password{};
  std::string token{};
  std::string nkey{};       ///< public user nkey, with a `signature`
  std::string jwt{};        ///< user JWT; a bearer JWT needs no `signature`
  std::string signature{};  ///< over the server's nonce, base64url without padding: an `authenticator` makes it

  [[nodiscard]] bool empty() const noexcept { return user.empty() && token.empty() && nkey.empty() && jwt.empty(); }
};

/// One server of the pool as hooks and `connection::servers()` see it.
struct server_state {
  std::string url{};             ///< scheme://host:port, without credentials
  bool discovered = false;       ///< named by a server's INFO, not by the user
  bool current = false;          ///< the one connected to, or connected to last
  bool did_connect = false;      ///< a handshake succeeded at least once
  std::uint32_t attempts = 0;    ///< failed attempts in a row
  std::error_code last_error{};  ///< why the last attempt failed
};

/// What a pick-next-server hook decides.
struct server_choice {
  std::size_t index = 0;            ///< into the pool it was shown
  std::optional<duration> delay{};  ///< wait before dialing instead of the usual back-off
};

struct reconnect_options {
  bool enabled = true;                      ///< false: the first lost link closes the connection
  std::int64_t max_attempts = -1;           ///< failed attempts in a row per server, then it leaves the pool; -1: never
  duration wait = std::chrono::seconds{2};  ///< first wait, after one full round of the pool
  duration max_wait = std::chrono::seconds{30};          ///< the exponential growth stops here
  duration jitter = std::chrono::milliseconds{100};      ///< at most this is added at random
  duration jitter_tls = std::chrono::seconds{1};         ///< the same for pools that hold a TLS server
  std::function<duration(std::uint32_t round)> delay{};  ///< replaces wait, max_wait and jitter; rounds count from 1
  bool retry_first_connect = false;                      ///< treat a failed first connect as a lost link
  std::size_t buffer = std::size_t{8} << 20;  ///< bytes of publishes kept while offline; 0: fail with not_connected
  bool ignore_auth_error_abort = false;       ///< go on after the same authentication error twice from one server
  /// Chooses the next server; sees the pool and the newest INFO. An index outside the pool is refused with
  /// `pick_outside_pool`.
  std::function<server_choice(std::span<const server_state>, const protocol::server_info&)> pick_server{};
};

/// What to do when the server says that it will shut down (INFO `ldm`).
struct lame_duck_options {
  bool migrate = true;  ///< move to another server of the pool; false: only tell, and reconnect when the link ends
  /// Between the last message by the old link and SUB on the new one, for subscriptions that are handed over: raise it
  /// where routes to two servers differ in delay by more than a round trip of ours, or else what came by the faster one
  /// may come again by the slower one. It lengthens the gap.
  duration pause{};
  /// How long both links deliver, and how long the old one lingers after that. A server closes its clients from its
  /// `lame_duck_grace_period` on (10 s by default), which should be more than twice as long.
  duration overlap = std::chrono::seconds{1};
};

struct outbound_options {
  std::size_t high_water = std::size_t{256} << 10;  ///< `publish` waits and `try_publish` refuses from here on
  std::size_t low_water = std::size_t{64} << 10;    ///< waiting publishers go on below this
  std::size_t limit = std::size_t{8} << 20;         ///< whoever does not wait for `publish` is refused from here on
  std::size_t chain_from = std::size_t{4} << 10;    ///< owned payloads of this size are sent in place, not copied
  std::size_t max_control_line = 4096;              ///< the server's `max_control_line`
};

struct pending_options {
  std::size_t messages = 65'536;              ///< default pending limit of a subscription
  std::size_t bytes = std::size_t{64} << 20;  ///< the same in bytes
  std::size_t detach_above = std::size_t{16}
                             << 20;  ///< messages are copied out of receive slabs above this many pinned bytes
};

/// Options of a connection. A class with a constructor on purpose: temporaries of plain aggregates that own strings
/// are mishandled by g++ 12 inside `co_await` expressions.
struct options {
  options() {}
  [[gnu::cold]] explicit options(std::string_view server_list) { set_servers(server_list); }

  /// Takes every URL of a comma-separated list in place of `servers`.
  [[gnu::cold]] options& set_servers(std::string_view list) {
    servers.clear();
    while (true) {
      const auto comma = list.find(',');
      servers.emplace_back(list.substr(0, comma));
      if (comma == list.npos) return *this;
      list.remove_prefix(comma + 1);
    }
  }

  std::vector<std::string> servers{"nats://127.0.0.1:4222"};  ///< `[nats://][user[:password]@]host[:port]` each
  std::string name{};                                         ///< shown by the server's monitoring
  credentials auth{};
  std::function<credentials()> auth_callback{};  ///< asked at every attempt; replaces `auth`
  /// Asked at every attempt with what the server sent to be signed; replaces `auth_callback` and `auth`. nkeys, JWTs
  /// and coroutines come this way: see `innate/authenticator.hpp` and `innate/auth.hpp`.
  std::shared_ptr<innate::authenticator> authenticator{};
  tls_setup tls{};  ///< see `innate/tls.hpp`

  bool verbose = false;
  bool pedantic = false;
  bool echo = true;                ///< false: own publishes do not come back
  bool randomize = true;           ///< shuffle servers and addresses
  bool ignore_discovered = false;  ///< do not add the servers that INFO names

  duration connect_timeout =
      std::chrono::seconds{5};  ///< one deadline over DNS, TCP, TLS, INFO, authenticator, CONNECT and PONG
  duration ping_interval = std::chrono::minutes{2};
  std::uint32_t max_pings_out = 2;  ///< unanswered pings that make the link stale
  duration request_timeout = std::chrono::seconds{5};
  duration drain_timeout = std::chrono::seconds{30};
  duration flush_timeout = std::chrono::seconds{10};

  reconnect_options reconnect{};
  lame_duck_options lame_duck{};
  outbound_options outbound{};
  pending_options pending{};
  protocol::limits limits{};  ///< bounds on what a server may send

  std::string inbox_prefix = "_INBOX";
  std::size_t event_queue = 256;  ///< events kept for `next_event()`; the oldest is dropped beyond
  std::function<void(const connection_event&)>
      on_event{};  ///< called on the connection's executor, in order, besides `next_event()`
  std::pmr::memory_resource* memory = std::pmr::new_delete_resource();  ///< slabs and rings; must outlive every message
};

}  // namespace innate::inline v0
