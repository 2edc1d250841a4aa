// SPDX-License-Identifier: Apache-2.0
/// What can go wrong with TLS, as `std::error_code` of category "nats.tls"; known without a TLS library.
#pragma once

#include <string>
#include <system_error>
#include <type_traits>

namespace innate::inline v0 {

enum class tls_errc {
  handshake_failed = 1,
  certificate_expired,
  certificate_not_yet_valid,
  certificate_self_signed,
  certificate_untrusted,
  certificate_revoked,
  certificate_invalid,
  host_mismatch,
  pin_mismatch,
  refused_by_hook,
  client_certificate_required,
  client_certificate_refused,
  no_common_version,
  no_common_cipher,
  not_tls,
  broken,
  invalid_ca,
  invalid_certificate,
  invalid_private_key,
  wrong_key_password,
  key_mismatch,
  invalid_ciphers,
  invalid_pin,
};

class tls_errc_category_type final : public std::error_category {
 public:
  [[nodiscard]] const char* name() const noexcept override { return "nats.tls"; }
  [[nodiscard, gnu::cold]] std::string message(int value) const override { return text(static_cast<tls_errc>(value)); }

 private:
  [[nodiscard]] static const char* text(tls_errc e) noexcept {
    switch (e) {
    case tls_errc::handshake_failed: return "the TLS handshake failed";
    case tls_errc::certificate_expired: return "the server's certificate has expired";
    case tls_errc::certificate_not_yet_valid: return "the server's certificate is not valid yet";
    case tls_errc::certificate_self_signed: return "the server's certificate is self-signed and not trusted";
    case tls_errc::certificate_untrusted: return "the server's certificate comes from a CA that is not trusted";
    case tls_errc::certificate_revoked: return "the server's certificate was revoked";
    case tls_errc::certificate_invalid: return "the server's certificate did not pass verification";
    case tls_errc::host_mismatch: return "the server's certificate is for another host";
    case tls_errc::pin_mismatch: return "the server's public key is not one of the pinned ones";
    case tls_errc::refused_by_hook: return "the verify hook refused the server's certificate";
    case tls_errc::client_certificate_required: return "the server wants a client certificate and there is none";
    case tls_errc::client_certificate_refused: return "the server refused the client certificate";
    case tls_errc::no_common_version: return "client and server have no TLS version in common";
    case tls_errc::no_common_cipher: return "client and server have no cipher in common";
    case tls_errc::not_tls: return "the server answered with something that is not TLS";
    case tls_errc::broken: return "the TLS stream was damaged or ended by an alert";
    case tls_errc::invalid_ca: return "the CA certificates cannot be read";
    case tls_errc::invalid_certificate: return "the client certificate cannot be read";
    case tls_errc::invalid_private_key: return "the private key cannot be read";
    case tls_errc::wrong_key_password: return "the private key is encrypted and the password does not open it";
    case tls_errc::key_mismatch: return "the private key does not belong to the client certificate";
    case tls_errc::invalid_ciphers: return "the cipher list names no cipher that exists";
    case tls_errc::invalid_pin: return "a pin is not the SHA-256 of a public key";
    }
    return "unknown error of TLS";
  }
};

[[nodiscard]] inline const std::error_category& tls_errc_category() noexcept {
  static const tls_errc_category_type category;
  return category;
}

[[nodiscard]] inline std::error_code make_error_code(tls_errc e) noexcept {
  return {static_cast<int>(e), tls_errc_category()};
}

}  // namespace innate::inline v0

template <>
struct std::is_error_code_enum<innate::tls_errc> : std::true_type {};
