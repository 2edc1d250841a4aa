// SPDX-License-Identifier: Apache-2.0
/// The small rules that server URLs are made of: percent escapes, host characters, and what may be shown in
/// an error.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace innate::inline v0::core::url_parts {

[[nodiscard]] constexpr std::string_view trim(std::string_view text) noexcept {
  constexpr std::string_view blank = " \t\r\n";
  const auto first = text.find_first_not_of(blank);
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(blank) - first + 1);
}

[[nodiscard, gnu::cold]] inline std::string lower(std::string_view text) {
  std::string out{text};
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

[[nodiscard]] constexpr int hex_value(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/// False at a `%` that two hexadecimal digits do not follow.
[[nodiscard, gnu::cold]] inline bool percent_decode(std::string_view text, std::string& out) {
  out.clear();
  for (std::size_t i = 0; i != text.size(); ++i) {
    if (text[i] != '%') {
      out.push_back(text[i]);
      continue;
    }
    if (text.size() - i < 3) return false;
    const int high = hex_value(text[i + 1]);
    const int low = hex_value(text[i + 2]);
    if (high < 0 || low < 0) return false;
    out.push_back(static_cast<char>(high * 16 + low));
    i += 2;
  }
  return true;
}

[[nodiscard]] constexpr bool is_alphanumeric(char c) noexcept {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/// A name or an IPv4 address. Bytes beyond ASCII are left to the resolver.
[[nodiscard]] constexpr bool is_host(std::string_view host) noexcept {
  for (const char c : host) {
    const bool beyond_ascii = static_cast<unsigned char>(c) >= 0x80;
    if (!is_alphanumeric(c) && c != '-' && c != '_' && c != '.' && !beyond_ascii) return false;
  }
  return !host.empty() && host.size() <= 255;
}

/// By its characters only; a zone such as `%eth0` may follow.
[[nodiscard]] constexpr bool is_ipv6(std::string_view host) noexcept {
  const auto address = host.substr(0, host.find('%'));
  for (const char c : address)
    if (hex_value(c) < 0 && c != ':' && c != '.') return false;
  const auto zone = host.substr(address.size());
  return address.find(':') != address.npos && (zone.empty() || (zone.size() > 1 && is_host(zone.substr(1))));
}

/// Four numbers with dots between; host names that look like that do not exist.
[[nodiscard]] constexpr bool is_ipv4(std::string_view host) noexcept {
  int dots = 0;
  for (const char c : host) {
    if (c == '.')
      ++dots;
    else if (c < '0' || c > '9')
      return false;
  }
  return dots == 3;
}

[[nodiscard]] constexpr bool is_ip(std::string_view host) noexcept { return is_ipv4(host) || is_ipv6(host); }

/// Control bytes as `?`, so that an error message stays on its line.
[[nodiscard, gnu::cold]] inline std::string printable(std::string_view text) {
  std::string out{text};
  for (char& c : out)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
  return out;
}

/// The URL with `***` in place of its password or token, for error messages; works for malformed ones.
[[nodiscard, gnu::cold]] inline std::string masked(std::string_view url) {
  const auto at = url.rfind('@');
  if (at == url.npos) return printable(url);
  const auto scheme = url.substr(0, at).find("://");
  const auto start = scheme == url.npos ? 0 : scheme + 3;
  const auto colon = url.substr(0, at).find(':', start);
  // With another '@' before it, what stands before the colon may be a token.
  const bool user = colon != url.npos && url.substr(start, colon - start).find('@') == url.npos;
  const auto secret = user ? colon + 1 : start;
  return printable(std::string{url.substr(0, secret)} + "***" + std::string{url.substr(at)});
}

}  // namespace innate::inline v0::core::url_parts
