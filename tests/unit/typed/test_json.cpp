// SPDX-License-Identifier: Apache-2.0
#include <innate/typed/codec.hpp>

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <random>
#include <string>
#include <vector>

using innate::errc;
using innate::field;
using innate::fields;
using innate::json_codec;
using innate::raw_json;
using innate::timestamp;
using innate::when_read;

namespace {

enum class phase { idle, running };
constexpr auto names_of(phase) { return std::array<std::string_view, 2>{"idle", "running"}; }

struct inner {
  int a = 0;
  std::optional<double> b{};
  using payload_fields = fields<field<"a", &inner::a>, field<"b", &inner::b>>;
};

struct sample {
  std::string_view id{};
  phase state{};
  timestamp time{};
  inner nested{};
  std::vector<int> list{};
  std::map<std::string, std::uint64_t> counts{};
  raw_json raw{};
  std::uint8_t small = 0;
  double ratio = 0;
  bool flag = false;
  std::string note{};
  using payload_fields =
      fields<field<"id", &sample::id>, field<"state", &sample::state>,
             field<"time", &sample::time, when_read::may_be_absent>, field<"nested", &sample::nested>,
             field<"list", &sample::list>, field<"counts", &sample::counts>, field<"raw", &sample::raw>,
             field<"small", &sample::small>, field<"ratio", &sample::ratio>, field<"flag", &sample::flag>,
             field<"note", &sample::note>>;
};

struct number {
  std::int64_t n = 0;
  using payload_fields = fields<field<"n", &number::n>>;
};
struct text {
  std::string_view t{};
  using payload_fields = fields<field<"t", &text::t>>;
};
struct list {
  std::vector<list> items{};  // as deep as its text
  using payload_fields = fields<field<"items", &list::items>>;
};
struct nothing {
  using payload_fields = fields<>;
};

template <class T>
std::string written(const T& value) {
  innate::core::byte_buffer out{std::pmr::new_delete_resource()};
  const auto failed = json_codec::encode(value, out);
  return failed.code ? failed.detail : std::string{out.view()};
}

/// A payload as a message holds it: with room to read behind it.
class padded {
 public:
  explicit padded(std::string_view given) : x_text(given) { x_text.append(64, '\0'); }
  [[nodiscard]] std::string_view view() const { return std::string_view{x_text}.substr(0, x_text.size() - 64); }

 private:
  std::string x_text;
};

template <class T>
innate::error read(std::string_view json, T& into) {
  const padded room{json};
  innate::typed::text_arena arena;
  return json_codec::decode(room.view(), into, arena);
}

template <class T>
void refused(std::string_view json, errc code, std::string_view detail) {
  T into;
  const auto failed = read(json, into);
  CHECK(failed.code == code);
  CHECK(failed.detail == detail);
}

}  // namespace

TEST_CASE("a byte to escape is found wherever it is in a text, and so is the end of the text", "[json]") {
  for (std::size_t size = 0; size != 40; ++size) {
    for (std::size_t at = 0; at <= size; ++at) {  // at the end: nothing to escape
      for (const char special : {'"', '\\', '\n', '\x1f', '!', '~'}) {
        std::string original(size, 'x');
        if (at != size) original[at] = special;
        auto json = written(text{original});
        const bool plain = at == size || special == '!' || special == '~';
        REQUIRE((json.find('\\') == json.npos) == plain);
        json.reserve(json.size() + simdjson::SIMDJSON_PADDING);
        innate::typed::text_arena arena;
        text back;
        REQUIRE_FALSE(json_codec::decode(json, back, arena).code);
        REQUIRE(back.t == original);
      }
    }
  }
}

