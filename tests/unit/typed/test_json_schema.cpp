// SPDX-License-Identifier: Apache-2.0
#include <innate/typed/json_outline.hpp>
#include <innate/typed/json_schema.hpp>

#include <catch2/catch_test_macros.hpp>

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <variant>
#include <vector>

using innate::field;
using innate::fields;
using innate::json_schema;
using innate::when_read;

namespace {

enum class phase { idle, running };
constexpr auto names_of(phase) { return std::array<std::string_view, 2>{"idle", "running"}; }

struct inner {
  int a = 0;
  std::optional<double> b{};
  using payload_fields = fields<field<"a", &inner::a>, field<"b", &inner::b>>;
};
struct outer {
  inner one{};
  std::vector<inner> more{};
  std::string_view late{};
  innate::raw_json raw{};
  using payload_fields = fields<field<"one", &outer::one>, field<"more", &outer::more>,
                                field<"late", &outer::late, when_read::may_be_absent>, field<"raw", &outer::raw>>;
};
struct nothing {
  using payload_fields = fields<>;
};
/// Contains itself in two ways, one of them below a name that JSON pointers and URIs write differently.
struct tree {
  std::vector<tree> items{};
  std::map<std::string, tree> names{};
  using payload_fields = fields<field<"a/b c~", &tree::items>, field<"names", &tree::names>>;
};
struct forest {
  tree first{};
  using payload_fields = fields<field<"a/b c~", &forest::first>>;
};

}  // namespace

TEST_CASE("a schema says the type and the range of a value", "[schema]") {
  CHECK(json_schema<bool>() == R"({"type":"boolean"})");
  CHECK(json_schema<std::uint8_t>() == R"({"type":"integer","minimum":0,"maximum":255})");
  CHECK(json_schema<std::int64_t>() ==
        R"({"type":"integer","minimum":-9223372036854775808,"maximum":9223372036854775807})");
  CHECK(json_schema<std::uint64_t>() == R"({"type":"integer","minimum":0,"maximum":18446744073709551615})");
  CHECK(json_schema<double>() == R"({"type":"number"})");
  CHECK(json_schema<float>() == R"({"type":"number","minimum":-3.4028235e+38,"maximum":3.4028235e+38})");
  CHECK(json_schema<std::string>() == R"({"type":"string"})");
  CHECK(json_schema<std::string_view>() == R"({"type":"string"})");
  CHECK(json_schema<phase>() == R"({"type":"string","enum":["idle","running"]})");
  CHECK(json_schema<innate::raw_json>() == "{}");
  CHECK(json_schema<std::vector<bool>>() == R"({"type":"array","items":{"type":"boolean"}})");
  CHECK(json_schema<std::unordered_map<std::string, phase>>() ==
        R"({"type":"object","additionalProperties":{"type":"string","enum":["idle","running"]}})");
  CHECK(json_schema<std::optional<std::string>>() == R"({"anyOf":[{"type":"string"},{"type":"null"}]})");
}

TEST_CASE("a schema requires what the reader insists on, and is open", "[schema]") {
  CHECK(json_schema<nothing>() == R"({"type":"object","properties":{}})");
  CHECK(json_schema<inner>() ==
        R"({"type":"object","properties":{"a":{"type":"integer","minimum":-2147483648,"maximum":2147483647},)"
        R"("b":{"anyOf":[{"type":"number"},{"type":"null"}]}},"required":["a"]})");
  const auto in = json_schema<inner>();
  CHECK(json_schema<outer>() == R"({"type":"object","properties":{"one":)" + in +
                                    R"(,"more":{"type":"array","items":)" + in +
                                    R"(},"late":{"type":"string"},"raw":{}},"required":["one","more","raw"]})");
}

TEST_CASE("alternatives are any of their schemas", "[schema]") {
  CHECK(json_schema<std::variant<nothing, inner>>() ==
        R"({"anyOf":[)" + json_schema<nothing>() + "," + json_schema<inner>() + "]}");
}

TEST_CASE("a type that contains itself refers to where it stands", "[schema]") {
  CHECK(json_schema<tree>() ==
        R"({"type":"object","properties":{"a/b c~":{"type":"array","items":{"$ref":"#"}},)"
        R"("names":{"type":"object","additionalProperties":{"$ref":"#"}}},"required":["a/b c~","names"]})");
  const auto placed = json_schema<forest>("#/$defs/forest");
  CHECK(placed.find(R"("items":{"$ref":"#/$defs/forest/properties/a~1b%20c~0"})") != placed.npos);
  const auto either = json_schema<std::variant<nothing, std::optional<tree>>>();
  CHECK(either.find(R"("items":{"$ref":"#/anyOf/1/anyOf/0"})") != either.npos);
}

TEST_CASE("documents are laid out for people", "[schema]") {
  innate::typed::json_outline out;
  out.open();
  out.text("text", "a \"b\" {,[");
  out.open("nothing");
  out.close();
  out.open_list("list");
  out.reference({}, "#/x");
  out.open();
  out.members(R"("enum":["x,","y"],"none":[],"n":1)");
  out.close();
  out.close_list();
  out.raw("z", "null");
  out.close();
  CHECK(out.document() == R"({
  "text": "a \"b\" {,[",
  "nothing": {},
  "list": [
    {
      "$ref": "#/x"
    },
    {
      "enum": ["x,", "y"],
      "none": [],
      "n": 1
    }
  ],
  "z": null
}
)");
}
