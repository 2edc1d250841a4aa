// SPDX-License-Identifier: Apache-2.0
/// Writes payloads as JSON: keys are compile-time constants, values are escaped and checked, nothing invalid comes out.
#pragma once

#include <innate/core/byte_buffer.hpp>
#include <innate/protocol/errc.hpp>
#include <innate/protocol/error.hpp>
#include <innate/protocol/json.hpp>
#include <innate/typed/fields.hpp>
#include <innate/typed/utf8.hpp>

#include <array>
#include <charconv>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>

namespace innate::inline v0::typed {

/// True when every byte goes into a JSON string as it is: ASCII without control bytes, quotes and backslashes.
[[nodiscard]] inline bool is_plain_text(std::string_view text) noexcept {
  constexpr std::uint64_t ones = 0x0101010101010101;
  constexpr std::uint64_t tops = ones * 0x80;
  const auto zero_byte = [](std::uint64_t w) { return (w - ones) & ~w & tops; };
  const auto eight_are_plain = [&](const char* bytes) {
    std::uint64_t word;
    std::memcpy(&word, bytes, 8);
    const auto below_blank = (word - ones * 0x20) & ~word;
    const auto special = word | below_blank | zero_byte(word ^ (ones * '"')) | zero_byte(word ^ (ones * '\\'));
    return (special & tops) == 0;
  };
  const char* const end = text.data() + text.size();
  if (text.size() >= 8) {
    for (const char* at = text.data(); end - at > 8; at += 8)
      if (!eight_are_plain(at)) return false;
    return eight_are_plain(end - 8);
  }
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte >= 0x80 || byte == '"' || byte == '\\') return false;
  }
  return true;
}

/// `"name":` with what separates it from the field before it.
template <meta::fixed_string name, bool first>
inline constexpr auto key_text = [] {
  std::array<char, name.size() + 4> text{};
  text[0] = first ? '{' : ',';
  text[1] = '"';
  for (std::size_t i = 0; i != name.size(); ++i) text[2 + i] = name.characters[i];
  text[name.size() + 2] = '"';
  text[name.size() + 3] = ':';
  return text;
}();

class json_writer {
 public:
  explicit json_writer(core::byte_buffer& out) noexcept : x_out(out) {}

  /// False when the value cannot be written; `failure()` then says why and where.
  template <class T>
  [[nodiscard]] bool write(const T& value) {
    if constexpr (std::same_as<T, bool>) {
      x_out.append(value ? "true" : "false");
    } else if constexpr (std::integral<T>) {
      put_number(value);
    } else if constexpr (std::floating_point<T>) {
      if (!std::isfinite(value)) return refuse("JSON has no infinity and no NaN");
      put_number(value);
    } else if constexpr (std::convertible_to<const T&, std::string_view>) {
      return write_text(value);
    } else if constexpr (described_enum<T>) {
      return write_enum(value);
    } else if constexpr (std::same_as<T, timestamp>) {
      return write_time(value);
    } else if constexpr (std::same_as<T, raw_json>) {
      return write_raw(value.text);
    } else if constexpr (is_optional<T>) {
      if (value) return write(*value);
      x_out.append("null");
    } else if constexpr (is_vector<T>) {
      return write_list(value);
    } else if constexpr (is_map<T>) {
      return write_map(value);
    } else if constexpr (is_variant<T>) {
      return std::visit([this](const auto& chosen) { return this->write(chosen); }, value);
    } else {
      static_assert(described<T>,
                    "this type has no payload descriptor: give it payload_fields, or specialise describe");
      return write_object(value);
    }
    return true;
  }

  [[nodiscard]] error failure() const {
    return {errc::payload_not_encodable, (x_path.empty() ? "the payload" : "field '" + x_path + "'") + ": " + x_reason};
  }

 private:
  bool refuse(std::string_view reason) {
    x_reason = reason;
    return false;
  }
  bool inside(std::string_view name) {
    x_path = x_path.empty() ? std::string{name} : std::string{name} + "." + x_path;
    return false;
  }

