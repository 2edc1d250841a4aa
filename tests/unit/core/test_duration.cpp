// SPDX-License-Identifier: Apache-2.0
#include <innate/core/duration.hpp>

#include <catch2/catch_test_macros.hpp>

#include <chrono>
#include <string>
#include <string_view>

using innate::duration;
using innate::errc;
using innate::parse_duration;
using namespace std::chrono_literals;

namespace {

duration good(std::string_view text) {
  const auto read = parse_duration(text);
  CAPTURE(text);
  REQUIRE(read);
  return *read;
}

}  // namespace

TEST_CASE("durations are read as people write them", "[duration]") {
  CHECK(good("500ms") == 500ms);
  CHECK(good("2s") == 2s);
  CHECK(good("1m") == 1min);
  CHECK(good("1h") == 1h);
  CHECK(good("250us") == 250us);
  CHECK(good("7ns") == 7ns);
  CHECK(good("1h30m") == 90min);
  CHECK(good("1m0.5s") == 60'500ms);
  CHECK(good("0") == 0s);
  CHECK(good("0ms") == 0s);
}

TEST_CASE("a bare number is seconds", "[duration]") {
  CHECK(good("2") == 2s);
  CHECK(good("2.0") == 2s);
  CHECK(good("2.5") == 2500ms);
  CHECK(good("0.000000001") == 1ns);
  CHECK(good("0.0000000019") == 1ns);
  CHECK(good("007") == 7s);
}

TEST_CASE("fractions are exact in every unit", "[duration]") {
  CHECK(good("0.1s") == 100ms);
  CHECK(good("1.000001ms") == 1ms + 1ns);
  CHECK(good("0.25h") == 15min);
  CHECK(good("1.5m") == 90s);
  CHECK(good("0.0000000001h") == 360ns);
  CHECK(good("0.999999999") == 999'999'999ns);
  CHECK(good("0." + std::string(1000, '9') + "s") == 999'999'999ns);
}

TEST_CASE("the longest duration fits, the next does not", "[duration]") {
  CHECK(good("9223372036854775807ns") == duration::max());
  CHECK(good("9223372036.854775807") == duration::max());
  for (const std::string_view text : {"9223372036854775808ns", "9223372036.854775808", "9223372037", "2562048h",
                                      "99999999999999999999999", "9223372036854775807ns1ns", "2562047h47m16.9s"}) {
    CAPTURE(text);
    const auto read = parse_duration(text);
    REQUIRE_FALSE(read);
    CHECK(read.error().detail.find("too long") != std::string::npos);
  }
}

TEST_CASE("anything else is refused, quoting it and the accepted forms", "[duration]") {
  for (const std::string_view text :
       {"",     "s",  "ms", ".5",   "1.",    "1.s", "-1",  "-1s",  "+1s", "1 s", " 1s",  "1s ",    "1x",
        "1sec", "1S", "1d", "1h30", "30 1h", "1,5", "1e3", "0x10", "inf", "nan", "1..5", "1.5.5s", "1hm"}) {
    CAPTURE(text);
    const auto read = parse_duration(text);
    REQUIRE_FALSE(read);
    CHECK(read.error().code == errc::invalid_option);
    CHECK(read.error().detail.find("'" + std::string{text} + "'") != std::string::npos);
    CHECK(read.error().detail.find("500ms") != std::string::npos);
  }
}
