// SPDX-License-Identifier: Apache-2.0
/// Everything a user can decide about TLS.
#pragma once

#include <innate/core/tls_setup.hpp>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace innate::inline v0 {

enum class tls_version : std::uint8_t { v1_2, v1_3 };

/// What a verify hook sees of the server's certificate.
struct tls_peer {
  tls_peer() {}

  std::string name{};        ///< whom it has to be for
  std::string subject{};     ///< whom it says it is for
  std::string der{};         ///< the certificate itself
  std::string key_sha256{};  ///< of its public key (SubjectPublicKeyInfo), 64 hexadecimal digits
};

/// Files are read at every attempt, so that certificates may be renewed while the connection lives. Where both a file
/// and text in memory are given, the file counts.
struct tls_options {
  tls_options() {}

  tls_use use = tls_use::required;

  std::string ca_file{};            ///< PEM; whom to trust in place of the system's store
  std::string ca_pem{};             ///< the same in memory
  bool also_system_store = false;   ///< trust the system's store besides these
  std::string certificate_file{};   ///< PEM; our own certificate and what leads to its CA
  std::string certificate_pem{};    ///< the same in memory
  std::string key_file{};           ///< PEM; its private key, when that does not stand beside the certificate
  std::string key_pem{};            ///< the same in memory
  std::string key_password{};       ///< of an encrypted private key
  std::string server_name{};        ///< whom certificates have to be for, in place of the URL's host (proxies)
  std::vector<std::string> pins{};  ///< SHA-256 of acceptable public keys, in hexadecimal; empty: any that is trusted
  /// Has the last word on a certificate that passed everything else; false refuses it.
  std::function<bool(const tls_peer&)> verify{};
  tls_version min_version = tls_version::v1_2;
  std::string ciphers{};        ///< of TLS 1.2, in OpenSSL's notation
  std::string cipher_suites{};  ///< of TLS 1.3
  /// Talks to anybody who answers, and tells them the password. Only pins and the verify hook still count.
  bool DANGEROUS_accept_any_certificate = false;
};

}  // namespace innate::inline v0
