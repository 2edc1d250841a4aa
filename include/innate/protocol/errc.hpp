// SPDX-License-Identifier: Apache-2.0
/// Everything that can go wrong on the client's side, as `std::error_code` of category "nats".
#pragma once

#include <string>
#include <system_error>
#include <type_traits>

namespace innate::inline v0 {

enum class errc {
  invalid_url = 1,
  unsupported_scheme,
  invalid_port,
  no_servers,
  invalid_subject,
  invalid_wildcard,
  invalid_queue_group,
  invalid_header,
  invalid_option,
  invalid_environment,
  max_payload_exceeded,
  control_line_too_long,
  headers_not_supported,
  no_responders,
  timeout,
  no_reply_subject,
  outbound_full,
  reconnect_buffer_full,
  not_connected,
  slow_consumer,
  connection_closed,
  connection_lost,
  connection_draining,
  drain_timeout,
  already_running,
  stale_connection,
  connect_timeout,
  subscription_closed,
  tls_required,
  tls_unavailable,
  no_echo_unsupported,
  unexpected_handshake,
  protocol_error,
  inbound_line_too_long,
  inbound_size_invalid,
  inbound_payload_too_large,
  invalid_info,
  pick_outside_pool,
  reconnect_forced,
  handler_threw,
  server_closed_connection,
  server_lame_duck,
  // the typed layer
  invalid_parameter,
  subject_mismatch,
  payload_not_json,
  payload_field_missing,
  payload_field_repeated,
  payload_wrong_type,
  payload_out_of_range,
  payload_too_deep,
  payload_not_encodable,
  invalid_nkey,
  nkey_checksum,
  nkey_wrong_kind,
  invalid_creds,
  file_unreadable,
  nonce_missing,
  authentication_missing,
  authenticator_failed,
  unknown_context,
  invalid_context,
  context_unsupported,
  // the SDK's client manager
  unknown_client,
  client_exists,
  client_type_without_factory,
  client_of_another_type,
};

class errc_category_type final : public std::error_category {
 public:
  [[nodiscard]] const char* name() const noexcept override { return "nats"; }
  [[nodiscard, gnu::cold]] std::string message(int value) const override { return text(static_cast<errc>(value)); }

 private:
  [[nodiscard]] static const char* text(errc e) noexcept {
    switch (e) {
    case errc::invalid_url: return "the server URL is not valid";
    case errc::unsupported_scheme: return "the URL scheme is not supported; use nats:// or tls://";
    case errc::invalid_port: return "the port is not a number from 1 to 65535";
    case errc::no_servers: return "the server list is empty";
    case errc::invalid_subject: return "the subject is not valid";
    case errc::invalid_wildcard: return "a wildcard stands where a literal subject is needed";
    case errc::invalid_queue_group: return "the queue group name is not valid";
    case errc::invalid_header: return "the header name or value is not valid";
    case errc::invalid_option: return "an option has a value that cannot work";
    case errc::invalid_environment: return "an environment variable has a value that cannot be read";
    case errc::max_payload_exceeded: return "headers and payload are larger than the server accepts";
    case errc::control_line_too_long:
      return "subject, reply and queue group are too long for the server's control line";
    case errc::headers_not_supported: return "the server does not support headers";
    case errc::no_responders: return "nobody is subscribed to the subject of the request";
    case errc::timeout: return "the time is up";
    case errc::no_reply_subject: return "the message has no reply subject to respond to";
    case errc::outbound_full: return "the outbound buffer is full; wait for room or publish less";
    case errc::reconnect_buffer_full: return "the buffer for publishes while offline is full";
    case errc::not_connected: return "not connected, and buffering while offline is turned off";
    case errc::slow_consumer: return "messages were dropped because they were not consumed in time";
    case errc::connection_closed: return "the connection is closed";
    case errc::connection_lost: return "the link was lost before the answer came";
    case errc::connection_draining: return "the connection is draining";
    case errc::drain_timeout: return "draining did not finish in time";
    case errc::already_running: return "run() was called before";
    case errc::stale_connection: return "the server stopped answering pings";
    case errc::connect_timeout: return "connecting did not finish in time";
    case errc::subscription_closed: return "the subscription has ended";
    case errc::tls_required: return "the server requires TLS and the connection has none";
    case errc::tls_unavailable: return "TLS was asked for and is not available";
    case errc::no_echo_unsupported: return "the server is too old to turn echo off";
    case errc::unexpected_handshake: return "the server did not follow the handshake";
    case errc::protocol_error: return "the bytes received are not the NATS protocol";
    case errc::inbound_line_too_long: return "a line received is longer than the limit";
    case errc::inbound_size_invalid: return "a message size received is negative, too large for a number, or no number";
    case errc::inbound_payload_too_large: return "a message received is larger than the limit";
    case errc::invalid_info: return "the INFO of the server cannot be read";
    case errc::pick_outside_pool: return "the pick-next-server hook chose a server outside the pool";
    case errc::reconnect_forced: return "a reconnect was asked for";
    case errc::handler_threw: return "a handler threw an exception";
    case errc::server_closed_connection: return "the server closed the connection";
    case errc::server_lame_duck: return "the server is in lame duck mode: it will shut down soon";
    case errc::invalid_parameter: return "the value of a subject parameter is not one token";
    case errc::subject_mismatch: return "the subject is not of the template of its event";
    case errc::payload_not_json: return "the payload is not JSON";
    case errc::payload_field_missing: return "the payload lacks a field";
    case errc::payload_field_repeated: return "the payload has a field twice";
    case errc::payload_wrong_type: return "a field of the payload has another type than declared";
    case errc::payload_out_of_range: return "a value of the payload is out of range";
    case errc::payload_too_deep: return "the payload is nested too deeply";
    case errc::payload_not_encodable: return "a value cannot be written as JSON";
    case errc::invalid_nkey: return "the nkey cannot be read";
    case errc::nkey_checksum: return "the nkey is damaged: its checksum does not fit";
    case errc::nkey_wrong_kind: return "the nkey is of another kind than needed";
    case errc::invalid_creds: return "the credentials cannot be read";
    case errc::file_unreadable: return "a file cannot be read";
    case errc::nonce_missing: return "the server sent nothing to sign, so it does not take nkeys";
    case errc::authentication_missing: return "the server asks for authentication and the client has none to give";
    case errc::authenticator_failed: return "the authenticator could not answer";
    case errc::unknown_context: return "there is no such NATS context";
    case errc::invalid_context: return "the NATS context cannot be used";
    case errc::context_unsupported: return "the NATS context asks for something that this client does not do";
    case errc::unknown_client: return "no client has this id";
    case errc::client_exists: return "a client has this id already";
    case errc::client_type_without_factory: return "no factory makes clients of this type";
    case errc::client_of_another_type: return "the client is of another type than asked for";
    }
    return "unknown error of the client";
  }
};

[[nodiscard]] inline const std::error_category& errc_category() noexcept {
  static const errc_category_type category;
  return category;
}

[[nodiscard]] inline std::error_code make_error_code(errc e) noexcept { return {static_cast<int>(e), errc_category()}; }

}  // namespace innate::inline v0

template <>
struct std::is_error_code_enum<innate::errc> : std::true_type {};