TEST_CASE("special bytes are found the same way on every machine", "[json]") {
  using namespace innate::typed::plain_text;
  std::mt19937 random{11};
  for (int i = 0; i != 20'000; ++i) {
    std::string bytes(block, 'x');
    for (unsigned n = random() % 4; n != 0; --n) bytes[random() % block] = static_cast<char>(random() % 256);
    const auto first = std::find_if(bytes.begin(), bytes.end(), [](char c) {
      const auto byte = static_cast<unsigned char>(c);
      return byte < 0x20 || byte >= 0x80 || byte == '"' || byte == '\\';
    });
    const auto lowest = [](std::uint32_t found) {
      return found == 0 ? block : static_cast<std::size_t>(std::countr_zero(found));
    };
    REQUIRE(lowest(special(bytes.data())) == static_cast<std::size_t>(first - bytes.begin()));
    REQUIRE(lowest(special_portably(bytes.data())) == static_cast<std::size_t>(first - bytes.begin()));
  }
}

TEST_CASE("texts that grow when they are escaped leave room for what follows", "[json]") {
  std::map<std::string, std::vector<std::string>> all;
  std::string expected = "{";
  for (const char key : {'a', 'b', 'c'}) {
    const std::string controls(1'500, '\x01');
    const std::string plain(1'500, key);
    all[std::string{key}] = {controls, plain, controls};
    std::string escaped;
    for (std::size_t i = 0; i != controls.size(); ++i) escaped += "\\u0001";
    expected += std::string{key == 'a' ? "" : ","} + '"' + key + "\":[\"" + escaped + "\",\"" + plain + "\",\"" +
                escaped + "\"]";
  }
  CHECK(written(all) == expected + "}");
}

TEST_CASE("a payload is written with the document's names, in their order", "[json]") {
  sample s;
  s.id = "doc-1";
  s.state = phase::running;
  s.nested = {3, 2.5};
  s.list = {1, -2};
  s.counts = {{"x", 1}, {"y", 18446744073709551615U}};
  s.raw = {R"({"k": [1, null]})"};
  s.small = 255;
  s.ratio = 0.1;
  s.flag = true;
  s.note = "n";
  CHECK(written(s) == R"({"id":"doc-1","state":"running","time":"1970-01-01T00:00:00.000000Z",)"
                      R"("nested":{"a":3,"b":2.5},"list":[1,-2],"counts":{"x":1,"y":18446744073709551615},)"
                      R"("raw":{"k": [1, null]},"small":255,"ratio":0.1,"flag":true,"note":"n"})");
  CHECK(written(inner{}) == R"({"a":0,"b":null})");
  CHECK(written(nothing{}) == "{}");
}

TEST_CASE("a real number never looks like an integer beyond 64 bits, which some readers refuse", "[json]") {
  CHECK(written(inner{0, 123456789012345680.0}) == R"({"a":0,"b":123456789012345680})");
  CHECK(written(inner{0, 9223372036854775808.0}) == R"({"a":0,"b":9.223372036854776e+18})");
  CHECK(written(inner{0, -169997576012409143296.0}) == R"({"a":0,"b":-1.6999757601240914e+20})");
}

TEST_CASE("a real number is read to the bit, however many digits it has", "[json]") {
  const auto real = [](std::string_view digits) {
    inner into;
    CHECK_FALSE(read("{\"a\":1,\"b\":" + std::string{digits} + "}", into).code);
    return into.b.value_or(0);
  };
  CHECK(real("0.5678201234567890123") == 0.567820123456789);
  CHECK(real("0.56782012345678901234") == 0.567820123456789);
  CHECK(real("-0.56782012345678901234567890 ") == -0.567820123456789);
  CHECK(real("0.000000000000000000000000000012345678901234567890123e30") == 12.345678901234567);
  CHECK(real("1e-92233722320733685477580856445") == 0.0);
  CHECK(real("1.56782012345678901234567890") == 1.567820123456789);
  CHECK(real("123456789012345678901234567890") == 123456789012345678901234567890.0);
}

TEST_CASE("a wrong escape in a name is no JSON, also of an unknown field", "[json]") {
  refused<number>(R"({"n":1,"a\u15>>":2})", errc::payload_not_json, "the payload at byte 8: a wrong escape in a name");
}

TEST_CASE("a second colon after a string that is passed over is no JSON", "[json]") {
  number n;
  CHECK(read(R"({"at":"x":1,"n":1}})", n).code == errc::payload_not_json);
  CHECK(read(R"({"n":1,"at":"x":1,"b":-2}})", n).code == errc::payload_not_json);
}

TEST_CASE("strings are escaped, and only UTF-8 is written", "[json]") {
  CHECK(written(text{"a\"b\\c\n\r\t\b\f\x01\x1f\x7f/"}) == R"({"t":"a\"b\\c\n\r\t\b\f\u0001\u001f)"
                                                           "\x7f/\"}");
  CHECK(written(text{"ü€😀"}) == "{\"t\":\"ü€😀\"}");
  for (const auto* bad : {"\x80", "\xC0\x80", "\xC3", "\xE0\x80\x80", "\xED\xA0\x80", "\xF0\x80\x80\x80",
                          "\xF4\x90\x80\x80", "\xF8\x88\x80\x80\x80", "abcdefgh\xFF"})
    CHECK(written(text{bad}) == "field 't': the text is not UTF-8");
  // Every single byte at every place of a word takes the right path.
  for (std::size_t place = 0; place != 17; ++place) {
    for (int byte = 0; byte != 128; ++byte) {
      std::string value(17, 'x');
      value[place] = static_cast<char>(byte);
      text back;
      const padded json{written(text{value})};
      innate::typed::text_arena arena;
      const auto failed = json_codec::decode(json.view(), back, arena);
      if (failed.code || back.t != value) FAIL_CHECK("byte " << byte << " at " << place << ": " << failed.message());
    }
  }
}

TEST_CASE("what JSON cannot say is refused with its field", "[json]") {
  sample s;
  s.ratio = std::numeric_limits<double>::quiet_NaN();
  CHECK(written(s) == "field 'ratio': JSON has no infinity and no NaN");
  s.ratio = 0;
  s.nested.b = std::numeric_limits<double>::infinity();
  CHECK(written(s) == "field 'nested.b': JSON has no infinity and no NaN");
  s.nested.b.reset();
  s.state = static_cast<phase>(7);
  CHECK(written(s) == "field 'state': the value 7 of the enum has no name");
  s.state = phase::idle;
  for (const auto* bad : {"", "{", "{}x", "nul", "[1,]", "'a'"}) {
    s.raw = {bad};
    CHECK(written(s) == "field 'raw': it is not a JSON value");
  }
  s.raw = {"\"\xff\""};
  CHECK(written(s) == "field 'raw': the text is not UTF-8");
  const std::string deep = std::string(65, '[') + std::string(65, ']');
  s.raw = {deep};
  CHECK(written(s) == "field 'raw': it is nested too deeply");
}

TEST_CASE("fields are read in any order, unknown ones passed over, escaped keys understood", "[json]") {
  sample s;
  const auto failed = read(R"( { "note":"n", "zz":{"deep":[1,{"x":"\u00fc"}]}, "flag" : false, "ratio":3, "small":7,
    "raw": "x" , "counts":{}, "list":[], "nested":{"a":1}, "state":"idle", "\u0069d":"q" } )",
                           s);
  CHECK(failed.detail.empty());
  CHECK(s.note == "n");
  CHECK(s.ratio == 3);
  CHECK(s.small == 7);
  CHECK_FALSE(s.nested.b);
  CHECK(s.time == timestamp{});
}

