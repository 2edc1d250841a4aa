// SPDX-License-Identifier: Apache-2.0
#include "common.hpp"

#include <chrono>
#include <ctime>
#include <iostream>
#include <iterator>

namespace cli {

innate::duration read_duration(const std::string& text, std::string_view option) {
  auto read = innate::parse_duration(text);
  if (!read) throw failure("option " + std::string{option} + ": " + read.error().message());
  return *read;
}

innate::headers read_headers(const std::vector<std::string>& lines) {
  innate::headers h;
  for (const auto& line : lines) {
    const auto colon = line.find(':');
    if (colon == line.npos) throw failure("header '" + line + "' has no colon; write Name:value");
    auto value = line.substr(colon + 1);
    value.erase(0, value.find_first_not_of(' '));
    h.add(line.substr(0, colon), value);
  }
  return h;
}

std::string read_body(const std::string& given, bool is_given) {
  if (is_given) return given;
  return {std::istreambuf_iterator<char>{std::cin}, std::istreambuf_iterator<char>{}};
}

namespace {

void replace_all(std::string& text, std::string_view from, const std::function<std::string()>& to) {
  for (std::size_t at = text.find(from); at != text.npos; at = text.find(from, at)) {
    const auto with = to();
    text.replace(at, from.size(), with);
    at += with.size();
  }
}

std::string time_now() {
  const auto now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  std::tm utc{};
  ::gmtime_r(&now, &utc);
  char text[32];
  return {text, std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &utc)};
}

}  // namespace

std::string fill_template(const std::string& body, std::uint64_t count) {
  if (body.find("{{") == body.npos) return body;
  static innate::protocol::nuid ids;
  auto filled = body;
  replace_all(filled, "{{Count}}", [&] { return std::to_string(count); });
  replace_all(filled, "{{Time}}", time_now);
  replace_all(filled, "{{ID}}", [] {
    const auto id = ids.next();
    return std::string{id.data(), id.size()};
  });
  return filled;
}

void check(innate::connection& nc, std::error_code code) {
  if (!code) return;
  const auto& last = nc.last_error();
  throw failure(last.code == code ? last.message() : code.message());
}

}  // namespace cli
