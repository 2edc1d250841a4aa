// SPDX-License-Identifier: Apache-2.0
/// Just enough JSON for INFO and CONNECT: a strict reader over a flat object with bounded depth, and a string writer.
#pragma once

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace innate::inline v0::protocol {

/// Reads front to back. The first fault makes everything after it fail too; `good()` tells, `position()` says where.
class json_reader {
 public:
  explicit json_reader(std::string_view text, int max_depth = 32) noexcept : x_text(text), x_max_depth(max_depth) {}

  [[nodiscard]] bool good() const noexcept { return x_good; }
  /// The fault was that arrays and objects are nested beyond `max_depth`.
  [[nodiscard]] bool too_deep() const noexcept { return x_too_deep; }
  [[nodiscard]] std::size_t position() const noexcept { return x_at; }

  /// Calls `member(key)` for each member of the object, which must read the value; nothing may follow the object.
  template <class Member>
  [[gnu::cold]] bool read_document(Member member) {
    if (!read_members(member)) return false;
    skip_blanks();
    return x_at == x_text.size() || fail();
  }

  bool read(std::string& out) { return read_string(&out); }

  bool read(bool& out) {
    skip_blanks();
    if (take_word("true")) return out = true;
    if (!take_word("false")) return fail();
    out = false;
    return true;
  }

  template <class Integer>
    requires std::is_integral_v<Integer>
  bool read(Integer& out) {
    skip_blanks();
    const char* const begin = x_text.data() + x_at;
    const auto start = x_at;
    if (!skip_number()) return false;
    const char* const end = x_text.data() + x_at;
    const auto [stop, bad] = std::from_chars(begin, end, out);
    if (bad == std::errc{} && stop == end) return true;
    x_at = start;
    return fail();
  }

  bool read(std::vector<std::string>& out) {
    out.clear();
    if (take_word_after_blanks("null")) return true;
    return read_list([&] { return read(out.emplace_back()); });
  }

  /// Passes over any value, checking it.
  bool skip() { return skip_value(0); }

  /// Passes over one value that is all there is.
  bool skip_document() {
    if (!skip()) return false;
    skip_blanks();
    return x_at == x_text.size() || fail();
  }

 private:
  bool fail() noexcept {
    x_good = false;
    return false;
  }

  void skip_blanks() noexcept {
    while (x_at != x_text.size() && std::string_view{" \t\r\n"}.find(x_text[x_at]) != std::string_view::npos) ++x_at;
  }
  [[nodiscard]] char peek() const noexcept { return x_at == x_text.size() ? '\0' : x_text[x_at]; }
  bool take(char c) noexcept {
    skip_blanks();
    if (!x_good || peek() != c || x_at == x_text.size()) return false;
    ++x_at;
    return true;
  }
  bool take_word(std::string_view word) noexcept {
    if (!x_good || !x_text.substr(x_at).starts_with(word)) return false;
    x_at += word.size();
    return true;
  }
  bool take_word_after_blanks(std::string_view word) noexcept {
    skip_blanks();
    return take_word(word);
  }

  template <class Member>
  [[gnu::cold]] bool read_members(Member& member) {
    if (!take('{')) return fail();
    if (take('}')) return true;
    do {
      std::string key;
      if (!read_string(&key) || !take(':')) return fail();
      if (!member(std::string_view{key})) return fail();
    } while (take(','));
    return take('}') || fail();
  }

  template <class Item>
  [[gnu::cold]] bool read_list(Item item) {
    if (!take('[')) return fail();
    if (take(']')) return true;
    do {
      if (!item()) return fail();
    } while (take(','));
    return take(']') || fail();
  }

  [[gnu::cold]] bool skip_value(int depth) {
    skip_blanks();
    if (depth == x_max_depth && (peek() == '{' || peek() == '[')) {
      x_too_deep = true;
      return fail();
    }
    switch (peek()) {
    case '{': return skip_members(depth);
    case '[': return read_list([&] { return skip_value(depth + 1); });
    case '"': return read_string(nullptr);
    case 't': return take_word("true") || fail();
    case 'f': return take_word("false") || fail();
    case 'n': return take_word("null") || fail();
    default: return skip_number();
    }
  }

  bool skip_members(int depth) {
    if (!take('{')) return fail();
    if (take('}')) return true;
    do {
      if (!read_string(nullptr) || !take(':') || !skip_value(depth + 1)) return fail();
    } while (take(','));
    return take('}') || fail();
  }

  bool skip_digits() noexcept {
    const auto start = x_at;
    while (peek() >= '0' && peek() <= '9') ++x_at;
    return x_at != start || fail();
  }
  [[gnu::cold]] bool skip_number() noexcept {
    if (!x_good) return false;
    if (peek() == '-') ++x_at;
    if (peek() == '0') {
      ++x_at;
    } else if (!skip_digits()) {
      return false;
    }
    if (peek() == '.') {
      ++x_at;
      if (!skip_digits()) return false;
    }
    if (peek() == 'e' || peek() == 'E') {
      ++x_at;
      if (peek() == '+' || peek() == '-') ++x_at;
      return skip_digits();
    }
    return true;
  }

  [[gnu::cold]] bool read_string(std::string* out) {
    if (!take('"')) return fail();
    if (out) out->clear();
    while (x_at != x_text.size()) {
      const char c = x_text[x_at++];
      if (c == '"') return true;
      if (static_cast<unsigned char>(c) < 0x20) return fail();
      if (c != '\\') {
        if (out) *out += c;
      } else if (!read_escape(out)) {
        return fail();
      }
    }
    return fail();
  }

  bool read_escape(std::string* out) {
    if (x_at == x_text.size()) return false;
    const char c = x_text[x_at++];
    if (c == 'u') return read_code_point(out);
    constexpr std::string_view from = "\"\\/bfnrt";
    constexpr std::string_view to = "\"\\/\b\f\n\r\t";
    const auto found = from.find(c);
    if (found == from.npos) return false;
    if (out) *out += to[found];
    return true;
  }

  bool read_hex(std::uint32_t& unit) noexcept {
    if (x_text.size() - x_at < 4) return false;
    const char* const begin = x_text.data() + x_at;
    const auto [stop, bad] = std::from_chars(begin, begin + 4, unit, 16);
    x_at += 4;
    return bad == std::errc{} && stop == begin + 4;
  }

  bool read_code_point(std::string* out) {
    std::uint32_t unit = 0;
    if (!read_hex(unit) || (unit >= 0xDC00 && unit <= 0xDFFF)) return false;
    if (unit >= 0xD800 && unit <= 0xDBFF) {
      std::uint32_t low = 0;
      if (!take_word("\\u") || !read_hex(low) || low < 0xDC00 || low > 0xDFFF) return false;
      unit = 0x10000 + ((unit - 0xD800) << 10U) + (low - 0xDC00);
    }
    if (out) append_utf8(*out, unit);
    return true;
  }

  static void append_utf8(std::string& out, std::uint32_t c) {
    const auto put = [&](std::uint32_t byte) { out += static_cast<char>(static_cast<unsigned char>(byte)); };
    if (c < 0x80) return put(c);
    if (c < 0x800) {
      put(0xC0 | (c >> 6U));
    } else if (c < 0x10000) {
      put(0xE0 | (c >> 12U));
      put(0x80 | ((c >> 6U) & 0x3FU));
    } else {
      put(0xF0 | (c >> 18U));
      put(0x80 | ((c >> 12U) & 0x3FU));
      put(0x80 | ((c >> 6U) & 0x3FU));
    }
    put(0x80 | (c & 0x3FU));
  }

  std::string_view x_text;
  int x_max_depth;
  std::size_t x_at = 0;
  bool x_good = true;
  bool x_too_deep = false;
};

/// Appends `text` as a JSON string, quotes included; bytes from 0x20 on pass as they are.
inline void append_json_string(std::string& out, std::string_view text) {
  constexpr std::string_view hex = "0123456789abcdef";
  out += '"';
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20) {
      out.append("\\u00").append(1, hex[byte >> 4U]).append(1, hex[byte & 15U]);
    } else {
      out += c;
    }
  }
  out += '"';
}

}  // namespace innate::inline v0::protocol
