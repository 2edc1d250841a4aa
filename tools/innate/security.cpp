// SPDX-License-Identifier: Apache-2.0
#include "common.hpp"

#if defined(INNATE_CLI_TLS)
#include <innate/tls.hpp>

#include <utility>
#endif

namespace cli {

#if defined(INNATE_CLI_TLS)

void secure(innate::options& opts, const globals& g) {
  if (!g.creds.empty()) opts.authenticator = innate::creds_from_file(g.creds);
  if (!g.nkey.empty()) opts.authenticator = innate::nkey_from_file(g.nkey);
  innate::tls_options how;
  how.ca_file = g.tls_ca;
  how.certificate_file = g.tls_certificate;
  how.key_file = g.tls_key;
  const bool wanted = !g.tls_ca.empty() || !g.tls_certificate.empty();
  how.use = wanted ? innate::tls_use::required : innate::tls_use::when_asked;
  if (g.tls_first) how.use = innate::tls_use::first;
  opts.tls = innate::tls(std::move(how));
}

#else

void secure(innate::options&, const globals& g) {
  const bool tls = !g.tls_ca.empty() || !g.tls_certificate.empty() || !g.tls_key.empty() || g.tls_first;
  if (tls || !g.creds.empty() || !g.nkey.empty())
    throw failure("this program was built without OpenSSL, so it has no TLS, --creds or --nkey");
}

#endif

}  // namespace cli
