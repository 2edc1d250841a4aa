// SPDX-License-Identifier: Apache-2.0
/// The JSON codec against simdjson's DOM: a payload is read exactly when it is JSON and has what its descriptor wants,
/// every value is the DOM's, and what was read is written as JSON that gives it back.
#include "fuzz.hpp"

#include <innate/typed/codec.hpp>
#include <innate/typed/fields.hpp>
#include <innate/typed/utf8.hpp>

#include <simdjson.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <map>
#include <memory_resource>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

namespace dom = simdjson::dom;
namespace typed = innate::typed;
using fuzz::expect;
using innate::raw_json;
using innate::timestamp;

enum class colour : std::uint8_t { red, green };
constexpr auto names_of(colour) { return std::array<std::string_view, 2>{"red", "green"}; }

struct leaf {
  std::string_view name{};
  std::optional<int> n{};
  using payload_fields = innate::fields<innate::field<"name", &leaf::name>, innate::field<"n", &leaf::n>>;
};

/// Nothing but single values, which have a short way to be read.
struct singles {
  bool flag = false;
  std::int16_t small = 0;
  std::uint64_t natural = 0;
  double real = 0;
  std::string_view view{};
  colour tint{};
  timestamp at{};
  leaf nested{};
  std::optional<std::string> perhaps{};
  using payload_fields = innate::fields<
      innate::field<"f", &singles::flag>, innate::field<"s", &singles::small>, innate::field<"n", &singles::natural>,
      innate::field<"r", &singles::real>, innate::field<"v", &singles::view>, innate::field<"c", &singles::tint>,
      innate::field<"at", &singles::at>, innate::field<"l", &singles::nested>, innate::field<"p", &singles::perhaps>>;
};

struct everything {
  bool flag = false;
  std::int8_t small = 0;
  std::int64_t large = 0;
  std::uint64_t natural = 0;
  double real = 0;
  std::string owned{};
  std::string_view view{};
  colour tint{};
  timestamp at{};
  raw_json any{};
  std::optional<std::string> perhaps{};
  std::vector<leaf> leaves{};
  std::map<std::string, std::int32_t> counts{};
  using payload_fields =
      innate::fields<innate::field<"flag", &everything::flag>, innate::field<"small", &everything::small>,
                     innate::field<"large", &everything::large>, innate::field<"natural", &everything::natural>,
                     innate::field<"real", &everything::real>, innate::field<"owned", &everything::owned>,
                     innate::field<"view", &everything::view>, innate::field<"tint", &everything::tint>,
                     innate::field<"at", &everything::at>,
                     innate::field<"any", &everything::any, innate::when_read::may_be_absent>,
                     innate::field<"perhaps", &everything::perhaps>, innate::field<"leaves", &everything::leaves>,
                     innate::field<"counts", &everything::counts>>;
};

// ---- what the DOM says of a type

template <class T>
bool fits(dom::element e);

template <class T>
bool fits_object(dom::object object) {
  constexpr auto& names = innate::fields_of<T>::names;
  for (const auto name : names)
    if (std::count_if(object.begin(), object.end(), [&](const auto& m) { return m.key == name; }) > 1) return false;
  return typed::each_field<T>([&]<class Field>() {
    for (const auto& member : object)
      if (member.key == Field::name) return fits<typed::member_type<Field, T>>(member.value);
    return !typed::required<Field, T>;
  });
}

template <class T>
bool fits_map(dom::object object) {
  std::set<std::string_view> keys;
  for (const auto& member : object)
    if (!keys.insert(member.key).second || !fits<typename T::mapped_type>(member.value)) return false;
  return true;
}

