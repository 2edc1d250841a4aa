// SPDX-License-Identifier: Apache-2.0
/// Reads payloads that are as json_writer writes them: every field, in order, without blanks and escapes. Most are, and
/// are read in a fraction of the time; whatever looks different is left to json_reader, which also says what is wrong.
#pragma once

#include <innate/typed/fields.hpp>
#include <innate/typed/key_text.hpp>
#include <innate/typed/plain_text.hpp>
#include <innate/typed/utf8.hpp>

#include <charconv>
#include <concepts>
#include <cstddef>
#include <cstring>
#include <string>
#include <string_view>
#include <system_error>

namespace innate::inline v0::typed {

class written_form {
 public:
  /// Structs of single values: the time of what has lists and maps goes elsewhere.
  template <class T>
  [[nodiscard]] static consteval bool is_for() {
    if constexpr (is_optional<T>) {
      return is_for<typename T::value_type>();
    } else if constexpr (described<T>) {
      return each_field<T>([]<class Field>() { return written_form::is_for<member_type<Field, T>>(); });
    } else {
      return std::integral<T> || std::same_as<T, double> || std::same_as<T, std::string> ||
             std::same_as<T, std::string_view> || std::same_as<T, timestamp> || described_enum<T>;
    }
  }

  /// `text` must have 64 readable bytes behind it, unless it is empty.
  explicit written_form(std::string_view text) noexcept : x_begin(text.data()), x_end(text.data() + text.size()) {}

  /// False when json_reader has to read it all again: then nothing is known about the text, and `into` has values that
  /// json_reader will overwrite.
  template <class T>
  [[nodiscard]] bool read(T& into) const {
    return x_begin != x_end && get_object(x_begin, into) == x_end;
  }

 private:
  // Each `get` reads the value at `at`, which is not behind the end, and returns its end, which must be compared with
  // that of the text before more is read; a null pointer when the value looks different.

  template <class T>
  const char* get(const char* at, T& into) const {
    if constexpr (std::same_as<T, bool>) {
      return get_bool(at, into);
    } else if constexpr (std::integral<T>) {
      return get_integer(at, into);
    } else if constexpr (std::same_as<T, double>) {
      return get_real(at, into);
    } else if constexpr (described_enum<T>) {
      return get_enum(at, into);
    } else if constexpr (std::same_as<T, timestamp>) {
      return get_time(at, into);
    } else if constexpr (is_optional<T>) {
      if (std::memcmp(at, "null", 4) != 0) return get(at, into.emplace());
      into.reset();
      return at + 4;
    } else if constexpr (described<T>) {
      return get_object(at, into);
    } else {
      std::string_view text;
      at = get_text(at, text);
      if (at) into = text;
      return at;
    }
  }

  template <class T>
  const char* get_object(const char* at, T& into) const {
    if constexpr (fields_of<T>::count == 0) {
      return *at == '{' && at[1] == '}' ? at + 2 : nullptr;
    } else {
      const bool good = each_field<T>([&]<class Field>() {
        constexpr auto& key = key_text<Field::key, is_first<Field, T>>;
        if (x_end - at < std::ssize(key) || std::memcmp(at, key.data(), key.size()) != 0) return false;
        at = get(at + key.size(), into.*Field::member);
        return at != nullptr;
      });
      return good && *at == '}' ? at + 1 : nullptr;
    }
  }

  const char* get_text(const char* at, std::string_view& into) const noexcept {
    if (*at != '"') return nullptr;
    const char* const begin = at + 1;
    const char* end = plain_text::find(begin, x_end);
    while (end != x_end && static_cast<unsigned char>(*end) >= 0x80) {
      const auto size = utf8_sequence({end, static_cast<std::size_t>(x_end - end)});
      if (size == 0) return nullptr;
      end += size;
      if (end != x_end && static_cast<unsigned char>(*end) < 0x80) end = plain_text::find(end, x_end);
    }
    if (end == x_end || *end != '"') return nullptr;
    into = {begin, static_cast<std::size_t>(end - begin)};
    return end + 1;
  }

  template <class Enum>
  const char* get_enum(const char* at, Enum& into) const {
    static constexpr auto names = names_of(Enum{});
    std::string_view text;
    at = get_text(at, text);
    for (std::size_t i = 0; at && i != names.size(); ++i) {
      if (names[i] != text) continue;
      into = static_cast<Enum>(i);
      return at;
    }
    return nullptr;
  }

  static const char* get_time(const char* at, timestamp& into) noexcept {
    constexpr auto size = timestamp::text_size;
    if (*at != '"' || at[size + 1] != '"') return nullptr;
    const auto time = timestamp::parse({at + 1, size});
    if (!time) return nullptr;
    into = *time;
    return at + size + 2;
  }

  static const char* get_bool(const char* at, bool& into) noexcept {
    into = *at == 't';
    if (std::memcmp(at, "true", 4) == 0) return at + 4;
    return std::memcmp(at, "false", 5) == 0 ? at + 5 : nullptr;
  }

  template <class Integer>
  const char* get_integer(const char* at, Integer& into) const noexcept {
    into = 0;
    if (*at == '0') return at + 1;  // no digit may follow, and nothing that goes on after a value is one
    if (*at == '-' && at[1] == '0') return nullptr;
    const auto [end, failed] = std::from_chars(at, x_end, into);
    return failed == std::errc{} ? end : nullptr;
  }

  /// Digits with a point, or without: exponents are rare, and long numbers have their own rules.
  const char* get_real(const char* at, double& into) const noexcept {
    constexpr std::ptrdiff_t longest = 20;
    const char* end = at + (*at == '-' ? 1 : 0);
    if (*end == '0' && is_digit(end[1])) return nullptr;
    const auto pass_digits = [&] {
      const char* const begin = end;
      while (end < x_end && is_digit(*end)) ++end;
      return end != begin;
    };
    if (!pass_digits() || (*end == '.' && (++end, !pass_digits()))) return nullptr;
    return end - at <= longest && std::from_chars(at, end, into).ec == std::errc{} ? end : nullptr;
  }
  static bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

  const char* x_begin;
  const char* x_end;
};

}  // namespace innate::inline v0::typed
