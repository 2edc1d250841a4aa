// SPDX-License-Identifier: Apache-2.0
#include <innate/core/handshake.hpp>
#include <innate/protocol/parser.hpp>

#include <catch2/catch_test_macros.hpp>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

using innate::errc;
using innate::server_errc;
using innate::core::handshake;
using innate::core::parse_url;
using innate::core::server_url;
using action = innate::core::handshake::action;
namespace protocol = innate::protocol;

namespace {

const std::string info =
    R"(INFO {"server_id":"NA","server_name":"a","version":"2.10.0","proto":1,"headers":true,"max_payload":1048576})"
    "\r\n";
const std::string tls_info =
    R"(INFO {"server_id":"NA","version":"2.10.0","proto":1,"headers":true,"max_payload":1024,"tls_required":true})"
    "\r\n";
const std::string may_tls_info =
    R"(INFO {"server_id":"NA","version":"2.10.0","proto":1,"headers":true,"max_payload":1024,"tls_available":true})"
    "\r\n";
const std::string old_info = R"(INFO {"server_id":"NA","version":"0.9.4","max_payload":1024})"
                             "\r\n";

/// What a handshake did with a script, to be compared whole.
struct trace {
  std::string sent;
  action last = action::need_more;
  std::error_code code{};
  std::string detail;
  std::string server_name;

  friend bool operator==(const trace&, const trace&) = default;
};

/// One handshake fed by a script of the server, in any pieces.
struct session {
  innate::options opts;
  server_url url = *parse_url("nats://127.0.0.1");
  bool tls_active = false;

  void allow_tls(innate::tls_use use = innate::tls_use::when_asked) {
    static int stands_for_it = 0;  // a handshake only looks whether there is one
    opts.tls.layer = {std::make_shared<int>(), static_cast<innate::tls_layer*>(static_cast<void*>(&stands_for_it))};
    opts.tls.use = use;
  }

  [[nodiscard]] trace run(const std::vector<std::string_view>& pieces) const {
    handshake h{opts, url, tls_active};
    protocol::parser parser{protocol::parser::role::client, opts.limits};
    trace t;
    std::string pending;
    for (const auto piece : pieces) {
      pending.append(piece);
      while (!over(t)) {
        const std::string exact{pending};  // its own block, so that a sanitizer sees its end
        const auto parsed = parser.parse({exact.data(), exact.size()});
        if (parsed.kind == protocol::parse_result::kind_type::need) break;
        REQUIRE(parsed.kind == protocol::parse_result::kind_type::op);
        note(h, h.on_op(parsed.value), t);
        pending.erase(0, parsed.consumed);
      }
    }
    t.server_name = h.info().server_name;
    return t;
  }

  /// The outcome, which must be the same for every split of the script in two and for single bytes.
  [[nodiscard]] trace run(std::string_view script) const {
    const trace whole = run(std::vector{script});
    for (std::size_t at = 0; at <= script.size(); ++at) {
      CAPTURE(at);
      REQUIRE(run(std::vector{script.substr(0, at), script.substr(at)}) == whole);
    }
    std::vector<std::string_view> bytes;
    for (std::size_t at = 0; at != script.size(); ++at) bytes.push_back(script.substr(at, 1));
    REQUIRE(run(bytes) == whole);
    return whole;
  }

 private:
  static bool over(const trace& t) { return t.last == action::done || t.last == action::failed; }

  void note(handshake& h, handshake::step s, trace& t) const {
    t.last = s.what;
    t.sent += s.bytes;
    t.code = s.why.code;
    t.detail = s.why.detail;
    CHECK((s.what == action::send) == !s.bytes.empty());
    if (s.what == action::authenticate) return note(h, h.on_credentials(innate::core::credentials_for(opts, url)), t);
    if (s.what != action::upgrade_tls) return;
    t.sent += "<tls>";
    note(h, h.on_tls(), t);
  }
};

bool contains(std::string_view text, std::string_view part) { return text.find(part) != text.npos; }

}  // namespace

