// SPDX-License-Identifier: Apache-2.0
/// Headers: a received block is read as a naive reader does; what was built is read back; nothing that could end a line
/// gets into what is built.
#include "fuzz.hpp"

#include <innate/protocol/headers.hpp>

#include <cctype>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace {

using fuzz::expect;
using innate::headers;
using innate::headers_view;
using pairs = std::vector<std::pair<std::string, std::string>>;

std::string_view trim(std::string_view s) {
  const auto first = s.find_first_not_of(" \t");
  return first == s.npos ? std::string_view{} : s.substr(first, s.find_last_not_of(" \t") - first + 1);
}

std::vector<std::string_view> lines_of(std::string_view block) {
  std::vector<std::string_view> lines;
  for (std::size_t at = 0; at <= block.size();) {
    const auto end = block.find("\r\n", at);
    lines.push_back(block.substr(at, end == block.npos ? block.npos : end - at));
    at = end == block.npos ? block.size() + 1 : end + 2;
  }
  return lines;
}

pairs naive(const std::vector<std::string_view>& lines) {
  pairs found;
  for (std::size_t i = 1; i < lines.size(); ++i) {
    const auto colon = lines[i].find(':');
    if (colon != 0 && colon != std::string_view::npos)
      found.emplace_back(lines[i].substr(0, colon), trim(lines[i].substr(colon + 1)));
  }
  return found;
}

void check_status(const headers_view& view, std::string_view first) {
  constexpr std::string_view version = "NATS/1.0";
  const auto rest = first.starts_with(version) ? trim(first.substr(version.size())) : std::string_view{};
  const bool digits = rest.size() >= 3 && std::isdigit(static_cast<unsigned char>(rest[0])) &&
                      std::isdigit(static_cast<unsigned char>(rest[1])) &&
                      std::isdigit(static_cast<unsigned char>(rest[2]));
  expect(view.status() == (digits ? std::stoi(std::string{rest.substr(0, 3)}) : 0), "the status is what the line says");
  expect(view.description() == (view.status() != 0 ? trim(rest.substr(3)) : std::string_view{}),
         "the description is what follows the status");
}

void read(std::string_view block) {
  const headers_view view{block};
  const auto lines = lines_of(block);
  const auto expected = naive(lines);
  pairs seen;
  for (const auto& h : view) seen.emplace_back(h.name, h.value);
  expect(seen == expected, "the headers are those of the naive reader");
  expect(view.raw() == block, "the block is there as it came");
  std::size_t at = 0;
  for (auto i = view.begin(); i != view.end(); ++at)
    expect(i->name == expected[at].first && (i++)->value == expected[at].second, "step by step it is the same");
  expect(at == expected.size(), "step by step they are as many");
  expect(view.size() == expected.size() && view.empty() == expected.empty(), "as many as there are");
  expect(view.valid() == (block.starts_with("NATS/1.0") && block.ends_with("\r\n\r\n")), "valid as documented");
  check_status(view, lines.front());
  for (const auto& [name, value] : expected) {
    std::vector<std::string_view> all;
    for (const auto& [other, of_other] : expected)
      if (other == name) all.push_back(of_other);
    expect(view.get(name) == all.front() && view.values(name) == all, "a name finds its values in order");
  }
  expect(!view.get("a:b"), "a name that cannot be is not found");
}

bool allowed(std::string_view name, std::string_view value) {
  for (const char c : name)
    if (!std::isgraph(static_cast<unsigned char>(c)) || c == ':' || static_cast<unsigned char>(c) > 126) return false;
  for (const char c : value)
    if (c == '\r' || c == '\n' || c == '\0') return false;
  return !name.empty();
}

template <class Call>
bool throws(Call call) {
  try {
    call();
  } catch (const std::system_error& e) {
    return e.code() == innate::errc::invalid_header;
  }
  return false;
}

/// Lines `name=value` are added, `!name=value` replaces, `-name` erases.
void build(std::string_view input) {
  headers built;
  pairs expected;
  bool first = true;
  const auto drop = [&](std::string_view name) {
    std::erase_if(expected, [&](const auto& pair) { return pair.first == name; });
  };
  while (!input.empty()) {
    auto line = fuzz::take_until(input, '\n');
    const char what = line.empty() ? ' ' : line.front();
    if (what == '!' || what == '-') line.remove_prefix(1);
    const auto name = fuzz::take_until(line, '=');
    if (what == '-') {
      built.erase(name);
      drop(name);
      continue;
    }
    if (!allowed(name, line)) {
      expect(bool{built.try_add(name, line)}, "what could end a line or a name is refused");
      // Once is enough: with sanitizers, throwing is slow.
      if (std::exchange(first, false))
        expect(throws([&] { built.add(name, line); }) && throws([&] { built.set(name, line); }), "also by throwing");
      continue;
    }
    if (what == '!') {
      built.set(name, line);
      drop(name);
    } else {
      expect(!built.try_add(name, line), "what is allowed gets in");
    }
    expected.emplace_back(name, trim(line));
  }
  const headers_view view = built;
  pairs seen;
  for (const auto& h : view) seen.emplace_back(h.name, h.value);
  expect(seen == expected, "what was built is read back");
  expect(built.empty() == expected.empty(), "without headers there is no block");
  expect(built.empty() || view.valid(), "what was built is valid");
}

}  // namespace

void fuzz::run(std::string_view input) {
  read(input);
  build(input);
}
