// SPDX-License-Identifier: Apache-2.0
#include "support/case_table.hpp"
#include "support/nats_identity.hpp"
#include "support/nats_server.hpp"
#include "support/pki.hpp"
#include "support/run.hpp"

#include <innate/secure_context.hpp>

#include <catch2/catch_test_macros.hpp>

#include <functional>
#include <stdexcept>
#include <string>

using innate::errc;
using innate::nats_context;
using innate::server_errc;
using innate::tls_errc;
using innate::protocol::nkey_kind;
using test::case_table;
using test::identity;
using test::key_pair;

namespace {

innate::options with(const nats_context& c) {
  auto opts = test::quick("nats://127.0.0.1:1");  // the context's servers count
  innate::apply_secure_context(opts, c).value();
  return opts;
}

/// `c`, changed a little.
nats_context but(nats_context c, const std::function<void(nats_context&)>& change) {
  change(c);
  return c;
}

}  // namespace

TEST_CASE("contexts with TLS and nkeys against a real server", "[tls][auth][context]") {
  const test::temporary_folder folder;
  const identity ca{{.common_name = "Test CA", .names = {}, .is_ca = true}};
  const identity other_ca{{.common_name = "Other CA", .names = {}, .is_ca = true}};
  const identity server_identity{{.common_name = "server"}, &ca};
  const identity client{{.common_name = "client"}, &ca};
  const key_pair user{nkey_kind::user};
  nats_context c;
  c.file = "here";
  c.ca = folder.file("ca.pem", ca.certificate());
  c.cert = folder.file("client.pem", client.certificate());
  c.key = folder.file("client-key.pem", client.key());
  c.nkey = folder.file("user.nk", user.seed());
  const auto config = [&](const std::string& more) {
    return "tls { cert_file: \"" + folder.file("server.pem", server_identity.certificate()) + "\", key_file: \"" +
           folder.file("server-key.pem", server_identity.key()) + "\", ca_file: \"" + c.ca + "\", verify: true, " +
           more + " }\nauthorization { users: [ { nkey: " + user.public_key() + " } ] }";
  };
  case_table table{"NATS contexts, server that wants client certificates and nkeys"};
  table.secrets = {user.seed().substr(4, 30), client.key().substr(40, 40)};
  {
    const test::nats_server server{config("timeout: 5")};
    c.url = "nats://localhost:" + std::to_string(server.port());
    table.connect("ca, cert, key and nkey", with(c), {});
    table.connect("the same with tls://",
                  with(but(c, [&](auto& o) { o.url = "tls://localhost:" + std::to_string(server.port()); })), {});
    table.connect("no nkey", with(but(c, [](auto& o) { o.nkey.clear(); })), errc::authentication_missing);
    table.connect("no cert", with(but(c, [](auto& o) { o.cert = o.key = ""; })), tls_errc::client_certificate_required);
    table.connect("ca of somebody else",
                  with(but(c, [&](auto& o) { o.ca = folder.file("other.pem", other_ca.certificate()); })),
                  tls_errc::certificate_untrusted);
    const auto gone = folder.path("gone");
    table.connect("ca that is gone", with(but(c, [&](auto& o) { o.ca = gone; })), errc::file_unreadable, gone);
    table.connect("nkey that is gone", with(but(c, [&](auto& o) { o.nkey = gone; })), errc::file_unreadable, gone);
    auto damaged = user.seed();
    damaged[30] = damaged[30] == 'A' ? 'B' : 'A';
    table.connect("nkey that is damaged", with(but(c, [&](auto& o) { o.nkey = folder.file("bad.nk", damaged); })),
                  errc::nkey_checksum, folder.path("bad.nk"));
  }
  try {
    const test::nats_server first{config("timeout: 5, handshake_first: true")};
    c.url = "nats://localhost:" + std::to_string(first.port());
    c.tls_first = true;
    table.connect("tls_first", with(c), {});
  } catch (const std::runtime_error&) {
    std::puts("skipped tls_first: this nats-server does not know handshake_first");
  }
}

TEST_CASE("contexts with JWTs, passwords and tokens against a real server", "[auth][context]") {
  const test::temporary_folder folder;
  const test::nats_operator op;
  const key_pair user{nkey_kind::user};
  const key_pair stranger{nkey_kind::user};
  const test::nats_server jwts{op.config()};
  const test::nats_server users{"authorization { users: [ { user: joe, password: s3cret } ] }"};
  const test::nats_server tokens{"authorization { token: t0ken }"};
  case_table table{"NATS contexts, servers that want JWTs, passwords and tokens"};
  table.secrets = {user.seed().substr(4, 30), "s3cret", "t0ken", "wr0ng"};
  const auto say = [](const test::nats_server& server, const std::function<void(nats_context&)>& what) {
    nats_context c;
    c.file = "here";
    c.url = server.url();
    what(c);
    return with(c);
  };
  table.connect("creds", say(jwts, [&](auto& c) { c.creds = folder.file("u.creds", op.creds(user)); }), {});
  table.connect("user_jwt and user_seed",
                say(jwts,
                    [&](auto& c) {
                      c.user_jwt = op.user_jwt(user);
                      c.user_seed = user.seed();
                    }),
                {});
  table.connect("user_jwt of a bearer", say(jwts, [&](auto& c) { c.user_jwt = op.user_jwt(user, 0, true); }), {});
  table.connect("inbox_prefix",
                say(users,
                    [](auto& c) {
                      c.user = "joe";
                      c.password = "s3cret";
                      c.inbox_prefix = "_INBOX.joe";
                    }),
                {});
  table.connect("token", say(tokens, [](auto& c) { c.token = "t0ken"; }), {});
  table.connect("user_seed of somebody else",
                say(jwts,
                    [&](auto& c) {
                      c.user_jwt = op.user_jwt(user);
                      c.user_seed = stranger.seed();
                    }),
                server_errc::authorization_violation);
  table.connect("wrong password",
                say(users,
                    [](auto& c) {
                      c.user = "joe";
                      c.password = "wr0ng";
                    }),
                server_errc::authorization_violation);
  table.connect("wrong token", say(tokens, [](auto& c) { c.token = "wr0ng"; }), server_errc::authorization_violation);
  table.connect("nothing to show", say(users, [](auto&) {}), errc::authentication_missing);
}
