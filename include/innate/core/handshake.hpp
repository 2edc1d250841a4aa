// SPDX-License-Identifier: Apache-2.0
/// The handshake of one link, from the first byte to the first PONG, without a socket or a clock.
///
/// Order: every op received goes to `on_op`, until a step says `done` or `failed`; bytes of a `send` step are
/// written before the next op is taken. Ops behind the PONG belong to the connection. Credentials never leave
/// before TLS is up when the URL asks for TLS.
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

/// Who to be for this server: what its URL carries, else what the callback answers now, else the options.
/// Throws only what the callback throws.
[[nodiscard]] inline credentials credentials_for(const innate::options& opts, const server_url& url) {
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
    need_more,    ///< nothing to do until the next op
    upgrade_tls,  ///< make the stream a TLS one, then call `on_tls`
    send,         ///< write `bytes`
    done,         ///< the server takes commands; `info()` is what it said about itself
    failed,       ///< close the link; `why` tells
  };

  struct step {
    action what = action::need_more;
    std::string bytes{};
    error why{};
  };

  /// `tls_active`: the dialer gives an encrypted stream. `tls_available`: a plain one can be upgraded.
  /// `opts` and `url` must outlive the handshake.
  handshake(const innate::options& opts, const server_url& url, credentials auth, bool tls_active, bool tls_available)
      : x_options(opts), x_url(url), x_auth(std::move(auth)), x_tls(tls_active), x_tls_available(tls_available) {}

  /// Fails with the `server_errc` of an `-ERR` and its text; what reading INFO fails with;
  /// `unexpected_handshake` for an op that has no place here; `tls_required`, `tls_unavailable` and
  /// `no_echo_unsupported` when client, URL and server do not fit together.
  [[nodiscard]] step on_op(const protocol::op& op) {
    using protocol::op_kind;
    if (op.kind == op_kind::err) return fail(protocol::classify_server_error(op.text), std::string{op.text});
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
    return greet();
  }

  /// The newest INFO. Changes with `on_op`.
  [[nodiscard]] const protocol::server_info& info() const noexcept { return x_info; }

 private:
  enum class phase : std::uint8_t { info, tls, pong, over };

  step on_info(std::string_view json) {
    auto read = protocol::parse_info(json);
    if (!read) return fail(read.error().code, read.error().detail);
    x_info = std::move(*read);
    if (x_phase == phase::pong) return {};
    if (x_tls || !(x_info.tls_required || x_url.tls())) return greet();
    return demand_tls();
  }

  step demand_tls() {
    if (!x_tls_available) {
      if (x_url.tls())
        return fail(errc::tls_unavailable, x_url.to_string() + " asks for TLS, which this connection has not got");
      return fail(errc::tls_required,
                  x_url.to_string() + " takes TLS connections only, and this connection has no TLS");
    }
    if (!x_info.tls_required && !x_info.tls_available)
      return fail(errc::tls_unavailable, x_url.to_string() + " offers no TLS; use nats:// to go without");
    x_phase = phase::tls;
    return {action::upgrade_tls, {}, {}};
  }

  /// CONNECT and the first PING leave together; the PONG proves that CONNECT was accepted.
  step greet() {
    if (!x_options.echo && x_info.proto < 1)
      return fail(errc::no_echo_unsupported, x_url.to_string() + " cannot keep a client's own messages from it");
    x_phase = phase::pong;
    return send(protocol::encode_connect(connect_options()) + "PING\r\n");
  }

  [[nodiscard]] protocol::connect_options connect_options() const {
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
    c.user = x_auth.user;
    c.pass = x_auth.password;
    c.auth_token = x_auth.token;
    return c;
  }

  static std::string surprise(std::string_view expected, const protocol::op& op) {
    std::string text = "expected ";
    text.append(expected).append(", got ").append(protocol::to_string(op.kind));
    return text;
  }

  static step send(std::string bytes) { return {action::send, std::move(bytes), {}}; }
  step finish(action what) {
    x_phase = phase::over;
    return {what, {}, {}};
  }
  step fail(std::error_code code, std::string detail) {
    step s = finish(action::failed);
    s.why = {code, std::move(detail)};
    return s;
  }

  const innate::options& x_options;
  const server_url& x_url;
  credentials x_auth;
  protocol::server_info x_info;
  phase x_phase = phase::info;
  bool x_tls;
  bool x_tls_available;
};

}  // namespace innate::inline v0::core
