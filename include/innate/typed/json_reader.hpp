// SPDX-License-Identifier: Apache-2.0
/// Reads payloads from JSON with simdjson: fields in any order, fastest in the declared one; what is wrong is named.
///
/// Unknown fields are passed over, but checked to be JSON, as simdjson alone would not do. Strings without escapes stay
/// where they are in the payload; the others are unescaped into a `text_arena`.
#pragma once

#include <innate/meta/eight_bytes.hpp>
#include <innate/protocol/errc.hpp>
#include <innate/protocol/error.hpp>
#include <innate/protocol/json.hpp>
#include <innate/typed/fields.hpp>
#include <innate/typed/text_arena.hpp>

#include <simdjson.h>

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace innate::inline v0::typed {

class json_reader {
 public:
  /// `text` must have `simdjson::SIMDJSON_PADDING` readable bytes behind it.
  json_reader(std::string_view text, text_arena& arena) noexcept : x_text(text), x_arena(arena) {}

  /// Reads the whole text; false when it is not what `T` says, and `failure()` then tells what and where.
  template <class T>
  [[nodiscard]] bool read_document(T& into) {
    if constexpr (is_variant<T>)
      return read_alternative(into);
    else
      return read_root(into);
  }

  [[nodiscard]] error failure() const {
    const auto where = x_path.empty() ? std::string{"the payload"} : "field '" + x_path + "'";
    return {x_code, where + " at byte " + std::to_string(x_offset) + ": " + x_reason};
  }

 private:
  using value = simdjson::ondemand::value;
  static constexpr std::size_t none = static_cast<std::size_t>(-1);
  static constexpr std::size_t refused = none - 1;

  template <class T>
  bool read_root(T& into);
  template <class... Alternatives>
  bool read_alternative(std::variant<Alternatives...>& into);
  template <class T>
  bool read(value v, T& into);
  template <class T>
  bool read_object(simdjson::ondemand::object object, T& into);
  template <class T>
  bool read_list(simdjson::ondemand::array list, T& into);
  template <class T>
  bool read_map(simdjson::ondemand::object object, T& into);
  template <class T>
  bool read_number(value v, T& into);
  static simdjson::error_code read_real(value& v, double& into);
  template <class T>
  bool read_enum(value v, T& into);
  template <class T>
  bool lacks_fields(std::uint64_t seen);
  template <class T>
  [[nodiscard]] std::size_t find_field(simdjson::ondemand::field& f, std::size_t expected);

  /// One array or object deeper, for as long as it is read.
  class level {
   public:
    explicit level(int& depth) noexcept : x_depth(depth) { ++x_depth; }
    level(const level&) = delete;
    level& operator=(const level&) = delete;
    ~level() { --x_depth; }
    [[nodiscard]] bool too_deep() const noexcept { return x_depth > max_payload_depth; }

   private:
    int& x_depth;
  };
  bool refuse_depth() { return refuse(errc::payload_too_deep, too_deep_text, x_text.data() + x_text.size()); }
  static constexpr auto too_deep_text = "arrays and objects are nested too deeply";

  /// From `at` on, where simdjson has seen a closing quote; up to eight bytes behind it are read.
  [[nodiscard]] static const char* first_quote_or_backslash(const char* at) noexcept {
    constexpr std::uint64_t ones = 0x0101010101010101;
    constexpr auto zero_byte = [](std::uint64_t w) { return (w - ones) & ~w & (ones * 0x80); };
    for (;; at += 8) {
      const auto word = meta::eight_bytes::load(at);
      const auto found = zero_byte(word ^ (ones * '"')) | zero_byte(word ^ (ones * '\\'));
      if (found != 0) return at + std::countr_zero(found) / 8;
    }
  }

  bool read_text(value& v, std::string_view& into) {
    simdjson::ondemand::raw_json_string raw;
    if (v.get_raw_json_string().get(raw)) return mismatch("a string", v);
    const char* const begin = raw.raw();
    const char* end = first_quote_or_backslash(begin);
    if (*end == '"') {
      into = {begin, static_cast<std::size_t>(end - begin)};
      return true;
    }
    while (*end != '"') end += *end == '\\' ? 2 : 1;
    const auto size = static_cast<std::size_t>(end - begin);
    auto* at = reinterpret_cast<std::uint8_t*>(x_arena.allocate(size + simdjson::SIMDJSON_PADDING));
    if (parser().unescape(raw, at).get(into))
      return refuse(errc::payload_not_json, "a wrong escape in a string", begin);
    return true;
  }

  bool read_time(value& v, timestamp& into) {
    std::string_view text;
    if (!read_text(v, text)) return false;
    const auto time = timestamp::parse(text);
    if (!time) return refuse(errc::payload_out_of_range, "expected an RFC 3339 time, found '" + shown(text) + "'", v);
    into = *time;
    return true;
  }

  /// The text of any value, checked to be JSON.
  bool read_raw(value& v, std::string_view& into) {
    simdjson::ondemand::json_type type{};
    if (const auto bad = v.type().get(type)) return broken(bad);
    simdjson::error_code bad = simdjson::SUCCESS;
    if (type == simdjson::ondemand::json_type::object) {
      simdjson::ondemand::object object;
      bad = v.get_object().get(object);
      if (!bad) bad = object.raw_json().get(into);
    } else if (type == simdjson::ondemand::json_type::array) {
      simdjson::ondemand::array list;
      bad = v.get_array().get(list);
      if (!bad) bad = list.raw_json().get(into);
    } else {
      into = token(v);
      // Passing over a string that was not taken, simdjson would let a second ':' follow it.
      simdjson::ondemand::raw_json_string taken;
      if (type == simdjson::ondemand::json_type::string) bad = v.get_raw_json_string().get(taken);
    }
    if (bad) return broken(bad);
    protocol::json_reader check{into, max_payload_depth};
    if (check.skip_document()) return true;
    const char* const at = into.data() + check.position();
    if (check.too_deep()) return refuse(errc::payload_too_deep, too_deep_text, at);
    return refuse(errc::payload_not_json, "this is not JSON", at);
  }

  // ---- What went wrong

  static simdjson::ondemand::parser& parser() {
    thread_local simdjson::ondemand::parser one;
    return one;
  }

  [[nodiscard]] static std::string_view token(value& v) noexcept {
    auto text = v.raw_json_token();
    while (!text.empty() && (text.back() == ' ' || text.back() == '\n' || text.back() == '\r' || text.back() == '\t'))
      text.remove_suffix(1);
    return text;
  }
  [[nodiscard]] static std::string shown(std::string_view text) { return std::string{text.substr(0, 64)}; }

  [[nodiscard]] static std::string_view kind_of(std::string_view token) noexcept {
    switch (token.empty() ? '\0' : token.front()) {
    case '{': return "an object";
    case '[': return "an array";
    case '"': return "a string";
    case 't':
    case 'f': return "a boolean";
    case 'n': return "null";
    default: return "a number";
    }
  }

  bool refuse(errc code, std::string reason, const char* at) {
    x_code = code;
    x_reason = std::move(reason);
    x_offset = at >= x_text.data() && at <= x_text.data() + x_text.size() ? static_cast<std::size_t>(at - x_text.data())
                                                                          : x_text.size();
    return false;
  }
  bool refuse(errc code, std::string reason, value& v) {
    return refuse(code, std::move(reason), v.raw_json_token().data());
  }
  bool mismatch(std::string_view wanted, value& v) {
    const auto found = token(v);
    protocol::json_reader check{found};
    const bool scalar = !found.empty() && found.front() != '{' && found.front() != '[';
    if (scalar && !check.skip_document()) return refuse(errc::payload_not_json, "this is not JSON", v);
    return refuse(errc::payload_wrong_type,
                  "expected " + std::string{wanted} + ", found " + std::string{kind_of(found)}, v);
  }
  /// simdjson could not go on; a fault of the text as a whole.
  bool broken(simdjson::error_code why) {
    const bool deep = why == simdjson::DEPTH_ERROR;
    return refuse(deep ? errc::payload_too_deep : errc::payload_not_json, simdjson::error_message(why),
                  x_text.data() + x_text.size());
  }
  bool inside(std::string_view name) {
    x_path = x_path.empty() ? std::string{name} : std::string{name} + "." + x_path;
    return false;
  }

  std::string_view x_text;
  text_arena& x_arena;
  int x_depth = 0;
  errc x_code{};
  std::size_t x_offset = 0;
  std::string x_path{};
  std::string x_reason{};
};

}  // namespace innate::inline v0::typed

#include <innate/typed/json_reader_values.hpp>
