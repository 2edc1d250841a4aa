// SPDX-License-Identifier: Apache-2.0
/// Whether a server is whom the user wants to talk to: chain, host name, pins and the user's hook, in this order.
#pragma once

#include <innate/core/tls_errc.hpp>
#include <innate/core/url_parts.hpp>
#include <innate/net/openssl_handle.hpp>
#include <innate/net/tls_options.hpp>
#include <innate/protocol/error.hpp>

#include <openssl/sha.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <exception>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace innate::inline v0::net {

[[nodiscard]] inline tls_errc classify_verification(int code) noexcept {
  switch (code) {
  case X509_V_ERR_CERT_HAS_EXPIRED: return tls_errc::certificate_expired;
  case X509_V_ERR_CERT_NOT_YET_VALID: return tls_errc::certificate_not_yet_valid;
  case X509_V_ERR_CERT_REVOKED: return tls_errc::certificate_revoked;
  case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT: return tls_errc::certificate_self_signed;
  case X509_V_ERR_HOSTNAME_MISMATCH:
  case X509_V_ERR_IP_ADDRESS_MISMATCH: return tls_errc::host_mismatch;
  case X509_V_ERR_CERT_SIGNATURE_FAILURE:
  case X509_V_ERR_CERT_UNTRUSTED:
  case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
  case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
  case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
  case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE: return tls_errc::certificate_untrusted;
  default: return tls_errc::certificate_invalid;
  }
}

[[nodiscard]] inline std::string hex(const unsigned char* bytes, std::size_t size) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  for (std::size_t i = 0; i != size; ++i) {
    out.push_back(digits[bytes[i] >> 4]);
    out.push_back(digits[bytes[i] & 15]);
  }
  return out;
}

/// What OpenSSL writes as DER through `encode`, one of its `i2d` functions.
template <class T, class Encode>
[[nodiscard]] std::string der_of(T* object, Encode encode) {
  unsigned char* bytes = nullptr;
  const int size = object ? encode(object, &bytes) : 0;
  if (size <= 0) return {};
  std::string out{reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size)};
  OPENSSL_free(bytes);
  return out;
}

[[nodiscard]] inline tls_peer describe_peer(X509* certificate, std::string name) {
  tls_peer peer;
  peer.name = std::move(name);
  const auto key = der_of(X509_get_X509_PUBKEY(certificate), &i2d_X509_PUBKEY);
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  SHA256(reinterpret_cast<const unsigned char*>(key.data()), key.size(), digest.data());
  peer.key_sha256 = hex(digest.data(), digest.size());
  peer.der = der_of(certificate, &i2d_X509);
  const bio_ptr text{BIO_new(BIO_s_mem())};
  if (text) X509_NAME_print_ex(text.get(), X509_get_subject_name(certificate), 0, XN_FLAG_RFC2253);
  char* bytes = nullptr;
  const auto size = text ? BIO_get_mem_data(text.get(), &bytes) : 0;
  if (size > 0) peer.subject.assign(bytes, static_cast<std::size_t>(size));
  return peer;
}

/// A pin as users write it: 64 hexadecimal digits of any case, colons between them or not. Empty when it is none.
[[nodiscard]] inline std::string normal_pin(std::string_view pin) {
  std::string digits = core::url_parts::lower(pin);
  std::erase(digits, ':');
  const bool good =
      digits.size() == 2 * SHA256_DIGEST_LENGTH && digits.find_first_not_of("0123456789abcdef") == digits.npos;
  return good ? digits : std::string{};
}

/// The verdict on one server's certificate; OpenSSL asks for it in the middle of the handshake.
class tls_verifier {
 public:
  tls_verifier(const tls_options& how, std::string name) : x_how(how), x_name(std::move(name)) {}
  tls_verifier(const tls_verifier&) = delete;
  tls_verifier& operator=(const tls_verifier&) = delete;

  /// Has `context` ask here, and `ssl` check the name. `context` must not be used without this object.
  [[nodiscard]] bool attach(SSL_CTX* context, SSL* ssl) {
    SSL_CTX_set_cert_verify_callback(context, &tls_verifier::on_certificate, this);
    SSL_set_verify(ssl, SSL_VERIFY_PEER, nullptr);
    auto host = x_name.substr(0, x_name.find('%'));  // without an IPv6 zone
    if (core::url_parts::is_ip(host)) return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host.c_str()) == 1;
    SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
    const long sent = SSL_ctrl(ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, host.data());
    return sent == 1 && SSL_set1_host(ssl, host.c_str()) == 1;
  }

  /// Empty unless a check failed.
  [[nodiscard]] const error& verdict() const noexcept { return x_verdict; }

 private:
  static int on_certificate(X509_STORE_CTX* chain, void* self) noexcept {
    try {
      return static_cast<tls_verifier*>(self)->judge(chain) ? 1 : 0;
    } catch (...) {
      return 0;  // out of memory
    }
  }

  bool judge(X509_STORE_CTX* chain) {
    const auto peer = describe_peer(X509_STORE_CTX_get0_cert(chain), x_name);
    if (!x_how.DANGEROUS_accept_any_certificate && X509_verify_cert(chain) != 1) {
      const int code = X509_STORE_CTX_get_error(chain);
      return refuse(classify_verification(code), X509_verify_cert_error_string(code), peer);
    }
    X509_STORE_CTX_set_error(chain, X509_V_ERR_APPLICATION_VERIFICATION);  // until all is well
    if (!x_how.pins.empty() && std::none_of(x_how.pins.begin(), x_how.pins.end(),
                                            [&](const auto& pin) { return normal_pin(pin) == peer.key_sha256; }))
      return refuse(tls_errc::pin_mismatch, "SHA-256 of its public key is " + peer.key_sha256, peer);
    if (x_how.verify && !ask(peer)) return false;
    X509_STORE_CTX_set_error(chain, X509_V_OK);
    return true;
  }

  bool ask(const tls_peer& peer) {
    try {
      return x_how.verify(peer) || refuse(tls_errc::refused_by_hook, "it answered no", peer);
    } catch (const std::exception& thrown) {
      return refuse(tls_errc::refused_by_hook, thrown.what(), peer);
    }
  }

  bool refuse(tls_errc code, std::string_view reason, const tls_peer& peer) {
    x_verdict = error{code, std::string{reason} + " (wanted: " + x_name +
                                ", certificate: " + core::url_parts::printable(peer.subject) + ")"};
    return false;
  }

  const tls_options& x_how;
  std::string x_name;
  error x_verdict{};
};

}  // namespace innate::inline v0::net
