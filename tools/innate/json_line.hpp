// SPDX-License-Identifier: Apache-2.0
/// A message as one JSON object on one line; payloads that are not UTF-8 go as base64.
#pragma once

#include <innate/message.hpp>
#include <innate/protocol/json.hpp>
#include <innate/typed/utf8.hpp>

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace cli {

[[nodiscard]] inline std::string base64(std::string_view bytes) {
  constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t group = 0;
    const auto count = std::min<std::size_t>(3, bytes.size() - i);
    for (std::size_t k = 0; k != 3; ++k)
      group = group << 8U | (k < count ? static_cast<unsigned char>(bytes[i + k]) : 0U);
    for (std::size_t k = 0; k != 4; ++k) out += k <= count ? alphabet[group >> (18 - 6 * k) & 63U] : '=';
  }
  return out;
}

[[nodiscard]] inline std::string json_line(const innate::message& m) {
  using innate::protocol::append_json_string;
  std::string out = "{\"subject\":";
  append_json_string(out, m.subject());
  out += ",\"reply\":";
  append_json_string(out, m.reply());
  out += ",\"headers\":{";
  std::vector<std::string_view> seen;
  for (const auto& h : m.headers()) {
    if (std::find(seen.begin(), seen.end(), h.name) != seen.end()) continue;
    if (!seen.empty()) out += ',';
    seen.push_back(h.name);
    append_json_string(out, h.name);
    char before = '[';
    out += ':';
    for (const auto value : m.headers().values(h.name)) {
      out += before;
      append_json_string(out, value);
      before = ',';
    }
    out += ']';
  }
  const bool text = innate::typed::is_utf8(m.data());
  out += text ? "},\"data\":" : "},\"data_base64\":";
  append_json_string(out, text ? std::string{m.data()} : base64(m.data()));
  return out += '}';
}

}  // namespace cli