TEST_CASE("plain strings stay in the payload, escaped ones live in the arena", "[json]") {
  const padded json{R"({"t":"plain"})"};
  innate::typed::text_arena arena;
  text t;
  REQUIRE_FALSE(json_codec::decode(json.view(), t, arena).code);
  CHECK(t.t.data() == json.view().data() + 6);
  const padded escaped{R"({"t":"\ud83d\ude00\"\\\/\n"})"};
  REQUIRE_FALSE(json_codec::decode(escaped.view(), t, arena).code);
  CHECK(t.t == "😀\"\\/\n");
}

TEST_CASE("every fault of a payload is named with field and place", "[json]") {
  refused<number>(" ", errc::payload_not_json, "the payload at byte 1: Empty: no JSON found");
  refused<number>("[1]", errc::payload_wrong_type, "the payload at byte 0: expected an object");
  refused<number>("{}", errc::payload_field_missing, "field 'n' at byte 2: it is missing");
  refused<number>(R"({"n":"1"})", errc::payload_wrong_type, "field 'n' at byte 5: expected an integer, found a string");
  refused<number>(R"({"n":null})", errc::payload_wrong_type, "field 'n' at byte 5: expected an integer, found null");
  refused<number>(R"({"n":1.5})", errc::payload_wrong_type, "field 'n' at byte 5: expected an integer, found 1.5");
  refused<number>(R"({"n":9223372036854775808})", errc::payload_out_of_range,
                  "field 'n' at byte 5: 9223372036854775808 is out of range");
  refused<number>(R"({"n":01})", errc::payload_not_json, "field 'n' at byte 5: '01' is not a number");
  refused<number>(R"({"n":1,"n":2})", errc::payload_field_repeated, "field 'n' at byte 11: it is there twice");
  refused<number>(R"({"n":1} {})", errc::payload_not_json, "the payload at byte 8: more text follows the payload");
  refused<number>(R"({"x":[1}})", errc::payload_not_json, "the payload at byte 7: this is not JSON");
  refused<number>(R"({"x":tru,"n":1})", errc::payload_not_json, "the payload at byte 5: this is not JSON");
  refused<text>("{\"t\":\"\xff\"}", errc::payload_not_json, "the payload at byte 9: The input is not valid UTF-8");
  refused<text>(R"({"t":"\ud800"})", errc::payload_not_json, "field 't' at byte 6: a wrong escape in a string");
  refused<sample>(R"({"state":"gone"})", errc::payload_out_of_range,
                  "field 'state' at byte 9: expected one of idle, running, found 'gone'");
  refused<sample>(R"({"time":"now"})", errc::payload_out_of_range,
                  "field 'time' at byte 8: expected an RFC 3339 time, found 'now'");
  refused<sample>(R"({"small":256})", errc::payload_out_of_range, "field 'small' at byte 9: 256 is out of range");
  refused<sample>(R"({"nested":{"a":true}})", errc::payload_wrong_type,
                  "field 'nested.a' at byte 15: expected an integer, found a boolean");
  refused<sample>(R"({"list":[1,2,{}]})", errc::payload_wrong_type,
                  "field 'list.2' at byte 13: expected an integer, found an object");
  refused<sample>(R"({"counts":{"k":-1}})", errc::payload_out_of_range,
                  "field 'counts.k' at byte 15: -1 is out of range");
}