TEST_CASE("INFO, CONNECT and PING, PONG", "[handshake]") {
  session s;
  s.opts.name = "my \"app\"";
  const auto t = s.run(info + "PONG\r\n");
  CHECK(t.last == action::done);
  CHECK(t.server_name == "a");
  CAPTURE(t.sent);
  CHECK(t.sent.starts_with("CONNECT {"));
  CHECK(t.sent.ends_with("}\r\nPING\r\n"));
  CHECK(contains(t.sent, R"("verbose":false)"));
  CHECK(contains(t.sent, R"("pedantic":false)"));
  CHECK(contains(t.sent, R"("tls_required":false)"));
  CHECK(contains(t.sent, R"("lang":")" + std::string{innate::client_language} + "\""));
  CHECK(contains(t.sent, R"("version":")" + std::string{innate::client_version} + "\""));
  CHECK(contains(t.sent, R"("protocol":1)"));
  CHECK(contains(t.sent, R"("echo":true)"));
  CHECK(contains(t.sent, R"("headers":true)"));
  CHECK(contains(t.sent, R"("no_responders":true)"));
  CHECK(contains(t.sent, R"("name":"my \"app\"")"));
  CHECK_FALSE(contains(t.sent, R"("user")"));
  CHECK_FALSE(contains(t.sent, R"("pass")"));
  CHECK_FALSE(contains(t.sent, R"("auth_token")"));
}

TEST_CASE("nothing is sent before INFO", "[handshake]") {
  for (std::size_t size = 0; size != info.size(); ++size) {
    const auto t = session{}.run(std::vector{std::string_view{info}.substr(0, size)});
    REQUIRE(t.sent.empty());
    REQUIRE(t.last == action::need_more);
  }
}

TEST_CASE("handshake_timeout_no_pong: without PONG it is never done", "[handshake]") {
  CHECK(session{}.run(info).last == action::send);
  CHECK(session{}.run(info + "PON").last == action::send);
}

TEST_CASE("options reach CONNECT", "[handshake]") {
  session s;
  s.opts.verbose = s.opts.pedantic = true;
  s.opts.echo = false;
  const auto t = s.run(info + "+OK\r\nPONG\r\n");
  CHECK(t.last == action::done);
  CHECK(contains(t.sent, R"("verbose":true)"));
  CHECK(contains(t.sent, R"("pedantic":true)"));
  CHECK(contains(t.sent, R"("echo":false)"));
}

TEST_CASE("a server without headers is not asked for no-responders", "[handshake]") {
  const auto t = session{}.run(old_info + "PONG\r\n");
  CHECK(t.last == action::done);
  CHECK(contains(t.sent, R"("no_responders":false)"));
  CHECK(contains(t.sent, R"("headers":true)"));
}

TEST_CASE("TestNoEchoOldServer: no echo fails where the server does not know it", "[handshake]") {
  session s;
  s.opts.echo = false;
  const auto t = s.run(old_info);
  CHECK(t.last == action::failed);
  CHECK(t.code == errc::no_echo_unsupported);
  CHECK(contains(t.detail, "nats://127.0.0.1:4222"));
  CHECK(t.sent.empty());
}

