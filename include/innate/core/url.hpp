// SPDX-License-Identifier: Apache-2.0
/// Server URLs: `[nats://|tls://][user[:password]@|token@]host[:port]`, IPv6 addresses in brackets.
#pragma once

#include <innate/core/url_parts.hpp>
#include <innate/protocol/errc.hpp>
#include <innate/protocol/error.hpp>

#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace innate::inline v0::core {

/// What is needed to reach one server. A URL with a user but no password carries a token.
struct server_url {
  server_url() {}

  std::string scheme = "nats";  ///< `nats` or `tls`
  std::string host{};           ///< lower case, without brackets
  std::string user{};           ///< this and the next two are percent-decoded
  std::string password{};
  std::string token{};
  /// Of an address learnt from INFO: the name that the user gave for the cluster, which certificates are for.
  std::string tls_name{};
  std::uint16_t port = 4222;

  [[nodiscard]] bool tls() const noexcept { return scheme == "tls"; }
  [[nodiscard]] bool has_credentials() const noexcept { return !user.empty() || !token.empty(); }

  /// Whom a certificate has to be for.
  [[nodiscard]] const std::string& certificate_name() const noexcept { return tls_name.empty() ? host : tls_name; }

  /// `host:port` as INFO's `connect_urls` names servers.
  [[nodiscard, gnu::cold]] std::string address() const {
    const bool v6 = host.find(':') != host.npos;
    return (v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
  }

  /// `scheme://host:port`: never the credentials.
  [[nodiscard]] std::string to_string() const { return scheme + "://" + address(); }
};

/// One parse of one URL; `parse_url` is its only user.
class url_parser {
 public:
  explicit url_parser(std::string_view text) : x_text(url_parts::trim(text)) {}

  [[nodiscard, gnu::cold]] result<server_url> parse() {
    if (x_text.empty()) return refuse("is empty");
    std::string_view rest = x_text;
    if (!take_scheme(rest) || !take_userinfo(rest) || !take_host(rest) || !take_port(rest)) return x_why;
    return std::move(x_url);
  }

 private:
  [[gnu::cold]] error refuse(std::string_view why, errc code = errc::invalid_url,
                             std::string_view fix = "write nats://host:port or tls://host:port") {
    std::string detail = "server URL '" + url_parts::masked(x_text) + "' ";
    detail.append(why).append("; ").append(fix);
    return {code, std::move(detail)};
  }
  [[gnu::cold]] bool fail(std::string_view why) { return fail(refuse(why)); }
  bool fail(error why) {
    x_why = std::move(why);
    return false;
  }

  [[gnu::cold]] bool take_scheme(std::string_view& rest) {
    const auto end = rest.find("://");
    if (end == rest.npos) return true;
    x_url.scheme = url_parts::lower(rest.substr(0, end));
    rest.remove_prefix(end + 3);
    if (x_url.scheme.empty()) return fail("has an empty scheme");
    if (x_url.scheme == "nats" || x_url.scheme == "tls") return true;
    return fail(refuse("has the scheme '" + url_parts::printable(x_url.scheme) + "'", errc::unsupported_scheme,
                       "nats:// and tls:// are supported"));
  }

  [[gnu::cold]] bool take_userinfo(std::string_view& rest) {
    const auto at = rest.rfind('@');
    if (at == rest.npos) return true;
    const auto info = rest.substr(0, at);
    rest.remove_prefix(at + 1);
    if (info.find_first_of("/?#@") != info.npos)
      return fail(refuse("has a reserved character before the last '@'", errc::invalid_url,
                         "write / ? # @ in a user, password or token as %2F %3F %23 %40"));
    const auto colon = info.find(':');
    const bool has_password = colon != info.npos;
    auto& name = has_password ? x_url.user : x_url.token;
    const bool decoded = url_parts::percent_decode(info.substr(0, colon), name) &&
                         (!has_password || url_parts::percent_decode(info.substr(colon + 1), x_url.password));
    if (!decoded) return fail(refuse("has a bad percent escape", errc::invalid_url, "write % itself as %25"));
    return !name.empty() || fail(has_password ? "has a password but no user" : "has nothing before '@'");
  }

  [[gnu::cold]] bool take_host(std::string_view& rest) {
    std::string_view host;
    if (rest.starts_with('[')) {
      const auto end = rest.find(']');
      if (end == rest.npos) return fail("has a '[' without ']'");
      host = rest.substr(1, end - 1);
      rest.remove_prefix(end + 1);
      if (!url_parts::is_ipv6(host)) return fail("has no IPv6 address between the brackets");
    } else {
      const auto authority = rest.substr(0, rest.find_first_of("/?#"));
      if (authority.find(':') != authority.rfind(':'))
        return fail(refuse("has more than one ':' around the host", errc::invalid_url,
                           "write an IPv6 address in brackets, as in nats://[::1]:4222"));
      host = authority.substr(0, authority.find(':'));
      rest.remove_prefix(host.size());
      if (host.empty()) return fail("has no host");
      if (!url_parts::is_host(host)) return fail("has a character that no host name has");
    }
    x_url.host = url_parts::lower(host);
    return true;
  }

  [[gnu::cold]] bool take_port(std::string_view rest) {
    if (rest.ends_with('/') && rest.find('/') == rest.size() - 1) rest.remove_suffix(1);
    if (rest.empty()) return true;
    if (rest.find_first_of("/?#") != rest.npos)
      return fail(refuse("has something after the host and port", errc::invalid_url, "leave path and query out"));
    if (rest.front() != ':') return fail("has something between the host and the port");
    rest.remove_prefix(1);
    unsigned port = 0;
    const auto [end, failed] = std::from_chars(rest.data(), rest.data() + rest.size(), port);
    const bool whole = failed == std::errc{} && end == rest.data() + rest.size();
    if (!whole || port == 0 || port > 65'535)
      return fail(refuse("has the port '" + url_parts::printable(rest) + "'", errc::invalid_port,
                         "write a number from 1 to 65535 after the ':', or leave both out for 4222"));
    x_url.port = static_cast<std::uint16_t>(port);
    return true;
  }

  std::string_view x_text;
  server_url x_url;
  error x_why{};
};

/// Spaces around the URL are ignored; no scheme means `nats`, no port 4222. Fails with `invalid_url`,
/// `unsupported_scheme` or `invalid_port`; the detail names the URL, its password or token masked, and the
/// fix.
[[nodiscard, gnu::cold]] inline result<server_url> parse_url(std::string_view text) { return url_parser{text}.parse(); }

}  // namespace innate::inline v0::core
