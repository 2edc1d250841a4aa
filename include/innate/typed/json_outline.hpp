// SPDX-License-Identifier: Apache-2.0
/// Builds JSON documents piece by piece, to be read by people: indented, short lists on one line.
#pragma once

#include <innate/protocol/json.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace innate::inline v0::typed {

/// The end of the string that begins at `at`: the place of its closing quote.
[[nodiscard]] constexpr std::size_t end_of_json_string(std::string_view json, std::size_t at) noexcept {
  for (++at; at < json.size() && json[at] != '"'; ++at) at += json[at] == '\\' ? 1U : 0U;
  return at;
}

/// True when the list that begins at `at` has neither objects nor lists in it.
[[nodiscard]] constexpr bool is_flat_list(std::string_view json, std::size_t at) noexcept {
  for (++at; at < json.size() && json[at] != ']'; ++at) {
    if (json[at] == '{' || json[at] == '[') return false;
    if (json[at] == '"') at = end_of_json_string(json, at);
  }
  return true;
}

/// JSON without blanks between its tokens, laid out with two blanks a level and a line feed at the end.
[[nodiscard]] inline std::string indented(std::string_view json) {
  std::string out;
  std::size_t level = 0;
  bool flat = false;  // within a list on one line
  const auto new_line = [&] { out.append("\n").append(level * 2, ' '); };
  for (std::size_t at = 0; at != json.size(); ++at) {
    const char c = json[at];
    if (c == '"') {
      const auto end = end_of_json_string(json, at);
      out += json.substr(at, end - at + 1);
      at = end;
    } else if (c == '{' || c == '[') {
      out += c;
      if (at + 1 != json.size() && json[at + 1] == (c == '{' ? '}' : ']')) {
        out += json[++at];
        continue;
      }
      flat = c == '[' && is_flat_list(json, at);
      if (flat) continue;
      ++level;
      new_line();
    } else if (c == '}' || c == ']') {
      if (!flat) {
        --level;
        new_line();
      }
      flat = false;
      out += c;
    } else {
      out += c;
      if (c == ':' || (c == ',' && flat)) out += ' ';
      if (c == ',' && !flat) new_line();
    }
  }
  return out += '\n';
}

/// Without a key what is added is an element of a list, or the document.
class json_outline {
 public:
  void open(std::string_view key = {}) { put(key, "{"); }
  void close() { x_text += '}'; }
  void open_list(std::string_view key) { put(key, "["); }
  void close_list() { x_text += ']'; }
  void text(std::string_view key, std::string_view value) {
    put(key, "");
    protocol::append_json_string(x_text, value);
  }
  /// `json`: a complete value.
  void raw(std::string_view key, std::string_view json) { put(key, json); }
  /// `{"$ref": "…"}`.
  void reference(std::string_view key, std::string_view to) {
    open(key);
    text("$ref", to);
    close();
  }
  /// What is between the braces of an object, to be added to the one that is open.
  void members(std::string_view json) {
    if (!json.empty()) put({}, json);
  }

  [[nodiscard]] std::string document() const { return indented(x_text); }

 private:
  void put(std::string_view key, std::string_view value) {
    if (!x_text.empty() && x_text.back() != '{' && x_text.back() != '[') x_text += ',';
    if (!key.empty()) {
      protocol::append_json_string(x_text, key);
      x_text += ':';
    }
    x_text += value;
  }

  std::string x_text;
};

}  // namespace innate::inline v0::typed
