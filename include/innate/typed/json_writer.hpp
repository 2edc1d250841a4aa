// SPDX-License-Identifier: Apache-2.0
/// Writes payloads as JSON: keys are compile-time constants, values are escaped and checked, nothing invalid comes out.
#pragma once

#include <innate/core/byte_buffer.hpp>
#include <innate/protocol/errc.hpp>
#include <innate/protocol/error.hpp>
#include <innate/protocol/json.hpp>
#include <innate/typed/fields.hpp>
#include <innate/typed/key_text.hpp>
#include <innate/typed/plain_text.hpp>
#include <innate/typed/utf8.hpp>

#include <array>
#include <charconv>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace innate::inline v0::typed {

class json_writer {
 public:
  explicit json_writer(core::byte_buffer& out) noexcept : x_out(out) {}

  /// False when the value cannot be written; `failure()` then says why and where.
  template <class T>
  [[nodiscard]] bool write(const T& value) {
    const char* const end = put(reserve(room(value)), value);
    if (!end) return false;
    commit(end);
    return true;
  }

  [[nodiscard]] error failure() const {
    const auto where = x_fault->path.empty() ? std::string{"the payload"} : "field '" + x_fault->path + "'";
    return {errc::payload_not_encodable, where + ": " + x_fault->reason};
  }

 private:
  static constexpr std::size_t most_digits = 32;

  // ---- Room for everything is reserved at once

  /// The value does not take more bytes, unless texts in it have escapes.
  template <class T>
  [[nodiscard]] static std::size_t room(const T& value) {
    if constexpr (std::same_as<T, bool>) {
      return 5;
    } else if constexpr (std::integral<T> || std::floating_point<T>) {
      return most_digits;
    } else if constexpr (std::convertible_to<const T&, std::string_view>) {
      return std::string_view{value}.size() + 2;
    } else if constexpr (described_enum<T>) {
      return name_of(value).size() + 2;
    } else if constexpr (std::same_as<T, timestamp>) {
      return timestamp::text_size + 2;
    } else if constexpr (std::same_as<T, raw_json>) {
      return value.text.size();
    } else if constexpr (is_optional<T>) {
      return value ? room(*value) : 4;
    } else if constexpr (is_vector<T>) {
      std::size_t most = 2;
      for (std::size_t i = 0; i != value.size(); ++i) most += 1 + room(element(value, i));
      return most;
    } else if constexpr (is_map<T>) {
      std::size_t most = 2;
      for (const auto& [key, mapped] : value) most += 4 + key.size() + room(mapped);
      return most;
    } else if constexpr (is_variant<T>) {
      return std::visit([](const auto& chosen) { return json_writer::room(chosen); }, value);
    } else {
      static_assert(described<T>,
                    "this type has no payload descriptor: give it payload_fields, or specialise describe");
      std::size_t most = 2;
      each_field<T>([&]<class Field>() {
        most += Field::name.size() + 4 + room(value.*Field::member);
        return true;
      });
      return most;
    }
  }

  [[nodiscard]] char* reserve(std::size_t most) {
    char* const begin = x_out.reserve(most);
    x_end = begin + most;
    return begin;
  }
  void commit(const char* end) noexcept { x_out.commit(static_cast<std::size_t>(end - x_out.data()) - x_out.size()); }

  // ---- Each `put` writes a value and returns its end; a null pointer when it cannot be written

  template <class T>
  char* put(char* at, const T& value) {
    if constexpr (std::same_as<T, bool>) {
      return value ? put_bytes(at, "true") : put_bytes(at, "false");
    } else if constexpr (std::integral<T>) {
      return std::to_chars(at, at + most_digits, value).ptr;
    } else if constexpr (std::floating_point<T>) {
      return put_real(at, value);
    } else if constexpr (std::convertible_to<const T&, std::string_view>) {
      return put_text(at, value);
    } else if constexpr (described_enum<T>) {
      return put_enum(at, value);
    } else if constexpr (std::same_as<T, timestamp>) {
      return put_time(at, value);
    } else if constexpr (std::same_as<T, raw_json>) {
      return put_raw(at, value.text);
    } else if constexpr (is_optional<T>) {
      return value ? put(at, *value) : put_bytes(at, "null");
    } else if constexpr (is_vector<T>) {
      return put_list(at, value);
    } else if constexpr (is_map<T>) {
      return put_map(at, value);
    } else if constexpr (is_variant<T>) {
      return std::visit([this, at](const auto& chosen) { return this->put(at, chosen); }, value);
    } else {
      return put_object(at, value);
    }
  }