TEST_CASE("a payload that is cut or no JSON at all says so, and where", "[json]") {
  constexpr std::string_view early = "JSON document ended early in the middle of an object or array.";
  constexpr std::string_view open = "A string is opened, but never closed.";
  refused<number>("hello", errc::payload_wrong_type, "the payload at byte 0: expected an object");
  refused<number>("{", errc::payload_not_json, "the payload at byte 1: " + std::string{early});
  refused<number>("{\"n", errc::payload_not_json, "the payload at byte 3: " + std::string{open});
  refused<number>("{\"n\":", errc::payload_not_json, "the payload at byte 5: " + std::string{early});
  refused<number>("{\"n\":1", errc::payload_not_json, "the payload at byte 6: " + std::string{early});
  refused<text>("{\"t\":\"abc", errc::payload_not_json, "the payload at byte 9: " + std::string{open});
}

TEST_CASE("nesting is bounded: in unknown fields, in declared ones, and by a megabyte", "[json]") {
  const auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  number n;
  CHECK_FALSE(read("{\"x\":" + nested(64) + ",\"n\":1}", n).code);
  for (const std::size_t depth : {std::size_t{65}, std::size_t{1} << 19U})  // the latter is a megabyte
    refused<number>("{\"x\":" + nested(depth) + ",\"n\":1}", errc::payload_too_deep,
                    "the payload at byte 69: arrays and objects are nested too deeply");
  refused<number>("{\"x\":" + std::string(std::size_t{1} << 20U, '['), errc::payload_not_json,
                  "the payload at byte 1048581: JSON document ended early in the middle of an object or array.");
  const auto declared = [](int depth) {
    std::string open;
    std::string close;
    for (int i = 0; i != depth; ++i) {
      open += "{\"items\":[";
      close += "]}";
    }
    list l;
    return read(open + close, l).code;
  };
  CHECK_FALSE(declared(32));  // an object and an array each
  CHECK(declared(33) == errc::payload_too_deep);
  const auto in_array = [](int depth) {  // one level more outside
    std::string items = "{\"items\":[]}";
    for (int i = 1; i != depth; ++i) items = "{\"items\":[" + items + "]}";
    std::vector<list> all;
    return read("[" + items + "]", all).code;
  };
  CHECK_FALSE(in_array(31));
  CHECK(in_array(32) == errc::payload_too_deep);
  std::map<std::string, std::map<std::string, int>> maps;
  CHECK_FALSE(read(R"({"a":{"b":1},"c":{}})", maps).code);
  CHECK(maps["a"]["b"] == 1);
}

