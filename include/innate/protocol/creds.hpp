// SPDX-License-Identifier: Apache-2.0
/// Credentials files: a user's JWT and the seed that signs for it, each in a block of its own.
///
/// A block is a line of dashes around `BEGIN` and a label, one line of content, and a line of dashes around `END`. The
/// label of one ends in `JWT`, that of the other in `SEED`. Whatever stands around the blocks is passed over.
#pragma once

#include <innate/protocol/errc.hpp>
#include <innate/protocol/error.hpp>
#include <innate/protocol/nkey.hpp>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

namespace innate::inline v0::protocol {

/// What a credentials file holds.
struct creds {
  creds(std::string token, nkey_seed key) noexcept : jwt(std::move(token)), seed(std::move(key)) {}

  std::string jwt;
  nkey_seed seed;
};

namespace creds_parts {

[[nodiscard]] constexpr std::string_view trim(std::string_view text) noexcept {
  constexpr std::string_view blank = " \t\r\n";
  const auto first = text.find_first_not_of(blank);
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(blank) - first + 1);
}

/// Takes the first line off `rest`, without blanks around it.
[[nodiscard]] constexpr std::string_view take_line(std::string_view& rest) noexcept {
  const auto end = rest.find('\n');
  const auto line = trim(rest.substr(0, end));
  rest.remove_prefix(end == rest.npos ? rest.size() : end + 1);
  return line;
}

/// What stands between the dashes of such a line; empty for every other line.
[[nodiscard]] constexpr std::string_view marker(std::string_view line) noexcept {
  if (!line.starts_with("---") || !line.ends_with("---")) return {};
  const auto first = line.find_first_not_of('-');
  if (first == line.npos) return {};
  return trim(line.substr(first, line.find_last_not_of('-') - first + 1));
}

/// The line inside the block whose label ends in `label`. `invalid_creds` says what of it is missing.
[[nodiscard]] inline result<std::string_view> block(std::string_view text, std::string_view label,
                                                    std::string_view name) {
  const auto refuse = [&](std::string_view why) {
    return error{errc::invalid_creds, std::string{name}.append(why).append(label).append(" block")};
  };
  while (!text.empty()) {
    const auto begin = marker(take_line(text));
    if (!begin.starts_with("BEGIN ") || !begin.ends_with(label)) continue;
    std::string_view content;
    while (!text.empty()) {
      const auto line = take_line(text);
      if (line.empty()) continue;
      if (line.starts_with("---")) {
        if (!marker(line).starts_with("END ")) return refuse(" has no END line after its ");
        return content.empty() ? result<std::string_view>{refuse(" has nothing in its ")} : content;
      }
      if (!content.empty()) return refuse(" has more than one line in its ");
      content = line;
    }
    return refuse(" has no END line after its ");
  }
  return refuse(" has no ");
}

/// Three parts of base64url, the last one being the issuer's signature; what they say is the server's business.
[[nodiscard]] constexpr bool looks_like_jwt(std::string_view text) noexcept {
  constexpr std::string_view allowed = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.";
  return std::count(text.begin(), text.end(), '.') == 2 && text.find("..") == text.npos && !text.starts_with('.') &&
         !text.ends_with('.') && text.find_first_not_of(allowed) == text.npos;
}

}  // namespace creds_parts

/// Fails with `nkey_wrong_kind` unless the seed is a user's, the only kind that may connect.
[[nodiscard]] inline result<nkey_seed> decode_user_seed(std::string_view text, std::string_view name) {
  auto seed = decode_nkey_seed(text, name);
  if (!seed || seed->kind() == nkey_kind::user) return seed;
  return error{errc::nkey_wrong_kind, std::string{name}
                                          .append(" is of kind ")
                                          .append(to_string(seed->kind()))
                                          .append("; a user's, which starts with SU, is needed")};
}

/// `name` says in errors what the text is, such as `creds file 'a.creds'`. Fails with `invalid_creds` (a block is
/// missing, cut off or holds something else), `invalid_nkey`, `nkey_checksum` or `nkey_wrong_kind`.
[[nodiscard]] inline result<creds> parse_creds(std::string_view text, std::string_view name = "the credentials") {
  const auto jwt = creds_parts::block(text, "JWT", name);
  if (!jwt) return jwt.error();
  if (!creds_parts::looks_like_jwt(*jwt))
    return error{errc::invalid_creds, std::string{name} + " has no JWT in its JWT block"};
  const auto line = creds_parts::block(text, "SEED", name);
  if (!line) return line.error();
  auto seed = decode_user_seed(*line, "the seed of " + std::string{name});
  if (!seed) return seed.error();
  return creds{std::string{*jwt}, std::move(*seed)};
}

/// A user's seed from a file's text: the SEED block where there is one, else the first line that is neither empty nor
/// starts with `#`. Fails as `parse_creds`.
[[nodiscard]] inline result<nkey_seed> parse_user_seed(std::string_view text, std::string_view name = "the nkey seed") {
  if (text.find("---") != text.npos) {
    const auto line = creds_parts::block(text, "SEED", name);
    if (!line) return line.error();
    return decode_user_seed(*line, "the seed of " + std::string{name});
  }
  std::string_view line;
  while (!text.empty() && (line.empty() || line.starts_with('#'))) line = creds_parts::take_line(text);
  return decode_user_seed(line.starts_with('#') ? std::string_view{} : line, name);
}

}  // namespace innate::inline v0::protocol
