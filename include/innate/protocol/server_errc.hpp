// SPDX-License-Identifier: Apache-2.0
/// What a server complains of in `-ERR`, as `std::error_code` of category "nats.server".
#pragma once

#include <string>
#include <system_error>
#include <type_traits>

namespace innate::inline v0 {

enum class server_errc {
  unknown = 1,
  authorization_violation,
  authentication_expired,
  authentication_revoked,
  authentication_timeout,
  account_authentication_expired,
  permissions_violation,
  stale_connection,
  slow_consumer,
  maximum_connections_exceeded,
  maximum_account_connections_exceeded,
  maximum_subscriptions_exceeded,
  maximum_payload_violation,
  maximum_control_line_exceeded,
  invalid_subject,
  invalid_publish_subject,
  invalid_client_protocol,
  unknown_protocol_operation,
  parser_error,
  connection_throttled,
  headers_required,
  server_shutdown,
  wrong_port,
  secure_connection_required,
};

class server_errc_category_type final : public std::error_category {
 public:
  [[nodiscard]] const char* name() const noexcept override { return "nats.server"; }
  [[nodiscard, gnu::cold]] std::string message(int value) const override {
    return text(static_cast<server_errc>(value));
  }

 private:
  [[nodiscard]] static const char* text(server_errc e) noexcept {
    switch (e) {
    case server_errc::unknown: return "the server reported an error that has no class";
    case server_errc::authorization_violation: return "authorization violation: the credentials were refused";
    case server_errc::authentication_expired: return "the user's authentication has expired";
    case server_errc::authentication_revoked: return "the user's authentication was revoked";
    case server_errc::authentication_timeout: return "the server did not get credentials in time";
    case server_errc::account_authentication_expired: return "the account's authentication has expired";
    case server_errc::permissions_violation: return "permissions violation";
    case server_errc::stale_connection: return "the server found the connection stale";
    case server_errc::slow_consumer: return "the server found the client too slow";
    case server_errc::maximum_connections_exceeded: return "the server has its maximum of connections";
    case server_errc::maximum_account_connections_exceeded: return "the account has its maximum of connections";
    case server_errc::maximum_subscriptions_exceeded: return "the maximum of subscriptions is exceeded";
    case server_errc::maximum_payload_violation: return "the server's maximum payload was exceeded";
    case server_errc::maximum_control_line_exceeded: return "the server's maximum control line was exceeded";
    case server_errc::invalid_subject: return "the server refused a subject";
    case server_errc::invalid_publish_subject: return "the server refused the subject of a publish";
    case server_errc::invalid_client_protocol: return "the server refused the client protocol version";
    case server_errc::unknown_protocol_operation: return "the server did not understand an operation";
    case server_errc::parser_error: return "the server could not parse what was sent";
    case server_errc::connection_throttled: return "the server is throttling new connections";
    case server_errc::headers_required: return "the server needs header support for this";
    case server_errc::server_shutdown: return "the server is shutting down";
    case server_errc::wrong_port: return "this port is for other servers, not for clients";
    case server_errc::secure_connection_required: return "the server requires TLS";
    }
    return "unknown error of the server";
  }
};

[[nodiscard]] inline const std::error_category& server_errc_category() noexcept {
  static const server_errc_category_type category;
  return category;
}

[[nodiscard]] inline std::error_code make_error_code(server_errc e) noexcept {
  return {static_cast<int>(e), server_errc_category()};
}

}  // namespace innate::inline v0

template <>
struct std::is_error_code_enum<innate::server_errc> : std::true_type {};