template <class T>
bool fits(dom::element e) {
  std::string_view text;
  if constexpr (std::same_as<T, bool>) {
    return e.is_bool();
  } else if constexpr (std::integral<T>) {
    if (e.is_int64()) return std::in_range<T>(e.get_int64().value());
    return e.is_uint64() && std::in_range<T>(e.get_uint64().value());
  } else if constexpr (std::floating_point<T>) {
    return e.is_number();
  } else if constexpr (std::convertible_to<T, std::string_view>) {
    return e.is_string();
  } else if constexpr (innate::described_enum<T>) {
    constexpr auto names = names_of(T{});
    return !e.get_string().get(text) && std::find(names.begin(), names.end(), text) != names.end();
  } else if constexpr (std::same_as<T, timestamp>) {
    return !e.get_string().get(text) && timestamp::parse(text);
  } else if constexpr (std::same_as<T, raw_json>) {
    return true;
  } else if constexpr (typed::is_optional<T>) {
    return e.is_null() || fits<typename T::value_type>(e);
  } else if constexpr (typed::is_vector<T>) {
    dom::array list;
    return !e.get_array().get(list) &&
           std::all_of(list.begin(), list.end(), [](dom::element item) { return fits<typename T::value_type>(item); });
  } else {
    dom::object object;
    if (e.get_object().get(object)) return false;
    if constexpr (typed::is_map<T>)
      return fits_map<T>(object);
    else
      return fits_object<T>(object);
  }
}

// ---- the same value

template <class T>
void same(const T& seen, dom::element e);

void same_raw(std::string_view text, dom::element e) {
  dom::parser parser;
  dom::element again;
  expect(!parser.parse(text.data(), text.size()).get(again), "raw JSON is JSON");
  expect(simdjson::minify(again) == simdjson::minify(e), "raw JSON is the value");
}

template <class T>
void same_object(const T& seen, dom::object object) {
  typed::each_field<T>([&]<class Field>() {
    const auto& value = seen.*Field::member;
    for (const auto& member : object) {
      if (member.key != Field::name) continue;
      same(value, member.value);
      return true;
    }
    if constexpr (typed::is_optional<typed::member_type<Field, T>>) expect(!value, "what is absent is empty");
    return true;
  });
}

template <class T>
void same(const T& seen, dom::element e) {
  if constexpr (std::same_as<T, bool>) {
    expect(seen == e.get_bool().value(), "a boolean is the DOM's");
  } else if constexpr (std::signed_integral<T>) {
    expect(seen == e.get_int64().value(), "an integer is the DOM's");
  } else if constexpr (std::integral<T>) {
    expect(seen == e.get_uint64().value(), "an integer is the DOM's");
  } else if constexpr (std::floating_point<T>) {
    const double value = e.get_double().value();
    // The DOM takes -0 for an integer, which has no sign.
    expect(seen == value && (e.type() != dom::element_type::DOUBLE || std::signbit(seen) == std::signbit(value)),
           "a number is the DOM's");
  } else if constexpr (std::convertible_to<T, std::string_view>) {
    expect(seen == e.get_string().value(), "a text is the DOM's");
  } else if constexpr (innate::described_enum<T>) {
    expect(names_of(T{})[static_cast<std::size_t>(seen)] == e.get_string().value(), "a name is the DOM's");
  } else if constexpr (std::same_as<T, timestamp>) {
    expect(seen == timestamp::parse(e.get_string().value()), "a time is the DOM's");
  } else if constexpr (std::same_as<T, raw_json>) {
    same_raw(seen.text, e);
  } else if constexpr (typed::is_optional<T>) {
    expect(seen.has_value() != e.is_null(), "null is empty");
    if (seen) same(*seen, e);
  } else if constexpr (typed::is_vector<T>) {
    const dom::array list = e.get_array().value();
    expect(list.size() == seen.size(), "a list is as long as the DOM's");
    auto at = list.begin();
    for (const auto& item : seen) {
      same(item, *at);
      ++at;
    }
  } else if constexpr (typed::is_map<T>) {
    const dom::object object = e.get_object().value();
    expect(object.size() == seen.size(), "a map is as large as the DOM's");
    for (const auto& member : object) same(seen.at(std::string{member.key}), member.value);
  } else {
    same_object(seen, e.get_object().value());
  }
}

// ---- what a target does

