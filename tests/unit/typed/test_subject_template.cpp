// SPDX-License-Identifier: Apache-2.0
#include <innate/typed/parameter.hpp>

#include <catch2/catch_test_macros.hpp>

#include <string>
#include <type_traits>
#include <vector>

using innate::check_template;
using innate::errc;
using innate::overlapping;
using innate::same_subjects;
using innate::subject_template;
using innate::template_fault;
using namespace innate::literals;

namespace {

using completed = subject_template<"agent.{agent_id}.task.completed">;
using two = subject_template<"a.{x}.b.{y}">;

std::string formatted(const two::values& values) {
  std::string out(two::size(values), '?');
  CHECK(two::format(out.data(), values) == out.data() + out.size());
  return out;
}

}  // namespace

TEST_CASE("a template knows its tokens, parameters and filter at compile time", "[template]") {
  STATIC_REQUIRE(completed::token_count == 4);
  STATIC_REQUIRE(completed::parameter_count == 1);
  STATIC_REQUIRE(completed::names[0] == "agent_id");
  STATIC_REQUIRE(completed::filter() == "agent.*.task.completed");
  STATIC_REQUIRE(completed::index_of("agent") == completed::npos);
  STATIC_REQUIRE(subject_template<"a">::filter() == "a");
  STATIC_REQUIRE(subject_template<"{a}">::filter() == "*");
  STATIC_REQUIRE(std::is_same_v<subject_template<"a.{b}">, subject_template<"a.{b}">>);
}

TEST_CASE("every fault of a template has its place", "[template]") {
  const auto is = [](std::string_view text, template_fault fault, std::size_t position) {
    const auto check = check_template(text);
    CHECK(check.fault == fault);
    CHECK(check.position == position);
  };
  is("agent.{id}.x-y_Z.1", template_fault::none, 0);
  is("", template_fault::empty, 0);
  is("a..b", template_fault::empty_token, 1);
  is(".a", template_fault::empty_token, 0);
  is("a.", template_fault::empty_token, 1);
  is("a b", template_fault::bad_byte, 1);
  is("a.\r\n", template_fault::bad_byte, 2);
  is("a.*", template_fault::wildcard, 2);
  is("a.>", template_fault::wildcard, 2);
  is("a.{b", template_fault::unclosed_brace, 2);
  is("a.b}", template_fault::unopened_brace, 3);
  is("a.{b}c", template_fault::parameter_not_alone, 5);
  is("a.b{c}", template_fault::parameter_not_alone, 3);
  is("a.{}", template_fault::unnamed_parameter, 2);
  is("a.{b c}", template_fault::bad_name, 4);
  is("a.{1b}", template_fault::bad_name, 3);
  is("a.{{b}}", template_fault::parameter_not_alone, 6);
  is("a.{b}.c.{b}", template_fault::duplicate_name, 9);
}

TEST_CASE("formatting and matching are each other's inverse", "[template]") {
  CHECK(formatted({"1", "22"}) == "a.1.b.22");
  CHECK(formatted({"*", "*"}) == two::filter());
  two::values found;
  REQUIRE(two::match("a.1.b.22", found));
  CHECK(found[0] == "1");
  CHECK(found[1] == "22");
  for (const auto* other : {"", "a", "a.1.b", "a.1.b.", "a.1.b.2.c", "a.1.c.2", "b.1.b.2", "a..b.2", "a.1.b.2."})
    CHECK_FALSE(two::match(other, found));
}

TEST_CASE("templates are compared by the subjects they make", "[template]") {
  STATIC_REQUIRE(same_subjects<subject_template<"a.{b}">, subject_template<"a.{c}">>);
  STATIC_REQUIRE(overlapping<subject_template<"a.{b}">, subject_template<"a.c">>);
  STATIC_REQUIRE(overlapping<subject_template<"a.{b}.c">, subject_template<"a.b.{c}">>);
  STATIC_REQUIRE_FALSE(overlapping<subject_template<"a.b">, subject_template<"a.c">>);
  STATIC_REQUIRE_FALSE(overlapping<subject_template<"a.{b}">, subject_template<"a.b.c">>);
}

TEST_CASE("values come by name in any order; numbers too; a bad one is named with its fault", "[parameter]") {
  two::values values;
  const auto number = "x"_p = 42;
  CHECK_FALSE(innate::typed::order_arguments<"a.{x}.b.{y}">(values, "y"_p = "Y", number).code);
  CHECK(values == two::values{"42", "Y"});
  CHECK_FALSE(innate::typed::order_arguments<"a.{x}.b.{y}">(values, "y"_p = "Y").code);
  CHECK(values == two::values{"*", "Y"});
  const auto bad = [&](std::string_view value) {
    const auto refused = innate::typed::order_arguments<"a.{x}.b.{y}">(values, "x"_p = value);
    CHECK(refused.code == errc::invalid_parameter);
    CHECK(refused.detail.starts_with("parameter 'x' of 'a.{x}.b.{y}': "));
    return refused.detail.substr(refused.detail.find(": ") + 2);
  };
  CHECK(bad("") == "it is empty");
  CHECK(bad("a.b") == "'a.b' contains a dot at position 1");
  CHECK(bad("*") == "'*' contains a wildcard at position 0");
  CHECK(bad("a>") == "'a>' contains a wildcard at position 1");
  CHECK(bad("a b") == "'a b' contains a blank at position 1");
  CHECK(bad("a\r\nPUB") == "'a\\x0d\\x0aPUB' contains a control byte at position 1");
  CHECK(bad(std::string_view{"\0", 1}) == "'\\x00' contains a control byte at position 0");
}
