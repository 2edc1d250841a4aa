// SPDX-License-Identifier: Apache-2.0
/// The servers a connection may use, which of them is next, and what became of the attempts to reach each
/// (ADR-40).
///
/// Order contract for the driver, for each attempt: `next()` or `choose()`; when `wait_due()`, wait;
/// `current()` again, since `replace()` may have come in between (null: pick again); dial a copy of that URL;
/// then `mark_connected()` or `mark_failed()`. Pointers to URLs live until the next non-const call.
/// Duplicates are one server: same scheme, host and port; the credentials of the first count.
#pragma once

#include <innate/core/options.hpp>
#include <innate/core/shuffle.hpp>
#include <innate/core/url.hpp>
#include <innate/protocol/errc.hpp>
#include <innate/protocol/error.hpp>
#include <innate/protocol/server_error.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace innate::inline v0::core {

class server_pool {
 public:
  /// Shuffled when `randomize`, else in the order given. Fails with `no_servers` for an empty list, else as
  /// `parse_url`.
  [[nodiscard, gnu::cold]] static result<server_pool> create(const std::vector<std::string>& urls, bool randomize,
                                                             std::uint64_t seed) {
    server_pool pool{randomize, seed};
    auto servers = pool.parse(urls);
    if (!servers) return servers.error();
    pool.x_servers = std::move(*servers);
    return pool;
  }

  [[nodiscard]] bool empty() const noexcept { return x_servers.empty(); }
  [[nodiscard]] std::size_t size() const noexcept { return x_servers.size(); }
  [[nodiscard]] bool any_tls() const noexcept {
    return std::any_of(x_servers.begin(), x_servers.end(), [](const auto& s) { return s->url.tls(); });
  }

  /// The server picked last; null before the first pick and when it has left the pool.
  [[nodiscard]] const server_url* current() const noexcept {
    return x_current == none ? nullptr : &x_servers[x_current]->url;
  }

  /// Puts the current server last and picks the first one; null when the pool is empty.
  [[gnu::cold]] const server_url* next() {
    if (empty()) return nullptr;
    move_current_behind();
    pick(0);
    return current();
  }

  /// Picks for a user's hook, `index` as in `states()`. `pick_outside_pool` when there is no such server.
  [[nodiscard]] std::error_code choose(std::size_t index) {
    if (index >= size()) return errc::pick_outside_pool;
    pick(index);
    return {};
  }

  /// Full rounds since the last success: picking a server a second time ends a round.
  [[nodiscard]] std::uint32_t round() const noexcept { return x_round; }

  /// The last pick began another round, so a back-off wait comes before dialing; the very first round begins
  /// at once.
  [[nodiscard]] bool wait_due() const noexcept { return x_wait_due; }

  /// The handshake with the current server succeeded: its failures and the rounds are forgotten.
  [[gnu::cold]] void mark_connected() noexcept {
    for (const auto& s : x_servers) s->connected = s->tried = false;
    x_round = 0;
    x_wait_due = x_auth_repeated = false;
    if (x_current == none) return;
    entry& s = *x_servers[x_current];
    s.connected = s.did_connect = true;
    s.attempts = 0;
    s.last_error = s.auth_error = {};
  }

  /// The connection keeps, or has again, its link to `server` (as `server_url::to_string` writes it) after attempts at
  /// others: it is the current one, and the next pick begins the first round.
  /// The server picked last moves behind the others.
  [[gnu::cold]] void settle_on(std::string_view server) {
    move_current_behind();
    x_current = none;
    for (std::size_t i = 0; i != size(); ++i) {
      entry& s = *x_servers[i];
      s.tried = false;
      s.connected = s.url.to_string() == server;
      if (s.connected) x_current = i;
    }
    x_round = 0;
    x_wait_due = x_auth_repeated = false;
  }

  /// The attempt at the current server failed. With `max_attempts` >= 0 it leaves the pool, the user's
  /// servers too, once that many attempts have failed in a row.
  [[gnu::cold]] void mark_failed(std::error_code why, std::int64_t max_attempts) {
    x_auth_repeated = false;
    if (x_current == none) return;
    entry& s = *x_servers[x_current];
    ++s.attempts;
    s.last_error = why;
    if (protocol::is_authentication_error(why)) {
      x_auth_repeated = s.auth_error == why;
      s.auth_error = why;
    }
    if (max_attempts < 0 || s.attempts < max_attempts) return;
    x_servers.erase(at(x_current));
    x_current = none;
  }

  /// The last failure repeated the authentication error that this server gave before: trying again is of no
  /// use unless credentials change. Failures before authentication, such as a refused connection, neither
  /// count nor reset.
  [[nodiscard]] bool auth_repeated() const noexcept { return x_auth_repeated; }

  /// Takes over the servers that INFO names, and gives back those not known before. New ones inherit scheme
  /// and credentials of the current server; discovered ones no longer named leave, but never the current one
  /// or the user's. An empty list says nothing, so nothing leaves. Names that are no addresses are passed
  /// over.
  [[gnu::cold]] std::vector<std::string> merge_discovered(std::span<const std::string> connect_urls) {
    std::vector<std::string> added;
    if (connect_urls.empty()) return added;
    entries named;
    for (const std::string& name : connect_urls)
      if (auto url = parse_url(name)) named.push_back(std::make_unique<entry>(inherit(std::move(*url))));
    drop_vanished(named);
    for (auto& s : named) {
      if (holds(x_servers, s->url)) continue;
      added.push_back(s->url.to_string());
      insert(std::move(s));
    }
    return added;
  }