  static char* put_bytes(char* at, std::string_view bytes) noexcept {
    std::memcpy(at, bytes.data(), bytes.size());
    return at + bytes.size();
  }

  template <class Real>
  char* put_real(char* at, Real value) {
    if (!std::isfinite(value)) return refuse("JSON has no infinity and no NaN");
    // Some readers take digits alone for an integer, and refuse one beyond 64 bits.
    if (std::abs(value) >= Real(1ULL << 63U))
      return std::to_chars(at, at + most_digits, value, std::chars_format::scientific).ptr;
    return std::to_chars(at, at + most_digits, value).ptr;
  }

  char* put_text(char* at, std::string_view text) {
    if (!plain_text::copy(at + 1, text)) return put_checked(at, text);
    *at = '"';
    at += text.size() + 1;
    *at = '"';
    return at + 1;
  }

  [[gnu::noinline]] char* put_checked(char* at, std::string_view text) {
    if (!is_utf8(text)) return refuse("the text is not UTF-8");
    const auto behind = static_cast<std::size_t>(x_end - at) - text.size() - 2;  // reserved for what follows
    commit(at);
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
    return reserve(behind);
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

  /// Empty for a value without a name.
  template <class Enum>
  [[nodiscard]] static std::string_view name_of(Enum value) {
    static constexpr auto names = names_of(Enum{});
    const auto index = static_cast<std::size_t>(value);
    return index < names.size() ? std::string_view{names[index]} : std::string_view{};
  }
  template <class Enum>
  char* put_enum(char* at, Enum value) {
    const auto index = static_cast<std::size_t>(value);
    if (index >= names_of(Enum{}).size())
      return refuse("the value " + std::to_string(index) + " of the enum has no name");
    return put_text(at, name_of(value));
  }

  char* put_time(char* at, timestamp value) {
    if (!value.has_text()) return refuse("the year of the timestamp is not from 0 to 9999");
    *at = '"';
    at = value.format(at + 1);
    *at = '"';
    return at + 1;
  }

  char* put_raw(char* at, std::string_view text) {
    protocol::json_reader check{text, max_payload_depth};
    if (!check.skip_document()) return refuse(check.too_deep() ? "it is nested too deeply" : "it is not a JSON value");
    if (!is_utf8(text)) return refuse("the text is not UTF-8");
    std::memcpy(at, text.data(), text.size());
    return at + text.size();
  }

  template <class List>
  [[nodiscard]] static decltype(auto) element(const List& list, std::size_t i) {
    if constexpr (std::same_as<typename List::value_type, bool>)
      return bool{list[i]};  // which is not stored as such
    else
      return list[i];
  }
  template <class List>
  char* put_list(char* at, const List& list) {
    *at++ = '[';
    for (std::size_t i = 0; i != list.size(); ++i) {
      if (i != 0) *at++ = ',';
      at = put(at, element(list, i));
      if (!at) return inside(std::to_string(i));
    }
    *at++ = ']';
    return at;
  }

  template <class Map>
  char* put_map(char* at, const Map& map) {
    *at++ = '{';
    bool first = true;
    for (const auto& [key, value] : map) {
      if (!std::exchange(first, false)) *at++ = ',';
      at = put_text(at, key);
      if (!at) return nullptr;
      *at++ = ':';
      at = put(at, value);
      if (!at) return inside(key);
    }
    *at++ = '}';
    return at;
  }

  template <class T>
  char* put_object(char* at, const T& object) {
    if constexpr (fields_of<T>::count == 0) *at++ = '{';
    const bool good = each_field<T>([&]<class Field>() {
      constexpr auto& key = key_text<Field::key, is_first<Field, T>>;
      at = put(put_bytes(at, {key.data(), key.size()}), object.*Field::member);
      return at || inside(Field::name);
    });
    if (!good) return nullptr;
    *at = '}';
    return at + 1;
  }

  // ---- What went wrong

  struct fault {
    std::string path{};
    std::string reason{};
  };
  [[gnu::noinline]] char* refuse(std::string_view reason) {
    x_fault = std::make_unique<fault>();
    x_fault->reason = reason;
    return nullptr;
  }
  [[gnu::noinline]] char* inside(std::string_view name) {
    auto& path = x_fault->path;
    path = path.empty() ? std::string{name} : std::string{name} + "." + path;
    return nullptr;
  }

  core::byte_buffer& x_out;
  char* x_end = nullptr;  // of the room that is reserved
  std::unique_ptr<fault> x_fault{};
};

}  // namespace innate::inline v0::typed
