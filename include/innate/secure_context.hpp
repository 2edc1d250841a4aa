// SPDX-License-Identifier: Apache-2.0
/// NATS contexts with TLS, nkeys and credentials files, for programs that link OpenSSL.
#pragma once

#include <innate/auth.hpp>
#include <innate/context.hpp>
#include <innate/tls.hpp>

#include <string>
#include <utility>

namespace innate::inline v0 {

namespace net {

/// A credentials file in memory, of a JWT and the seed that signs for it.
[[nodiscard]] inline std::shared_ptr<authenticator> creds_of(const std::string& jwt, const std::string& seed) {
  return creds_from_memory("-----BEGIN NATS USER JWT-----\n" + jwt + "\n------END NATS USER JWT------\n" +
                           "-----BEGIN USER NKEY SEED-----\n" + seed + "\n------END USER NKEY SEED------\n");
}

}  // namespace net

/// Takes everything of a context over into `out`, which encrypts as the official clients do then: always with a `ca` or
/// `cert`, before the server's first word with `tls_first`, and otherwise when a `tls://` URL or the server asks for
/// it. Files are read at every attempt, with the errors of `creds_from_file`, `nkey_from_file` and `tls`. Fails with
/// `invalid_context` or `context_unsupported`; `out` is unchanged then.
[[nodiscard]] inline result<void> apply_secure_context(options& out, const nats_context& c) {
  if (auto done = core::apply_plain_context(out, c); !done) return done;
  out.authenticator.reset();
  if (!c.creds.empty()) out.authenticator = creds_from_file(c.creds);
  if (!c.nkey.empty()) out.authenticator = nkey_from_file(c.nkey);
  if (!c.user_seed.empty()) out.authenticator = net::creds_of(c.user_jwt, c.user_seed);
  tls_options how;
  how.ca_file = c.ca;
  how.certificate_file = c.cert;
  how.key_file = c.key;
  how.use = c.ca.empty() && c.cert.empty() ? tls_use::when_asked : tls_use::required;
  if (c.tls_first) how.use = tls_use::first;
  out.tls = tls(std::move(how));
  return {};
}

}  // namespace innate::inline v0
