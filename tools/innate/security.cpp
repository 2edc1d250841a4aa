// SPDX-License-Identifier: Apache-2.0
#include "common.hpp"

#include <innate/context.hpp>
#if defined(INNATE_CLI_TLS)
#include <innate/secure_context.hpp>
#endif

namespace cli {

namespace {

/// The context named by `--context` or `NATS_CONTEXT`, else the selected one, else none.
innate::nats_context chosen_context(const globals& g) {
  if (g.no_context) return {};
  if (g.context.empty() && innate::selected_context().value().empty()) return {};
  return innate::load_context(g.context).value();
}

void override(std::string& setting, const std::string& given) {
  if (!given.empty()) setting = given;
}

/// Who the command line says to be replaces all that the context says of that.
void override_identity(innate::nats_context& c, const globals& g) {
  if (!g.user.empty() || !g.token.empty() || !g.creds.empty() || !g.nkey.empty()) {
    c.user = g.user;
    c.password.clear();
    c.token = g.token;
    c.creds = g.creds;
    c.nkey = g.nkey;
    c.user_jwt.clear();
    c.user_seed.clear();
  }
  override(c.password, g.password);
}

}  // namespace

void use_context(innate::options& opts, const globals& g) {
  auto c = chosen_context(g);
  if (c.file.empty()) c.file = "the command line";
  override_identity(c, g);
  override(c.ca, g.tls_ca);
  if (!g.tls_certificate.empty()) c.key.clear();  // the context's belongs to another certificate
  override(c.cert, g.tls_certificate);
  override(c.key, g.tls_key);
  if (!g.tls_key.empty() && c.cert.empty()) throw failure("option --tlskey needs --tlscert, the key's certificate");
  c.tls_first = c.tls_first || g.tls_first;
#if defined(INNATE_CLI_TLS)
  innate::apply_secure_context(opts, c).value();
#else
  if (const auto done = innate::apply_context(opts, c); !done)
    throw failure("this program was built without OpenSSL: " + done.error().message());
#endif
}

}  // namespace cli