  /// Replaces the whole pool, discovered servers included; those in both keep their state. The pool is
  /// unchanged when it fails: `no_servers` for an empty list, else as `parse_url`.
  [[nodiscard, gnu::cold]] result<void> replace(const std::vector<std::string>& urls) {
    auto servers = parse(urls);
    if (!servers) return servers.error();
    std::size_t kept = none;
    for (std::size_t i = 0; i != servers->size(); ++i) {
      entry& s = *(*servers)[i];
      const auto old = find(x_servers, s.url);
      if (old == none) continue;
      if (old == x_current) kept = i;
      server_url url = std::move(s.url);
      s = *x_servers[old];
      s.url = std::move(url);
      s.discovered = s.tried = false;
    }
    x_servers = std::move(*servers);
    x_current = kept;
    x_round = 0;
    x_wait_due = false;
    return {};
  }

  /// The pool for hooks and users, in the order that `choose` counts in.
  [[nodiscard, gnu::cold]] std::vector<server_state> states() const {
    std::vector<server_state> all(size());
    for (std::size_t i = 0; i != size(); ++i) {
      const entry& s = *x_servers[i];
      server_state& state = all[i];
      state.url = s.url.to_string();
      state.discovered = s.discovered;
      state.current = s.connected;
      state.did_connect = s.did_connect;
      state.attempts = s.attempts;
      state.last_error = s.last_error;
    }
    return all;
  }

 private:
  static constexpr std::size_t none = static_cast<std::size_t>(-1);

  struct entry {
    explicit entry(server_url reached) : url(std::move(reached)) {}

    server_url url;
    bool discovered = false;
    bool connected = false;  // last success of the whole pool
    bool did_connect = false;
    bool tried = false;  // in this round
    std::uint32_t attempts = 0;
    std::error_code last_error{};
    std::error_code auth_error{};
  };

  server_pool(bool randomize, std::uint64_t seed) noexcept : x_random(seed), x_randomize(randomize) {}

  // By pointer, so that what moves them about stays small code.
  using entries = std::vector<std::unique_ptr<entry>>;

  [[nodiscard]] entries::iterator at(std::size_t index) noexcept {
    return x_servers.begin() + static_cast<std::ptrdiff_t>(index);
  }

  [[nodiscard]] static std::size_t find(const entries& in, const server_url& url) noexcept {
    for (std::size_t i = 0; i != in.size(); ++i)
      if (same_address(in[i]->url, url) && in[i]->url.scheme == url.scheme) return i;
    return none;
  }

  [[nodiscard]] static bool same_address(const server_url& a, const server_url& b) noexcept {
    return a.port == b.port && a.host == b.host;
  }

  [[nodiscard]] static bool holds(const entries& in, const server_url& url) noexcept {
    return std::any_of(in.begin(), in.end(), [&](const auto& s) { return same_address(s->url, url); });
  }

  [[nodiscard, gnu::cold]] result<entries> parse(const std::vector<std::string>& urls) {
    if (urls.empty()) return error{errc::no_servers, "the server list is empty; name at least one server URL"};
    entries servers;
    for (const std::string& text : urls) {
      auto url = parse_url(text);
      if (!url) return url.error();
      if (find(servers, *url) == none) servers.push_back(std::make_unique<entry>(std::move(*url)));
    }
    if (x_randomize) shuffle(servers, x_random);
    return servers;
  }

  void pick(std::size_t index) {
    entry& picked = *x_servers[index];
    x_wait_due = picked.tried;
    if (x_wait_due) {
      for (const auto& s : x_servers) s->tried = false;
      if (x_round != static_cast<std::uint32_t>(-1)) ++x_round;
    }
    picked.tried = true;
    x_current = index;
    x_origin = picked.url;
  }

  [[gnu::cold]] void move_current_behind() {
    if (x_current == none) return;
    auto current = std::move(x_servers[x_current]);
    x_servers.erase(at(x_current));
    x_servers.push_back(std::move(current));
  }

  /// INFO names addresses only; how to talk to them is what worked for the server that named them. An IP address says
  /// nothing about whom the certificate is for, a host name does.
  [[nodiscard]] server_url inherit(server_url url) const {
    url.scheme = x_origin.scheme;
    const bool by_name = !url_parts::is_ip(x_origin.certificate_name());
    if (by_name && url_parts::is_ip(url.host)) url.tls_name = x_origin.certificate_name();
    if (url.has_credentials()) return url;
    url.user = x_origin.user;
    url.password = x_origin.password;
    url.token = x_origin.token;
    return url;
  }

  [[gnu::cold]] void drop_vanished(const entries& named) {
    for (std::size_t i = size(); i-- != 0;) {
      if (!x_servers[i]->discovered || i == x_current || holds(named, x_servers[i]->url)) continue;
      x_servers.erase(at(i));
      if (x_current != none && x_current > i) --x_current;
    }
  }

  [[gnu::cold]] void insert(std::unique_ptr<entry> s) {
    const auto index = x_randomize ? static_cast<std::size_t>(x_random() % (size() + 1)) : size();
    s->discovered = true;
    x_servers.insert(at(index), std::move(s));
    if (x_current != none && x_current >= index) ++x_current;
  }

  entries x_servers;
  std::size_t x_current = none;
  server_url x_origin;  // of the last pick, which may have left the pool since
  splitmix64 x_random;
  bool x_randomize;
  std::uint32_t x_round = 0;
  bool x_wait_due = false;
  bool x_auth_repeated = false;
};

}  // namespace innate::inline v0::core
