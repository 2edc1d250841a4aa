// SPDX-License-Identifier: Apache-2.0
/// OpenSSL's objects as owning pointers, and what it says when something fails.
#pragma once

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <climits>
#include <memory>
#include <string>
#include <string_view>

namespace innate::inline v0::net {

template <auto Free>
struct openssl_free {
  template <class T>
  void operator()(T* object) const noexcept {
    static_cast<void>(Free(object));
  }
};

using bio_ptr = std::unique_ptr<BIO, openssl_free<&BIO_free>>;
using pkey_ptr = std::unique_ptr<EVP_PKEY, openssl_free<&EVP_PKEY_free>>;
using digest_ptr = std::unique_ptr<EVP_MD_CTX, openssl_free<&EVP_MD_CTX_free>>;
using x509_ptr = std::unique_ptr<X509, openssl_free<&X509_free>>;
using ssl_ptr = std::unique_ptr<SSL, openssl_free<&SSL_free>>;
using ssl_context_ptr = std::unique_ptr<SSL_CTX, openssl_free<&SSL_CTX_free>>;

/// Reads from `text`, which must outlive it; not at all when it is larger than an `int` says.
[[nodiscard]] inline bio_ptr bio_over(std::string_view text) {
  return bio_ptr{text.size() > INT_MAX ? nullptr : BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))};
}

/// The oldest reason in this thread's error queue, which is emptied.
[[nodiscard]] inline std::string openssl_reason() {
  const auto code = ERR_get_error();
  ERR_clear_error();
  const char* const reason = code == 0 ? nullptr : ERR_reason_error_string(code);
  return reason ? reason : "no reason given";
}

}  // namespace innate::inline v0::net