int depth_of(dom::element e) {
  int deepest = 0;
  if (dom::array list; !e.get_array().get(list)) {
    for (const dom::element item : list) deepest = std::max(deepest, depth_of(item));
    return deepest + 1;
  }
  if (dom::object object; !e.get_object().get(object)) {
    for (const auto& member : object) deepest = std::max(deepest, depth_of(member.value));
    return deepest + 1;
  }
  return 0;
}

template <class T>
void check_written(const T& payload, bool writable) {
  innate::core::byte_buffer out{std::pmr::new_delete_resource()};
  const auto bad = innate::json_codec::encode(payload, out);
  expect(bool{bad.code} != writable, "what can be written is, and nothing else");
  if (bad.code) return expect(bad.code == innate::errc::payload_not_encodable, "a refusal to write has its code");
  dom::parser parser;
  dom::element document;
  expect(!parser.parse(out.view().data(), out.view().size()).get(document), "what is written is JSON");
  same(payload, document);
}

bool is_writable(const everything& p) { return p.at.has_text(); }
template <class T>
bool is_writable(const T&) {
  return true;
}

template <class T>
void read(std::string_view input, bool json, dom::element document) {
  const fuzz::exact_copy padded{input, simdjson::SIMDJSON_PADDING};
  typed::text_arena arena;
  T into{};
  const auto bad = innate::json_codec::decode(padded.text(), into, arena);
  T long_way{};
  typed::json_reader reader{padded.text(), arena};
  expect(reader.read_document(long_way) != static_cast<bool>(bad.code), "the short way reads what the long one reads");
  if (!bad.code && json) same(long_way, document);
  if (bad.code) {
    expect(!bad.detail.empty(), "a refusal says why");
    if (json && depth_of(document) < typed::max_payload_depth) expect(!fits<T>(document), "what fits is read");
    return;
  }
  expect(json, "only JSON is read");
  expect(fits<T>(document), "only what fits is read");
  same(into, document);
  check_written(into, is_writable(into));
}

/// The writer with texts that nobody has looked at.
void write_anything(std::string_view input) {
  leaf one;
  one.name = input;
  check_written(one, typed::is_utf8(input));
  std::map<std::string, std::string> map{{std::string{input}, "v"}};
  check_written(map, typed::is_utf8(input));
  std::uint64_t bits = 0;
  for (const char c : input.substr(0, 8)) bits = bits << 8U | static_cast<unsigned char>(c);
  const auto real = std::bit_cast<double>(bits);
  check_written(std::vector<double>{real}, std::isfinite(real));
  check_written(std::vector<std::uint64_t>{bits}, true);
  check_written(
      std::vector<timestamp>{timestamp::time_point{std::chrono::microseconds{static_cast<std::int64_t>(bits)}}},
      timestamp{timestamp::time_point{std::chrono::microseconds{static_cast<std::int64_t>(bits)}}}.has_text());
}

/// Raw JSON is written exactly when it is JSON.
void write_raw(std::string_view input, bool json, dom::element document) {
  innate::core::byte_buffer out{std::pmr::new_delete_resource()};
  const bool written = !innate::json_codec::encode(raw_json{input}, out).code;
  if (written) return expect(json && out.view() == input, "raw JSON is JSON, written as it is");
  if (json) expect(depth_of(document) > typed::max_payload_depth, "only JSON nested too deeply is refused");
}

}  // namespace

void fuzz::run(std::string_view input) {
  write_anything(input);
  dom::parser parser;
  dom::element document;
  const auto bad = parser.parse(input.data(), input.size()).get(document);
  // A number beyond what a double can hold: JSON, but not for simdjson.
  if (bad == simdjson::NUMBER_ERROR) return;
  const bool json = !bad;
  write_raw(input, json, document);
  read<everything>(input, json, document);
  read<leaf>(input, json, document);
  read<singles>(input, json, document);
  read<std::map<std::string, double>>(input, json, document);
  read<std::map<std::string, raw_json>>(input, json, document);
  read<std::map<std::string, std::vector<std::vector<std::string>>>>(input, json, document);
}
