// SPDX-License-Identifier: Apache-2.0
/// The handshake of one link, from the first byte to the first PONG, without a socket or a clock.
///
/// Order: every op received goes to `on_op`, until a step says `done` or `failed`; bytes of a `send` step are
/// written before the next op is taken. Ops behind the PONG belong to the connection. Credentials are asked for when
/// INFO has said what to sign, and never before TLS is up when TLS is wanted.
#pragma once

#include <innate/core/options.hpp>
#include <innate/core/url.hpp>
#include <innate/protocol/connect.hpp>
#include <innate/protocol/errc.hpp>
#include <innate/protocol/error.hpp>
#include <innate/protocol/info.hpp>
#include <innate/protocol/op.hpp>
#include <innate/protocol/server_error.hpp>
#include <innate/version.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace innate::inline v0::core {

/// Who to be for this server without an authenticator: what its URL carries, else what the callback answers now, else
/// the options. Throws only what the callback throws.
[[nodiscard, gnu::cold]] inline credentials credentials_for(const innate::options& opts, const server_url& url) {
  if (url.has_credentials()) {
    credentials own;
    own.user = url.user;
    own.password = url.password;
    own.token = url.token;
    return own;
  }
  return opts.auth_callback ? opts.auth_callback() : opts.auth;
}

class handshake {
 public:
  enum class action : std::uint8_t {
    need_more,     ///< nothing to do until the next op
    upgrade_tls,   ///< make the stream a TLS one, then call `on_tls`
    authenticate,  ///< find out who to be, then call `on_credentials`; `info().nonce` is there to be signed
    send,          ///< write `bytes`
    done,          ///< the server takes commands; `info()` is what it said about itself
    failed,        ///< close the link; `why` tells
  };

  struct step {
    action what = action::need_more;
    std::string bytes{};
    error why{};
  };

  /// `tls_active`: the stream is encrypted already. `opts` and `url` must outlive the handshake.
  handshake(const innate::options& opts, const server_url& url, bool tls_active)
      : x_options(opts), x_url(url), x_tls(tls_active) {}

  /// Fails with the `server_errc` of an `-ERR` and its text (`authentication_missing` when we had nothing to show that
  /// we are authorized); what reading INFO fails with;
  /// `unexpected_handshake` for an op that has no place here; `tls_required`, `tls_unavailable` and
  /// `no_echo_unsupported` when client, URL and server do not fit together.
  [[nodiscard, gnu::cold]] step on_op(const protocol::op& op) {
    using protocol::op_kind;
    if (op.kind == op_kind::err) return on_error(op.text);
    const bool info_fits = x_phase == phase::info || x_phase == phase::pong;
    if (op.kind == op_kind::info && info_fits) return on_info(op.text);
    if (x_phase != phase::pong) return fail(errc::unexpected_handshake, surprise("INFO", op));
    if (op.kind == op_kind::pong) return finish(action::done);
    if (op.kind == op_kind::ping) return send("PONG\r\n");
    if (op.kind == op_kind::ok && x_options.verbose) return {};
    return fail(errc::unexpected_handshake, surprise("PONG", op));
  }

  /// The stream is encrypted now.
  [[nodiscard]] step on_tls() {
    x_tls = true;
    return authenticate();
  }

  /// CONNECT and the first PING leave together; the PONG proves that CONNECT was accepted.
  [[nodiscard, gnu::cold]] step on_credentials(const credentials& who) {
    x_anonymous = who.empty();
    x_phase = phase::pong;
    return send(protocol::encode_connect(connect_options(who)) + "PING\r\n");
  }

  /// The newest INFO. Changes with `on_op`.
  [[nodiscard]] const protocol::server_info& info() const noexcept { return x_info; }

 private:
  enum class phase : std::uint8_t { info, tls, credentials, pong, over };

  [[gnu::cold]] step on_info(std::string_view json) {
    auto read = protocol::parse_info(json);
    if (!read) return fail(read.error().code, read.error().detail);
    x_info = std::move(*read);
    if (x_phase == phase::pong) return {};
    return x_tls || !tls_wanted() ? authenticate() : demand_tls();
  }

  /// A client certificate may be all the authentication there is, so that only the refusal shows what was missing.
  [[gnu::cold]] step on_error(std::string_view text) {
    const server_errc code = protocol::classify_server_error(text);
    const bool nothing_shown = code == server_errc::authorization_violation && x_anonymous && x_info.auth_required;
    return fail(nothing_shown ? make_error_code(errc::authentication_missing) : make_error_code(code),
                std::string{text});
  }

  [[nodiscard]] bool tls_wanted() const noexcept {
    const tls_use use = x_options.tls.use;
    return x_info.tls_required || x_url.tls() || use == tls_use::required || use == tls_use::first ||
           (use == tls_use::preferred && x_info.tls_available);
  }

  [[gnu::cold]] step demand_tls() {
    if (!x_options.tls.layer) {
      if (x_info.tls_required && !x_url.tls())
        return fail(errc::tls_required, x_url.to_string() + " takes TLS connections only, and this connection has no "
                                                            "TLS; set the option tls, as innate/tls.hpp shows");
      return fail(errc::tls_unavailable, x_url.to_string() + " is to be reached by TLS, which this connection has not "
                                                             "got; set the option tls, as innate/tls.hpp shows");
    }
    if (!x_info.tls_required && !x_info.tls_available)
      return fail(errc::tls_unavailable, x_url.to_string() + " offers no TLS, and this connection does not go without");
    x_phase = phase::tls;
    return {action::upgrade_tls, {}, {}};
  }

  [[gnu::cold]] step authenticate() {
    if (!x_options.echo && x_info.proto < 1)
      return fail(errc::no_echo_unsupported, x_url.to_string() + " cannot keep a client's own messages from it");
    x_phase = phase::credentials;
    return {action::authenticate, {}, {}};
  }

  [[nodiscard, gnu::cold]] protocol::connect_options connect_options(const credentials& who) const {
    protocol::connect_options c;
    c.verbose = x_options.verbose;
    c.pedantic = x_options.pedantic;
    c.tls_required = x_tls;
    c.name = x_options.name;
    c.lang = client_language;
    c.version = client_version;
    c.protocol = 1;
    c.echo = x_options.echo;
    c.headers = true;
    c.no_responders = x_info.headers;
    c.user = who.user;
    c.pass = who.password;
    c.auth_token = who.token;
    c.nkey = who.nkey;
    c.jwt = who.jwt;
    c.sig = who.signature;
    return c;
  }

  [[gnu::cold]] static std::string surprise(std::string_view expected, const protocol::op& op) {
    std::string text = "expected ";
    text.append(expected).append(", got ").append(protocol::to_string(op.kind));
    return text;
  }

  static step send(std::string bytes) { return {action::send, std::move(bytes), {}}; }
  step finish(action what) {
    x_phase = phase::over;
    return {what, {}, {}};
  }
  [[gnu::cold]] step fail(std::error_code code, std::string detail) {
    step s = finish(action::failed);
    s.why = {code, std::move(detail)};
    return s;
  }

  const innate::options& x_options;
  const server_url& x_url;
  protocol::server_info x_info;
  phase x_phase = phase::info;
  bool x_tls;
  bool x_anonymous = false;
};

}  // namespace innate::inline v0::core
