// SPDX-License-Identifier: Apache-2.0
/// What a server says of itself in INFO.
#pragma once

#include <innate/protocol/errc.hpp>
#include <innate/protocol/error.hpp>
#include <innate/protocol/json.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace innate::inline v0::protocol {

/// Field names are the protocol's; see `ServerInfo` in its documentation.
struct server_info {
  std::string server_id{};
  std::string server_name{};
  std::string version{};
  std::string go{};
  std::string host{};
  std::string nonce{};
  std::string cluster{};
  std::string domain{};
  std::string client_ip{};
  std::string ip{};
  std::string remote_account{};
  std::vector<std::string> connect_urls{};
  std::vector<std::string> ws_connect_urls{};
  std::uint64_t client_id = 0;
  std::uint64_t max_payload = 0;  ///< bytes of headers and payload; 0: not told
  int port = 0;
  int proto = 0;
  int api_lvl = 0;
  bool headers = false;
  bool auth_required = false;
  bool tls_required = false;
  bool tls_verify = false;
  bool tls_available = false;
  bool jetstream = false;
  bool ldm = false;  ///< lame duck mode
  bool connect_info = false;
  bool acc_is_sys = false;
};

namespace info_fields {

template <class Type>
struct field {
  std::string_view key;
  Type server_info::* member;
};

inline constexpr field<std::string> strings[] = {{"server_id", &server_info::server_id},
                                                 {"server_name", &server_info::server_name},
                                                 {"version", &server_info::version},
                                                 {"go", &server_info::go},
                                                 {"host", &server_info::host},
                                                 {"nonce", &server_info::nonce},
                                                 {"cluster", &server_info::cluster},
                                                 {"domain", &server_info::domain},
                                                 {"client_ip", &server_info::client_ip},
                                                 {"ip", &server_info::ip},
                                                 {"remote_account", &server_info::remote_account}};
inline constexpr field<std::vector<std::string>> lists[] = {{"connect_urls", &server_info::connect_urls},
                                                            {"ws_connect_urls", &server_info::ws_connect_urls}};
inline constexpr field<std::uint64_t> counts[] = {{"client_id", &server_info::client_id},
                                                  {"max_payload", &server_info::max_payload}};
inline constexpr field<int> numbers[] = {
    {"port", &server_info::port}, {"proto", &server_info::proto}, {"api_lvl", &server_info::api_lvl}};
inline constexpr field<bool> flags[] = {{"headers", &server_info::headers},
                                        {"auth_required", &server_info::auth_required},
                                        {"tls_required", &server_info::tls_required},
                                        {"tls_verify", &server_info::tls_verify},
                                        {"tls_available", &server_info::tls_available},
                                        {"jetstream", &server_info::jetstream},
                                        {"ldm", &server_info::ldm},
                                        {"connect_info", &server_info::connect_info},
                                        {"acc_is_sys", &server_info::acc_is_sys}};

/// Reads the value of `key` if one of `fields` has it; `known` says so.
template <class Fields>
[[gnu::cold]] bool read(json_reader& in, std::string_view key, const Fields& fields, server_info& out, bool& known) {
  for (const auto& f : fields) {
    if (f.key != key) continue;
    known = true;
    return in.read(out.*f.member);
  }
  return true;
}

}  // namespace info_fields

/// Keys in any order; unknown ones are checked and passed over. `invalid_info` when it is no JSON object or a known key
/// has a value of another type; the detail says where.
[[nodiscard, gnu::cold]] inline result<server_info> parse_info(std::string_view json) {
  server_info info;
  json_reader in{json};
  std::string last;
  const bool good = in.read_document([&](std::string_view key) {
    last = key;
    bool known = false;
    using namespace info_fields;
    return read(in, key, strings, info, known) && read(in, key, lists, info, known) &&
           read(in, key, counts, info, known) && read(in, key, numbers, info, known) &&
           read(in, key, flags, info, known) && (known || in.skip());
  });
  if (good) return info;
  auto where = "at byte " + std::to_string(in.position());
  if (!last.empty()) where += ", near the key '" + last.substr(0, 64) + "'";
  return error{errc::invalid_info, std::move(where)};
}

}  // namespace innate::inline v0::protocol
