// SPDX-License-Identifier: Apache-2.0
/// Reads the text of `-ERR`: its class, and whom a permissions violation concerns.
#pragma once

#include <innate/protocol/arguments.hpp>
#include <innate/protocol/errc.hpp>
#include <innate/protocol/server_errc.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <system_error>

namespace innate::inline v0::protocol {

namespace server_text {

[[nodiscard]] constexpr char lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

/// `needle` is lower case.
[[nodiscard]] constexpr std::size_t find(std::string_view text, std::string_view needle) noexcept {
  for (std::size_t at = 0; at + needle.size() <= text.size(); ++at) {
    std::size_t i = 0;
    while (i != needle.size() && lower(text[at + i]) == needle[i]) ++i;
    if (i == needle.size()) return at;
  }
  return std::string_view::npos;
}

/// What stands in double quotes right after `label`; empty when the label is missing.
[[nodiscard]] constexpr std::string_view quoted(std::string_view text, std::string_view label) noexcept {
  const auto at = find(text, label);
  if (at == text.npos) return {};
  const auto start = text.find('"', at + label.size());
  if (start == text.npos) return {};
  const auto end = text.find('"', start + 1);
  return end == text.npos ? std::string_view{} : text.substr(start + 1, end - start - 1);
}

struct known {
  std::string_view words;  // lower case
  server_errc code;
};

// Texts of nats-server; the more specific ones come before those they contain.
inline constexpr std::array<known, 27> all{{
    {"permissions violation", server_errc::permissions_violation},
    {"account authentication expired", server_errc::account_authentication_expired},
    {"user authentication expired", server_errc::authentication_expired},
    {"user authentication revoked", server_errc::authentication_revoked},
    {"authentication expired", server_errc::authentication_expired},
    {"authentication revoked", server_errc::authentication_revoked},
    {"authentication timeout", server_errc::authentication_timeout},
    {"authorization violation", server_errc::authorization_violation},
    {"authentication error", server_errc::authorization_violation},
    {"stale connection", server_errc::stale_connection},
    {"slow consumer", server_errc::slow_consumer},
    {"maximum account active connections exceeded", server_errc::maximum_account_connections_exceeded},
    {"maximum connections exceeded", server_errc::maximum_connections_exceeded},
    {"maximum subscriptions exceeded", server_errc::maximum_subscriptions_exceeded},
    {"maximum payload", server_errc::maximum_payload_violation},
    {"maximum control line exceeded", server_errc::maximum_control_line_exceeded},
    {"invalid publish subject", server_errc::invalid_publish_subject},
    {"invalid subject", server_errc::invalid_subject},
    {"invalid client protocol", server_errc::invalid_client_protocol},
    {"unknown protocol operation", server_errc::unknown_protocol_operation},
    {"parser error", server_errc::parser_error},
    {"connection throttling", server_errc::connection_throttled},
    {"headers support", server_errc::headers_required},
    {"server shutdown", server_errc::server_shutdown},
    {"attempted to connect to", server_errc::wrong_port},
    {"secure connection", server_errc::secure_connection_required},
    {"connection throttled", server_errc::connection_throttled},
}};

}  // namespace server_text

/// By the words that servers use, whatever their case; `unknown` for everything else.
[[nodiscard]] constexpr server_errc classify_server_error(std::string_view text) noexcept {
  for (const auto& k : server_text::all)
    if (server_text::find(text, k.words) != text.npos) return k.code;
  return server_errc::unknown;
}

/// True for errors that trying again with the same credentials will not cure.
[[nodiscard]] inline bool is_authentication_error(std::error_code code) noexcept {
  constexpr std::array errors{server_errc::authorization_violation, server_errc::authentication_expired,
                              server_errc::authentication_revoked, server_errc::account_authentication_expired};
  return code == errc::authentication_missing ||
         std::any_of(errors.begin(), errors.end(), [&](server_errc e) { return code == e; });
}

struct permission_violation {
  enum class kind : std::uint8_t { publish, publish_reply, subscription };
  kind what{};
  std::string_view subject{};
  std::string_view queue{};  ///< of a subscription
  std::uint64_t sid = 0;     ///< of a subscription, named only after a permission reload; 0: not named
};

/// Views into `text`; none when it is not a permissions violation that names a subject.
[[nodiscard]] constexpr std::optional<permission_violation> parse_permission_violation(std::string_view text) noexcept {
  using server_text::quoted;
  if (classify_server_error(text) != server_errc::permissions_violation) return std::nullopt;
  permission_violation v;
  v.what = permission_violation::kind::subscription;
  v.subject = quoted(text, "subscription to");
  if (!v.subject.empty()) {
    v.queue = quoted(text, "using queue");
    static_cast<void>(arguments::number(quoted(text, "(sid"), v.sid));
    return v;
  }
  v.what = permission_violation::kind::publish_reply;
  v.subject = quoted(text, "publish with reply of");
  if (!v.subject.empty()) return v;
  v.what = permission_violation::kind::publish;
  v.subject = quoted(text, "publish to");
  if (v.subject.empty()) return std::nullopt;
  return v;
}

}  // namespace innate::inline v0::protocol
