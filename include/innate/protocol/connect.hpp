// SPDX-License-Identifier: Apache-2.0
/// What a client says of itself in CONNECT, both directions.
#pragma once

#include <innate/protocol/encoder.hpp>
#include <innate/protocol/errc.hpp>
#include <innate/protocol/error.hpp>
#include <innate/protocol/json.hpp>

#include <string>
#include <string_view>
#include <utility>

namespace innate::inline v0::protocol {

/// Field names are the protocol's.
struct connect_options {
  bool verbose = false;
  bool pedantic = false;
  bool tls_required = false;
  bool echo = true;
  bool headers = true;
  bool no_responders = true;
  int protocol = 1;
  std::string name{};
  std::string lang{};
  std::string version{};
  std::string user{};
  std::string pass{};
  std::string auth_token{};
  std::string nkey{};
  std::string jwt{};
  std::string sig{};
};

namespace connect_fields {

template <class Type>
struct field {
  std::string_view key;
  Type connect_options::* member;
};
inline constexpr field<bool> flags[] = {
    {"verbose", &connect_options::verbose},           {"pedantic", &connect_options::pedantic},
    {"tls_required", &connect_options::tls_required}, {"echo", &connect_options::echo},
    {"headers", &connect_options::headers},           {"no_responders", &connect_options::no_responders}};
inline constexpr field<std::string> strings[] = {
    {"name", &connect_options::name}, {"lang", &connect_options::lang}, {"version", &connect_options::version},
    {"user", &connect_options::user}, {"pass", &connect_options::pass}, {"auth_token", &connect_options::auth_token},
    {"nkey", &connect_options::nkey}, {"jwt", &connect_options::jwt},   {"sig", &connect_options::sig}};

}  // namespace connect_fields

/// The whole line. Empty strings are left out, but a user always brings its password.
[[nodiscard, gnu::cold]] inline std::string encode_connect(const connect_options& c) {
  std::string json = "{\"protocol\":" + std::to_string(c.protocol);
  for (const auto& f : connect_fields::flags)
    json.append(",\"").append(f.key).append(c.*f.member ? "\":true" : "\":false");
  for (const auto& f : connect_fields::strings) {
    const std::string& value = c.*f.member;
    if (value.empty() && !(f.key == "pass" && !c.user.empty())) continue;
    json.append(",\"").append(f.key).append("\":");
    append_json_string(json, value);
  }
  return connect_line(json += '}');
}

/// For whoever plays the server. Unknown keys are passed over; `protocol_error` when it is no JSON object or a known
/// key has a value of another type.
[[nodiscard]] inline result<connect_options> parse_connect(std::string_view json) {
  connect_options c;
  json_reader in{json};
  const bool good = in.read_document([&](std::string_view key) {
    for (const auto& f : connect_fields::flags)
      if (f.key == key) return in.read(c.*f.member);
    for (const auto& f : connect_fields::strings)
      if (f.key == key) return in.read(c.*f.member);
    return key == "protocol" ? in.read(c.protocol) : in.skip();
  });
  if (good) return c;
  return error{errc::protocol_error, "CONNECT cannot be read at byte " + std::to_string(in.position())};
}

}  // namespace innate::inline v0::protocol
