// SPDX-License-Identifier: Apache-2.0
/// Server URLs: what is read has all its parts in range and, written out again, is read the same; a refusal shows no
/// password.
#include "fuzz.hpp"

#include <innate/core/url.hpp>

#include <algorithm>
#include <string>
#include <string_view>

namespace {

namespace core = innate::core;
using fuzz::expect;

std::string percent(std::string_view text) {
  constexpr std::string_view hex = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (core::url_parts::is_alphanumeric(c))
      out += c;
    else
      out.append("%").append(1, hex[byte >> 4U]).append(1, hex[byte & 15U]);
  }
  return out;
}

std::string with_credentials(const core::server_url& url) {
  auto out = url.scheme + "://";
  if (!url.token.empty())
    out += percent(url.token) + "@";
  else if (!url.user.empty())
    out += percent(url.user) + ":" + percent(url.password) + "@";
  return out + url.address();
}

bool same(const core::server_url& a, const core::server_url& b) {
  return a.scheme == b.scheme && a.host == b.host && a.port == b.port && a.user == b.user && a.password == b.password &&
         a.token == b.token;
}

}  // namespace

void fuzz::run(std::string_view input) {
  const auto url = core::parse_url(input);
  if (!url) {
    const auto said = url.error().message();
    expect(bool{url.error().code} && !url.error().detail.empty(), "a refusal has a code and a reason");
    expect(std::none_of(said.begin(), said.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; }),
           "a refusal stays on its line");
  } else {
    expect(url->scheme == "nats" || url->scheme == "tls", "the scheme is one of ours");
    expect(!url->host.empty() && url->port != 0, "there are a host and a port");
    expect(url->token.empty() || (url->user.empty() && url->password.empty()), "a token stands alone");
    const auto plain = core::parse_url(url->to_string());
    expect(plain && plain->host == url->host && plain->port == url->port, "an address is read as it was");
    expect(!plain->has_credentials(), "an address has no credentials");
    const auto again = core::parse_url(with_credentials(*url));
    expect(again && same(*again, *url), "written out it is read as it was");
  }
  if (input.find("s3cr3t") != input.npos) return;
  // Whatever is wrong with a URL: its secret is not shown.
  const std::string secret = "s3cr3t%20";
  for (const auto& bad :
       {"nats://joe:" + secret + "@" + std::string{input}, "nats://" + secret + "@" + std::string{input},
        "nats://joe:" + secret + std::string{input} + "@h ost"}) {
    const auto refused = core::parse_url(bad);
    if (!refused) expect(refused.error().message().find("s3cr3t") == std::string::npos, "no secret is shown");
    expect(core::url_parts::masked(bad).find("s3cr3t") == std::string::npos, "no secret is shown when masked");
  }
}