  template <class Number>
  void put_number(Number value) {
    std::array<char, 32> digits;
    char* end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
    if constexpr (std::floating_point<Number>) {
      // Some readers take digits alone for an integer, and refuse one beyond 64 bits.
      if (std::abs(value) >= Number(1ULL << 63U))
        end = std::to_chars(digits.data(), digits.data() + digits.size(), value, std::chars_format::scientific).ptr;
    }
    x_out.append({digits.data(), static_cast<std::size_t>(end - digits.data())});
  }

  bool write_text(std::string_view text) {
    if (!is_plain_text(text)) return write_escaped(text);
    char* at = x_out.extend(text.size() + 2);
    *at++ = '"';
    if (!text.empty()) std::memcpy(at, text.data(), text.size());
    at[text.size()] = '"';
    return true;
  }

  bool write_escaped(std::string_view text) {
    if (!is_utf8(text)) return refuse("the text is not UTF-8");
    x_out.append("\"");
    std::size_t plain = 0;  // start of what is not written yet
    for (std::size_t i = 0; i != text.size(); ++i) {
      const auto byte = static_cast<unsigned char>(text[i]);
      if (byte >= 0x20 && byte != '"' && byte != '\\') continue;
      x_out.append(text.substr(plain, i - plain));
      plain = i + 1;
      append_escape(byte);
    }
    x_out.append(text.substr(plain));
    x_out.append("\"");
    return true;
  }

  void append_escape(unsigned char byte) {
    constexpr std::string_view from = "\"\\\b\f\n\r\t";
    constexpr std::string_view to = "\"\\bfnrt";
    constexpr std::string_view hex = "0123456789abcdef";
    const auto known = from.find(static_cast<char>(byte));
    if (known != from.npos) {
      const std::array<char, 2> two{'\\', to[known]};
      return x_out.append({two.data(), two.size()});
    }
    const std::array<char, 6> six{'\\', 'u', '0', '0', hex[byte >> 4U], hex[byte & 15U]};
    x_out.append({six.data(), six.size()});
  }

  template <class Enum>
  bool write_enum(Enum value) {
    constexpr auto names = names_of(Enum{});
    const auto index = static_cast<std::size_t>(value);
    if (index >= names.size()) return refuse("the value " + std::to_string(index) + " of the enum has no name");
    return write_text(names[index]);
  }

  bool write_time(timestamp value) {
    if (!value.has_text()) return refuse("the year of the timestamp is not from 0 to 9999");
    char* at = x_out.extend(timestamp::text_size + 2);
    *at = '"';
    *value.format(at + 1) = '"';
    return true;
  }

  bool write_raw(std::string_view text) {
    protocol::json_reader check{text, max_payload_depth};
    if (!check.skip_document()) return refuse(check.too_deep() ? "it is nested too deeply" : "it is not a JSON value");
    if (!is_utf8(text)) return refuse("the text is not UTF-8");
    x_out.append(text);
    return true;
  }

  template <class List>
  bool write_list(const List& list) {
    x_out.append("[");
    for (std::size_t i = 0; i != list.size(); ++i) {
      if (i != 0) x_out.append(",");
      if (!write(static_cast<const typename List::value_type&>(list[i]))) return inside(std::to_string(i));
    }
    x_out.append("]");
    return true;
  }

  template <class Map>
  bool write_map(const Map& map) {
    x_out.append("{");
    bool first = true;
    for (const auto& [key, value] : map) {
      if (!std::exchange(first, false)) x_out.append(",");
      if (!write_text(key)) return false;
      x_out.append(":");
      if (!write(value)) return inside(key);
    }
    x_out.append("}");
    return true;
  }

  template <class T>
  bool write_object(const T& object) {
    if constexpr (fields_of<T>::count == 0) x_out.append("{");
    const bool good = each_field<T>([&]<class Field>() {
      constexpr auto& key = key_text<Field::key, is_first<Field, T>>;
      x_out.append({key.data(), key.size()});
      return write(object.*Field::member) || inside(Field::name);
    });
    x_out.append("}");
    return good;
  }

  core::byte_buffer& x_out;
  std::string x_path{};
  std::string x_reason{};
};

}  // namespace innate::inline v0::typed