TEST_CASE("a payload cut anywhere, or with any byte changed, is read or refused, never more", "[json]") {
  sample s;
  s.id = "doc \"1\"";
  s.list = {1, 2};
  s.raw = {R"({"k":[1,null]})"};
  const auto whole = written(s);
  for (std::size_t size = 0; size != whole.size(); ++size) {
    sample into;
    CHECK(read(std::string_view{whole}.substr(0, size), into).code);
  }
  std::mt19937 random{3};
  for (int i = 0; i != 5'000; ++i) {
    auto changed = whole;
    changed[random() % changed.size()] = static_cast<char>(random() % 256);
    sample into;
    const auto failed = read(changed, into);
    if (failed.code) CHECK_FALSE(failed.detail.empty());
  }
}

TEST_CASE("alternatives are told apart by their required fields", "[json]") {
  std::variant<number, text> either;
  REQUIRE_FALSE(read(R"({"t":"x","n":"not a number"})", either).code);
  CHECK(std::get<text>(either).t.size() == 1);
  REQUIRE_FALSE(read(R"({"n":3})", either).code);
  CHECK(std::get<number>(either).n == 3);
  CHECK(written(either) == R"({"n":3})");
  // What an alternative that did not fit has counted does not weigh on the next one.
  std::variant<sample, list> deep;
  std::string nested = "{\"items\":[]}";
  for (int i = 1; i != 32; ++i) nested = "{\"items\":[" + nested + "]}";
  CHECK_FALSE(read(nested, deep).code);
  const auto failed = read("{}", either);
  CHECK(failed.code == errc::payload_field_missing);
  CHECK(failed.detail == "the payload at byte 2: field 'n': it is missing; or field 't': it is missing");
}

TEST_CASE("an empty payload is one without fields, where none is required", "[json]") {
  nothing none;
  CHECK_FALSE(read("", none).code);
  CHECK_FALSE(read("{}", none).code);
  CHECK(read(" ", none).code == errc::payload_not_json);
}

TEST_CASE("raw JSON and raw bytes as whole payloads", "[json]") {
  raw_json any;
  REQUIRE_FALSE(read("[1,{}]", any).code);
  CHECK(read("[1,{}", any).code == errc::payload_not_json);
  innate::core::byte_buffer out{std::pmr::new_delete_resource()};
  REQUIRE_FALSE(innate::raw_codec::encode(std::string_view{"\0\xff", 2}, out).code);
  CHECK(out.view() == std::string_view{"\0\xff", 2});
}