TEST_CASE("credentials come from the URL, the callback, the options, in this order", "[handshake]") {
  session s;
  s.opts.auth.user = "o";
  s.opts.auth.password = "op";
  CHECK(contains(s.run(info).sent, R"("user":"o")"));
  CHECK(contains(s.run(info).sent, R"("pass":"op")"));

  int asked = 0;
  s.opts.auth_callback = [&asked] {
    innate::credentials c;
    c.token = "t" + std::to_string(++asked);
    return c;
  };
  const auto by_callback = s.run(std::vector{std::string_view{info}}).sent;
  CHECK(asked == 1);
  CHECK(contains(by_callback, R"("auth_token":"t1")"));
  CHECK_FALSE(contains(by_callback, R"("user")"));
  CHECK(contains(s.run(std::vector{std::string_view{info}}).sent, R"("auth_token":"t2")"));

  s.url = *parse_url("nats://u:p%22w@127.0.0.1");
  const auto by_url = s.run(info).sent;
  CHECK(asked == 2);
  CHECK(contains(by_url, R"("user":"u")"));
  CHECK(contains(by_url, R"("pass":"p\"w")"));
  CHECK_FALSE(contains(by_url, R"("auth_token")"));

  s.url = *parse_url("nats://tok@127.0.0.1");
  CHECK(contains(s.run(info).sent, R"("auth_token":"tok")"));
}

TEST_CASE("-ERR fails with its class and the server's text, at any stage", "[handshake]") {
  for (const std::string& before : {std::string{}, info, info + "PING\r\n", info + info}) {
    const auto t = session{}.run(before + "-ERR 'Authorization Violation'\r\nPONG\r\n");
    CHECK(t.last == action::failed);
    CHECK(t.code == server_errc::authorization_violation);
    CHECK(t.detail == "Authorization Violation");
  }
  const auto full = session{}.run(info + "-ERR 'maximum connections exceeded'\r\n");
  CHECK(full.code == server_errc::maximum_connections_exceeded);
  const auto unknown = session{}.run(info + "-ERR 'Something New'\r\n");
  CHECK(unknown.last == action::failed);
  CHECK(unknown.code);
  CHECK(unknown.detail == "Something New");
}

TEST_CASE("PING before PONG is answered", "[handshake]") {
  const auto t = session{}.run(info + "PING\r\nPING\r\nPONG\r\n");
  CHECK(t.last == action::done);
  CHECK(t.sent.ends_with("PING\r\nPONG\r\nPONG\r\n"));
}

TEST_CASE("a newer INFO before PONG counts, and is not answered again", "[handshake]") {
  const auto t =
      session{}.run(info + R"(INFO {"server_id":"NA","server_name":"newer","max_payload":9})" + "\r\nPONG\r\n");
  CHECK(t.last == action::done);
  CHECK(t.server_name == "newer");
  CHECK(t.sent.find("CONNECT") == t.sent.rfind("CONNECT"));
}

TEST_CASE("ReceiveINFORightAfterFirstPONG: what follows the PONG is left alone", "[handshake]") {
  const auto t =
      session{}.run(info + "PONG\r\n" + R"(INFO {"server_id":"NA","server_name":"later","max_payload":9})" + "\r\n");
  CHECK(t.last == action::done);
  CHECK(t.server_name == "a");
}

TEST_CASE("what does not belong there fails and is named", "[handshake]") {
  const std::string msg = "MSG a 1 2\r\nhi\r\n";
  for (const std::string& first : {std::string{"PING\r\n"}, std::string{"PONG\r\n"}, std::string{"+OK\r\n"}, msg}) {
    const auto t = session{}.run(first + info);
    CHECK(t.last == action::failed);
    CHECK(t.code == errc::unexpected_handshake);
    CHECK(contains(t.detail, "expected INFO, got " + first.substr(0, first.find_first_of(" \r"))));
    CHECK(t.sent.empty());
  }
  for (const std::string& second :
       {std::string{"+OK\r\n"}, msg, "H" + std::string{"MSG a 1 12 12\r\nNATS/1.0\r\n\r\n\r\n"}}) {
    const auto t = session{}.run(info + second);
    CHECK(t.last == action::failed);
    CHECK(t.code == errc::unexpected_handshake);
    CHECK(contains(t.detail, "expected PONG, got " + second.substr(0, second.find_first_of(" \r"))));
  }
}

TEST_CASE("an INFO that cannot be read fails with its reason", "[handshake]") {
  for (const std::string_view bad : {"INFO nonsense\r\n", "INFO {\"server_id\":\r\n", "INFO []\r\n", "INFO \r\n"}) {
    CAPTURE(bad);
    const auto t = session{}.run(bad);
    CHECK(t.last == action::failed);
    CHECK(t.code == errc::invalid_info);
    CHECK(t.sent.empty());
    const auto later = session{}.run(info + std::string{bad});
    CHECK(later.last == action::failed);
    CHECK(later.code == errc::invalid_info);
  }
}

TEST_CASE("a TLS-only server needs TLS, and hears nothing before", "[handshake]") {
  const auto t = session{}.run(tls_info + "PONG\r\n");
  CHECK(t.last == action::failed);
  CHECK(t.code == errc::tls_required);
  CHECK(contains(t.detail, "nats://127.0.0.1:4222"));
  CHECK(t.sent.empty());
}

TEST_CASE("a tls URL needs TLS on both sides, and credentials stay home without it", "[handshake]") {
  session s;
  s.url = *parse_url("tls://u:p@host");
  for (const auto& greeting : {info, tls_info, may_tls_info}) {
    const auto t = s.run(greeting);
    CHECK(t.last == action::failed);
    CHECK(t.code == errc::tls_unavailable);
    CHECK(contains(t.detail, "tls://host:4222"));
    CHECK(t.sent.empty());
  }
  s.allow_tls();
  const auto plain_server = s.run(info);
  CHECK(plain_server.code == errc::tls_unavailable);
  CHECK(contains(plain_server.detail, "offers no TLS"));
  CHECK(plain_server.sent.empty());
}

TEST_CASE("where TLS can be had, CONNECT comes after the upgrade", "[handshake]") {
  session s;
  s.allow_tls();
  CHECK(s.run(tls_info + "PONG\r\n").last == action::done);
  CHECK(s.run(tls_info + "PONG\r\n").sent.starts_with("<tls>CONNECT {"));
  CHECK(contains(s.run(tls_info).sent, R"("tls_required":true)"));
  CHECK(s.run(may_tls_info).sent.starts_with("CONNECT {"));  // not asked for
  s.url = *parse_url("tls://host");
  CHECK(s.run(may_tls_info).sent.starts_with("<tls>CONNECT {"));
}

TEST_CASE("ops before the upgrade is done do not fit", "[handshake]") {
  session s;
  s.allow_tls();
  handshake h{s.opts, s.url, false};
  protocol::op greeting;
  greeting.kind = protocol::op_kind::info;
  greeting.text = std::string_view{tls_info}.substr(5, tls_info.size() - 7);
  REQUIRE(h.on_op(greeting).what == action::upgrade_tls);
  const auto again = h.on_op(greeting);
  CHECK(again.what == action::failed);
  CHECK(again.why.code == errc::unexpected_handshake);
}

TEST_CASE("a stream that is encrypted from the start is not upgraded", "[handshake]") {
  session s;
  s.tls_active = true;
  s.url = *parse_url("tls://host");
  const auto t = s.run(tls_info + "PONG\r\n");
  CHECK(t.last == action::done);
  CHECK(t.sent.starts_with("CONNECT {"));
  CHECK(contains(t.sent, R"("tls_required":true)"));
}

TEST_CASE("tls_use says what asks for TLS besides URL and server", "[handshake]") {
  using innate::tls_use;
  session s;
  s.allow_tls(tls_use::preferred);
  CHECK(s.run(info).sent.starts_with("CONNECT {"));
  CHECK(s.run(may_tls_info).sent.starts_with("<tls>CONNECT {"));
  s.allow_tls(tls_use::required);
  CHECK(s.run(may_tls_info).sent.starts_with("<tls>CONNECT {"));
  const auto plain_server = s.run(info);
  CHECK(plain_server.code == errc::tls_unavailable);
  CHECK(plain_server.sent.empty());
  s.opts.tls.layer.reset();  // wanted, but there is nothing to do it with
  CHECK(s.run(may_tls_info).code == errc::tls_unavailable);
  CHECK(s.run(tls_info).code == errc::tls_required);
}

TEST_CASE("nkey, JWT and signature reach CONNECT", "[handshake]") {
  session s;
  s.opts.auth.nkey = "UKEY";
  s.opts.auth.jwt = "a.b.c";
  s.opts.auth.signature = "sig-_";
  const auto t = s.run(info + "PONG\r\n");
  CHECK(t.last == action::done);
  CHECK(contains(t.sent, R"("nkey":"UKEY")"));
  CHECK(contains(t.sent, R"("jwt":"a.b.c")"));
  CHECK(contains(t.sent, R"("sig":"sig-_")"));
}

TEST_CASE("a refusal of somebody who showed nothing says so", "[handshake]") {
  const std::string asks = R"(INFO {"server_id":"NA","proto":1,"headers":true,"auth_required":true,"nonce":"n"})"
                           "\r\n";
  session s;
  const auto refused = s.run(asks + "-ERR 'Authorization Violation'\r\n");
  CHECK(refused.code == errc::authentication_missing);
  CHECK(refused.detail == "Authorization Violation");
  s.opts.auth.token = "wrong";
  CHECK(s.run(asks + "-ERR 'Authorization Violation'\r\n").code == server_errc::authorization_violation);
  CHECK(s.run(asks + "PONG\r\n").last == action::done);  // a client certificate may have been enough
}
