// SPDX-License-Identifier: Apache-2.0
/// JSON Schemas (2020-12) of payloads, from the descriptors that the reader and the writer use.
///
/// A schema is the contract of the messages, whoever writes them: it takes what the reader takes, and everything that
/// the writer writes fulfils it. Fields that the reader insists on are `required`; the writer writes the others too.
/// Unknown fields are allowed. What no schema can say and the reader refuses nonetheless: a field that is there twice,
/// `1.0` for an integer, a day that its month does not have, nesting deeper than 64.
#pragma once

#include <innate/protocol/json.hpp>
#include <innate/typed/fields.hpp>
#include <innate/typed/timestamp.hpp>

#include <array>
#include <charconv>
#include <concepts>
#include <cstddef>
#include <limits>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace innate::inline v0 {

namespace typed {

template <class T>
inline constexpr char type_identity_tag{};

/// Writes the keywords of a schema, what is between its braces.
class schema_writer {
 public:
  /// `at`: where in its document the schema stands, as a URI fragment with a JSON pointer: `#`, `#/$defs/x`.
  schema_writer(std::string& out, std::string_view at) : x_out(out), x_at(at) {}

  template <class T>
  void write() {
    if constexpr (std::same_as<T, bool>) {
      x_out += R"("type":"boolean")";
    } else if constexpr (std::integral<T>) {
      x_out += R"("type":"integer")";
      put_limits<T>();
    } else if constexpr (std::floating_point<T>) {
      x_out += R"("type":"number")";
      if constexpr (sizeof(T) < sizeof(double)) put_limits<T>();
    } else if constexpr (std::same_as<T, std::string_view> || std::same_as<T, std::string>) {
      x_out += R"("type":"string")";
    } else if constexpr (described_enum<T>) {
      write_names<T>();
    } else if constexpr (std::same_as<T, timestamp>) {
      x_out += time_keywords;
    } else if constexpr (std::same_as<T, raw_json>) {
      // any value: no keyword
    } else if constexpr (is_optional<T>) {
      write_optional<typename T::value_type>();
    } else if constexpr (is_vector<T>) {
      x_out += R"("type":"array",)";
      write_at<typename T::value_type>("items");
    } else if constexpr (is_map<T>) {
      x_out += R"("type":"object",)";
      write_at<typename T::mapped_type>("additionalProperties");
    } else if constexpr (is_variant<T>) {
      write_alternatives(std::type_identity<T>{});
    } else {
      static_assert(described<T>,
                    "this type has no payload descriptor: give it payload_fields, or specialise describe");
      write_object<T>();
    }
  }

 private:
  /// What `timestamp::parse` takes. `format` names what is usual; where it is asserted, the second way lets through
  /// what it does not know: a blank for the `T`, a leap second at any time, no offset.
  static constexpr std::string_view time_keywords =
      R"("type":"string","pattern":"^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])[Tt ])"
      R"x(([01][0-9]|2[0-3]):[0-5][0-9]:([0-5][0-9]|60)([.][0-9]+)?([Zz]|[+-]([01][0-9]|2[0-3]):[0-5][0-9])?$",)x"
      R"x("anyOf":[{"format":"date-time"},{"pattern":"^.{10}( |.{7}60|[Tt][0-9:.]+$)"}])x";

  template <class Number>
  void put(Number value) {
    std::array<char, 32> digits;
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
    x_out.append(digits.data(), end);
  }
  template <class Number>
  void put_limits() {
    x_out += R"(,"minimum":)";
    put(std::numeric_limits<Number>::lowest());
    x_out += R"(,"maximum":)";
    put(std::numeric_limits<Number>::max());
  }

  template <class Names>
  void put_list(const Names& names) {
    x_out += '[';
    for (std::size_t i = 0; i != names.size(); ++i) {
      if (i != 0) x_out += ',';
      protocol::append_json_string(x_out, names[i]);
    }
    x_out += ']';
  }

  template <class Enum>
  void write_names() {
    x_out += R"("type":"string","enum":)";
    put_list(names_of(Enum{}));
  }

  /// `"key":{…}`, one step deeper.
  template <class T>
  void write_at(std::string_view key) {
    protocol::append_json_string(x_out, key);
    x_out += ':';
    write_below<T>(key);
  }
  template <class T>
  void write_below(std::string_view step) {
    const auto here = x_at.size();
    x_at += '/';
    append_step(step);
    x_out += '{';
    write<T>();
    x_out += '}';
    x_at.resize(here);
  }

  /// One step of a JSON pointer within a URI.
  void append_step(std::string_view step) {
    constexpr std::string_view hex = "0123456789ABCDEF";
    for (const char c : step) {
      const auto byte = static_cast<unsigned char>(c);
      const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
                         c == '-' || c == '.' || c == '$';
      if (plain)
        x_at += c;
      else if (c == '~' || c == '/')
        x_at += c == '~' ? "~0" : "~1";
      else
        x_at.append({'%', hex[byte >> 4U], hex[byte & 15U]});
    }
  }

  /// An optional is empty when it is `null`, or when its field is absent.
  template <class T>
  void write_optional() {
    const auto here = x_at.size();
    x_at += "/anyOf";
    x_out += R"("anyOf":[)";
    write_below<T>("0");
    x_out += R"(,{"type":"null"}])";
    x_at.resize(here);
  }

  /// Objects are open, so that one may fit several alternatives: the reader takes the first that fits, hence `anyOf`.
  template <class... Alternatives>
  void write_alternatives(std::type_identity<std::variant<Alternatives...>>) {
    const auto here = x_at.size();
    x_at += "/anyOf";
    x_out += R"("anyOf":[)";
    std::size_t i = 0;
    const auto one = [&]<class T>(std::type_identity<T>) {
      if (i != 0) x_out += ',';
      write_below<T>(std::to_string(i++));
    };
    (one(std::type_identity<Alternatives>{}), ...);
    x_out += ']';
    x_at.resize(here);
  }

  /// A type that contains itself refers to where it began.
  template <class T>
  void write_object() {
    constexpr const void* tag = &type_identity_tag<T>;
    for (const auto& [open, size] : x_open) {
      if (open != tag) continue;
      x_out += R"("$ref":")";
      x_out.append(x_at, 0, size).append("\"");
      return;
    }
    x_open.emplace_back(tag, x_at.size());
    const auto here = x_at.size();
    x_at += "/properties";
    x_out += R"("type":"object","properties":{)";
    std::vector<std::string_view> needed;
    bool first = true;
    each_field<T>([&]<class Field>() {
      if (!std::exchange(first, false)) x_out += ',';
      write_at<member_type<Field, T>>(Field::name);
      if (required<Field, T>) needed.push_back(Field::name);
      return true;
    });
    x_out += '}';
    if (!needed.empty()) {
      x_out += R"(,"required":)";
      put_list(needed);
    }
    x_at.resize(here);
    x_open.pop_back();
  }

  std::string& x_out;
  std::string x_at;
  std::vector<std::pair<const void*, std::size_t>> x_open{};  // objects around, with the length of their pointers
};

/// For catalogues, which keep it as a function.
template <class T>
void append_schema_keywords(std::string& out, std::string_view at) {
  schema_writer{out, at}.write<T>();
}

}  // namespace typed

/// The schema of a payload, or of any type that a field may have. `at`: where in its document it will stand, which
/// matters to types that contain themselves only.
template <class T>
[[nodiscard]] std::string json_schema(std::string_view at = "#") {
  std::string out = "{";
  typed::append_schema_keywords<T>(out, at);
  return out += '}';
}

}  // namespace innate::inline v0
