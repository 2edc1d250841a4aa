// SPDX-License-Identifier: Apache-2.0
/// Certificates of every good and bad kind, made on the spot.
#pragma once

#include <innate/net/openssl_handle.hpp>
#include <innate/net/tls_verify.hpp>

#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include <stdexcept>
#include <string>
#include <utility>

namespace test {

/// A certificate and its private key.
class identity {
 public:
  struct wish {
    std::string common_name{};
    std::string names = "DNS:localhost,IP:127.0.0.1";  ///< subject alternative names; empty: none
    int from_days = -1;
    int to_days = 30;
    bool is_ca = false;
  };

  /// Signed by `issuer`, or by itself.
  explicit identity(const wish& w, const identity* issuer = nullptr)
      : x_key(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256")), x_certificate(X509_new()) {
    X509* const c = x_certificate.get();
    long serial = 0;
    RAND_bytes(reinterpret_cast<unsigned char*>(&serial), 4);
    X509_set_version(c, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(c), serial);
    X509_gmtime_adj(X509_getm_notBefore(c), w.from_days * day);
    X509_gmtime_adj(X509_getm_notAfter(c), w.to_days * day);
    X509_set_pubkey(c, x_key.get());
    const auto* name = reinterpret_cast<const unsigned char*>(w.common_name.c_str());
    X509_NAME_add_entry_by_txt(X509_get_subject_name(c), "CN", MBSTRING_UTF8, name, -1, -1, 0);
    X509* const signer = issuer ? issuer->x_certificate.get() : c;
    X509_set_issuer_name(c, X509_get_subject_name(signer));
    extend(signer, NID_basic_constraints, w.is_ca ? "critical,CA:TRUE" : "critical,CA:FALSE");
    extend(signer, NID_subject_key_identifier, "hash");
    if (w.is_ca) extend(signer, NID_key_usage, "critical,keyCertSign,cRLSign");
    if (!w.names.empty()) extend(signer, NID_subject_alt_name, w.names);
    if (X509_sign(c, issuer ? issuer->x_key.get() : x_key.get(), EVP_sha256()) == 0)
      throw std::runtime_error("cannot sign a test certificate");
  }

  [[nodiscard]] std::string certificate() const {
    return pem([&](BIO* to) { return PEM_write_bio_X509(to, x_certificate.get()); });
  }
  /// Encrypted when there is a password.
  [[nodiscard]] std::string key(const std::string& password = {}) const {
    return pem([&](BIO* to) {
      return PEM_write_bio_PKCS8PrivateKey(to, x_key.get(), password.empty() ? nullptr : EVP_aes_256_cbc(),
                                           password.data(), static_cast<int>(password.size()), nullptr, nullptr);
    });
  }
  [[nodiscard]] std::string pin() const { return innate::net::describe_peer(x_certificate.get(), {}).key_sha256; }

 private:
  static constexpr long day = 24 * 60 * 60;

  void extend(X509* issuer, int kind, const std::string& value) {
    X509V3_CTX context{};
    X509V3_set_ctx(&context, issuer, x_certificate.get(), nullptr, nullptr, 0);
    X509_EXTENSION* const made = X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str());
    if (!made) throw std::runtime_error("cannot extend a test certificate with " + value);
    X509_add_ext(x_certificate.get(), made, -1);
    X509_EXTENSION_free(made);
  }

  template <class Write>
  static std::string pem(Write write) {
    const innate::net::bio_ptr to{BIO_new(BIO_s_mem())};
    if (write(to.get()) != 1) throw std::runtime_error("cannot write PEM");
    std::string text(BIO_ctrl_pending(to.get()), '\0');
    BIO_read(to.get(), text.data(), static_cast<int>(text.size()));
    return text;
  }

  innate::net::pkey_ptr x_key;
  innate::net::x509_ptr x_certificate;
};

}  // namespace test
