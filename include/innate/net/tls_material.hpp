// SPDX-License-Identifier: Apache-2.0
/// Fills an OpenSSL context with what the TLS options name: whom to trust, who we are, what is allowed.
#pragma once

#include <innate/core/tls_errc.hpp>
#include <innate/net/openssl_handle.hpp>
#include <innate/net/read_file.hpp>
#include <innate/net/tls_options.hpp>
#include <innate/net/tls_verify.hpp>
#include <innate/protocol/error.hpp>

#include <openssl/pem.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>

namespace innate::inline v0::net {

/// One use: reads the material anew for one context.
class tls_material {
 public:
  explicit tls_material(const tls_options& how) : x_how(how) {}

  /// Fails with `file_unreadable` or a `tls_errc`; the detail names the file or the option.
  [[nodiscard]] result<void> load_into(SSL_CTX* context) {
    ERR_clear_error();
    if (auto done = load_trust(context); !done) return done;
    if (auto done = load_identity(context); !done) return done;
    if (auto done = check_pins(); !done) return done;
    return limit(context);
  }

  /// There is a client certificate to show.
  [[nodiscard]] bool has_identity() const noexcept {
    return !x_how.certificate_file.empty() || !x_how.certificate_pem.empty();
  }

 private:
  /// Text of PEM and what errors call it.
  struct source {
    source(std::string what, protocol::secret_string content) : name(std::move(what)), text(std::move(content)) {}
    std::string name;
    protocol::secret_string text;
  };

  static result<source> open(std::string_view what, const std::string& path, const std::string& memory) {
    if (path.empty()) return source{std::string{what} + " in memory", protocol::secret_string{memory}};
    auto text = read_file(std::string{what} + " file", path);
    if (!text) return text.error();
    return source{named(std::string{what} + " file", path), std::move(*text)};
  }

  static error unusable(tls_errc code, const std::string& name, const std::string& reason) {
    return {code, name + ": " + reason};
  }

  [[nodiscard]] result<void> load_trust(SSL_CTX* context) const {
    const bool own = !x_how.ca_file.empty() || !x_how.ca_pem.empty();
    if ((!own || x_how.also_system_store) && SSL_CTX_set_default_verify_paths(context) != 1)
      return unusable(tls_errc::invalid_ca, "the system's certificate store", openssl_reason());
    // Trusted is what the user names, be it a root or not.
    X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(context), X509_V_FLAG_PARTIAL_CHAIN);
    if (!own) return {};
    const auto from = open("CA", x_how.ca_file, x_how.ca_pem);
    if (!from) return from.error();
    const auto text = bio_over(from->text.text());
    int read = 0;
    while (const x509_ptr ca{text ? PEM_read_bio_X509_AUX(text.get(), nullptr, nullptr, nullptr) : nullptr}) {
      if (X509_STORE_add_cert(SSL_CTX_get_cert_store(context), ca.get()) != 1)
        return unusable(tls_errc::invalid_ca, from->name, openssl_reason());
      ++read;
    }
    return end_of_pem(tls_errc::invalid_ca, from->name, read);
  }

  /// All certificates were read when nothing more begins; something cut off does begin.
  static result<void> end_of_pem(tls_errc code, const std::string& name, int read) {
    const bool nothing_more = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
    if (!nothing_more) return unusable(code, name, "cut off or damaged: " + openssl_reason());
    ERR_clear_error();
    if (read == 0) return unusable(code, name, "it holds no certificate in PEM");
    return {};
  }

  [[nodiscard]] result<void> load_identity(SSL_CTX* context) const {
    const bool key_given = !x_how.key_file.empty() || !x_how.key_pem.empty();
    if (!has_identity()) {
      if (!key_given) return {};
      return unusable(tls_errc::invalid_certificate, "client certificate", "none is given, but a private key is");
    }
    const auto chain = open("client certificate", x_how.certificate_file, x_how.certificate_pem);
    if (!chain) return chain.error();
    if (auto done = load_chain(context, *chain); !done) return done;
    if (!key_given) return load_key(context, *chain);
    const auto key = open("private key", x_how.key_file, x_how.key_pem);
    if (!key) return key.error();
    return load_key(context, *key);
  }

  static result<void> load_chain(SSL_CTX* context, const source& from) {
    const auto text = bio_over(from.text.text());
    int read = 0;
    while (x509_ptr next{text ? PEM_read_bio_X509_AUX(text.get(), nullptr, nullptr, nullptr) : nullptr}) {
      const bool taken = read == 0 ? SSL_CTX_use_certificate(context, next.get()) == 1
                                   : SSL_CTX_add1_chain_cert(context, next.get()) == 1;
      if (!taken) return unusable(tls_errc::invalid_certificate, from.name, openssl_reason());
      ++read;
    }
    return end_of_pem(tls_errc::invalid_certificate, from.name, read);
  }

  [[nodiscard]] result<void> load_key(SSL_CTX* context, const source& from) const {
    const auto& pem = from.text.text();
    const auto text = bio_over(pem);
    password_use password{x_how.key_password};
    const pkey_ptr key{text ? PEM_read_bio_PrivateKey(text.get(), nullptr, &give_password, &password) : nullptr};
    if (!key && password.asked) {
      ERR_clear_error();  // how decrypting went wrong depends on the wrong password
      return unusable(tls_errc::wrong_key_password, from.name,
                      x_how.key_password.empty() ? "no password is given" : "the given one is wrong");
    }
    if (!key) return unusable(tls_errc::invalid_private_key, from.name, "no whole key in PEM: " + openssl_reason());
    if (SSL_CTX_use_PrivateKey(context, key.get()) != 1 || SSL_CTX_check_private_key(context) != 1)
      return unusable(tls_errc::key_mismatch, from.name, openssl_reason());
    return {};
  }

  struct password_use {
    explicit password_use(const std::string& p) noexcept : password(p) {}
    const std::string& password;
    bool asked = false;
  };

  static int give_password(char* into, int room, int, void* user) noexcept {
    auto& use = *static_cast<password_use*>(user);
    use.asked = true;
    const auto size = std::min(use.password.size(), static_cast<std::size_t>(room));
    std::memcpy(into, use.password.data(), size);
    return size == 0 ? -1 : static_cast<int>(size);
  }

  [[nodiscard]] result<void> check_pins() const {
    for (const auto& pin : x_how.pins)
      if (normal_pin(pin).empty())
        return unusable(tls_errc::invalid_pin, "pin '" + core::url_parts::printable(pin) + "'",
                        "it is not 64 hexadecimal digits");
    return {};
  }

  [[nodiscard]] result<void> limit(SSL_CTX* context) const {
    const int least = x_how.min_version == tls_version::v1_3 ? TLS1_3_VERSION : TLS1_2_VERSION;
    SSL_CTX_set_min_proto_version(context, least);
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
    if (!x_how.ciphers.empty() && SSL_CTX_set_cipher_list(context, x_how.ciphers.c_str()) != 1)
      return unusable(tls_errc::invalid_ciphers, "option ciphers '" + x_how.ciphers + "'", openssl_reason());
    if (!x_how.cipher_suites.empty() && SSL_CTX_set_ciphersuites(context, x_how.cipher_suites.c_str()) != 1)
      return unusable(tls_errc::invalid_ciphers, "option cipher_suites '" + x_how.cipher_suites + "'",
                      openssl_reason());
    return {};
  }

  const tls_options& x_how;
};

}  // namespace innate::inline v0::net
