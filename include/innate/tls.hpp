// SPDX-License-Identifier: Apache-2.0
/// TLS by OpenSSL 3, for programs that include this and link libssl and libcrypto; also nkeys and credentials files.
#pragma once

#include <innate/auth.hpp>
#include <innate/core/tls_errc.hpp>
#include <innate/core/tls_setup.hpp>
#include <innate/net/tls_options.hpp>
#include <innate/net/tls_stream.hpp>

#include <memory>
#include <utility>

namespace innate::inline v0 {

/// For the option `tls`: the connection encrypts, and talks only to servers that prove to be the one of the URL.
/// Without arguments it trusts the system's store and takes no server without TLS.
///
/// Attempts fail with a `tls_errc` that says which check failed, `file_unreadable`, or `tls_unavailable` when the
/// server has no TLS; the connect deadline covers the handshake. A link that the server ends because of our certificate
/// ends with `client_certificate_required` or `client_certificate_refused`.
[[nodiscard]] inline tls_setup tls(tls_options how = {}) {
  const auto use = how.use;
  return {std::make_shared<net::openssl_layer>(std::move(how)), use};
}

}  // namespace innate::inline v0
