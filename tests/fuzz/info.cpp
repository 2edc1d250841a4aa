// SPDX-License-Identifier: Apache-2.0
/// JSON of the client's own reader: INFO, CONNECT and contexts. What our small reader takes simdjson takes for JSON
/// too, and reads the same of it; what it refuses is no JSON, no object, nested deeply, or has a value of another type.
/// What we write of CONNECT we read back. A context that is read can be used, and no refusal of one shows a password.
#include "fuzz.hpp"

#include <innate/core/context.hpp>
#include <innate/protocol/connect.hpp>
#include <innate/protocol/info.hpp>
#include <innate/typed/utf8.hpp>

#include <simdjson.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

namespace {

namespace protocol = innate::protocol;
namespace dom = simdjson::dom;
using fuzz::expect;

/// Of a key that comes several times the last one counts.
bool last(dom::object object, std::string_view key, dom::element& value) {
  bool found = false;
  for (const auto& member : object) {
    if (member.key != key) continue;
    value = member.value;
    found = true;
  }
  return found;
}

template <class Read>
bool each(dom::object object, std::string_view key, Read read) {
  for (const auto& member : object)
    if (member.key == key && !read(member.value)) return false;
  return true;
}

bool is_text(dom::element e) { return e.is_string(); }
bool is_list_of_texts(dom::element e) {
  if (e.is_null()) return true;
  dom::array list;
  if (e.get_array().get(list)) return false;
  return std::all_of(list.begin(), list.end(), [](dom::element item) { return item.is_string(); });
}

/// Every known key has a value that its field can hold. (An integer cannot be told from `1.0` here: what our reader
/// refuses beyond this is a number.)
template <class Strings, class Flags>
bool fits(dom::object object, const Strings& strings, const Flags& flags) {
  for (const auto& f : strings)
    if (!each(object, f.key, is_text)) return false;
  for (const auto& f : flags)
    if (!each(object, f.key, [](dom::element e) { return e.is_bool(); })) return false;
  return true;
}

template <class Integer>
bool is_integer(dom::element e) {
  std::int64_t with_sign = 0;
  if (!e.get_int64().get(with_sign)) return std::in_range<Integer>(with_sign);
  std::uint64_t without = 0;
  return !e.get_uint64().get(without) && std::in_range<Integer>(without);
}

bool fits_info(dom::object object) {
  using namespace protocol::info_fields;
  if (!fits(object, strings, flags)) return false;
  for (const auto& f : lists)
    if (!each(object, f.key, is_list_of_texts)) return false;
  for (const auto& f : counts)
    if (!each(object, f.key, is_integer<std::uint64_t>)) return false;
  for (const auto& f : numbers)
    if (!each(object, f.key, is_integer<int>)) return false;
  return true;
}

bool fits_connect(dom::object object) {
  using namespace protocol::connect_fields;
  return fits(object, strings, flags) && each(object, "protocol", is_integer<int>);
}

template <class Fields, class Out>
void same_values(dom::object object, const Fields& fields, const Out& out) {
  for (const auto& f : fields) {
    dom::element value;
    if (!last(object, f.key, value)) {
      expect(out.*f.member == Out{}.*f.member, "a key that is absent leaves its default");
      continue;
    }
    using type = std::remove_cvref_t<decltype(out.*f.member)>;
    if constexpr (std::same_as<type, std::string>) {
      expect(value.get_string().value() == out.*f.member, "a text is read as simdjson reads it");
    } else if constexpr (std::same_as<type, bool>) {
      expect(value.get_bool().value() == out.*f.member, "a flag is read as simdjson reads it");
    } else if constexpr (std::same_as<type, std::vector<std::string>>) {
      std::vector<std::string> expected;
      if (!value.is_null())
        for (const dom::element item : value.get_array()) expected.emplace_back(item.get_string().value());
      expect(out.*f.member == expected, "a list is read as simdjson reads it");
    } else {
      expect(static_cast<type>(value.is_int64() ? static_cast<std::uint64_t>(value.get_int64().value())
                                                : value.get_uint64().value()) == out.*f.member,
             "a number is read as simdjson reads it");
    }
  }
}

int depth_of(std::string_view json) {
  int depth = 0;
  int deepest = 0;
  for (const char c : json) {
    if (c == '{' || c == '[') deepest = std::max(deepest, ++depth);
    if (c == '}' || c == ']') --depth;
  }
  return deepest;
}

void write_and_read(const protocol::connect_options& c) {
  const std::string line = protocol::encode_connect(c);
  expect(line.starts_with("CONNECT {") && line.ends_with("}\r\n"), "CONNECT is one line");
  expect(line.find('\n') == line.size() - 1 && line.find('\r') == line.size() - 2, "nothing ends it earlier");
  const auto again = protocol::parse_connect(std::string_view{line}.substr(8));
  expect(bool{again}, "what we write we read");
  for (const auto& f : protocol::connect_fields::strings)
    expect((*again).*f.member == c.*f.member || (f.key == "pass" && c.user.empty()), "a text is written as it is");
  for (const auto& f : protocol::connect_fields::flags)
    expect((*again).*f.member == c.*f.member, "a flag is written as it is");
  expect(again->protocol == c.protocol, "a number is written as it is");
}

void read_context(std::string_view input) {
  const auto lookup = [](const char* name) { return std::string_view{name} == "HOME" ? "/home/~$HOME" : nullptr; };
  const auto context = innate::core::parse_context(input, "a file", lookup);
  if (context) {
    expect(bool{innate::core::check_context(*context)}, "what was read is checked");
    return;
  }
  const auto& why = context.error();
  expect(why.code == innate::errc::invalid_context || why.code == innate::errc::context_unsupported,
         "one of its codes");
  expect(why.detail.find("a file") != std::string::npos, "the file is named");
  // The inbox prefix is no secret, and shown.
  expect(why.detail.find("'inbox_prefix'") != std::string::npos || why.detail.find("s3cr3t") == std::string::npos,
         "no secret is shown");
}

}  // namespace

void fuzz::run(std::string_view input) {
  read_context(input);
  const auto info = protocol::parse_info(input);
  const auto connect = protocol::parse_connect(input);
  if (connect) write_and_read(*connect);
  protocol::connect_options all_text;
  for (const auto& f : protocol::connect_fields::strings) all_text.*f.member = input;
  write_and_read(all_text);

  if (!innate::typed::is_utf8(input)) return;  // simdjson wants UTF-8 everywhere
  static dom::parser parser;
  dom::element document;
  const auto bad = parser.parse(input.data(), input.size()).get(document);
  dom::object object;
  if (bad == simdjson::NUMBER_ERROR) return;  // beyond what a double can hold, which JSON allows
  if (bad || document.get_object().get(object)) {
    expect(!info && !connect, "what is no JSON object is refused");
    return;
  }
  if (depth_of(input) > 30) return;
  const bool plain_numbers = input.find_first_of(".eE") == input.npos && input.find("-0") == input.npos;
  if (plain_numbers || info)
    expect(bool{info} == fits_info(object), "INFO is refused for a value of another type only");
  if (plain_numbers || connect)
    expect(bool{connect} == fits_connect(object), "CONNECT is refused for a value of another type only");
  if (info) {
    using namespace protocol::info_fields;
    same_values(object, strings, *info);
    same_values(object, lists, *info);
    same_values(object, counts, *info);
    same_values(object, numbers, *info);
    same_values(object, flags, *info);
  }
  if (connect) {
    using namespace protocol::connect_fields;
    same_values(object, strings, *connect);
    same_values(object, flags, *connect);
  }
}
