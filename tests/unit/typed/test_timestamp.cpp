// SPDX-License-Identifier: Apache-2.0
#include <innate/typed/timestamp.hpp>

#include <catch2/catch_test_macros.hpp>

using innate::timestamp;
using namespace std::chrono_literals;
using namespace std::chrono;

TEST_CASE("a timestamp is written in UTC with microseconds and read back", "[timestamp]") {
  const timestamp t{sys_days{2026y / November / 24} + 4h + 5min + 6s + 123456us};
  CHECK(t.text() == "2026-11-24T04:05:06.123456Z");
  CHECK(timestamp::parse(t.text()) == t);
  CHECK(timestamp{}.text() == "1970-01-01T00:00:00.000000Z");
  CHECK(timestamp{sys_days{1969y / December / 31} + 23h + 59min + 59s}.text() == "1969-12-31T23:59:59.000000Z");
  CHECK(timestamp{sys_days{0y / January / 1}}.text() == "0000-01-01T00:00:00.000000Z");
  CHECK_FALSE(timestamp{sys_days{10000y / January / 1}}.has_text());
  CHECK_FALSE(timestamp{sys_days{-1y / December / 31}}.has_text());
  const auto now = timestamp::now();
  CHECK(timestamp::parse(now.text()) == now);
}

TEST_CASE("readers take what RFC 3339 and Python write", "[timestamp]") {
  const auto at = [](std::string_view text) { return timestamp::parse(text).value().text(); };
  CHECK(at("2026-01-02T03:04:05Z") == "2026-01-02T03:04:05.000000Z");
  CHECK(at("2026-01-02t03:04:05.5z") == "2026-01-02T03:04:05.500000Z");
  CHECK(at("2026-01-02 03:04:05.123456789Z") == "2026-01-02T03:04:05.123456Z");
  CHECK(at("2026-01-02T03:04:05.123456") == "2026-01-02T03:04:05.123456Z");
  CHECK(at("2026-01-02T00:30:00+02:00") == "2026-01-01T22:30:00.000000Z");
  CHECK(at("2026-12-31T23:30:00-01:00") == "2027-01-01T00:30:00.000000Z");
  CHECK(at("2016-12-31T23:59:60Z") == "2017-01-01T00:00:00.000000Z");
  CHECK(at("2024-02-29T00:00:00Z") == "2024-02-29T00:00:00.000000Z");
}

TEST_CASE("what is not a time is refused, cut anywhere", "[timestamp]") {
  for (const auto* bad :
       {"", "2026", "2026-1-02T03:04:05Z", "2026-13-01T00:00:00Z", "2026-02-29T00:00:00Z", "2026-01-02T24:00:00Z",
        "2026-01-02T03:60:05Z", "2026-01-02T03:04:61Z", "2026-01-02T03:04:05.Z", "2026-01-02T03:04:05+0200",
        "2026-01-02T03:04:05+24:00", "2026-01-02T03:04:05Zx", "2026-01-02X03:04:05Z", "+026-01-02T03:04:05Z"})
    CHECK_FALSE(timestamp::parse(bad));
  const std::string_view whole = "2026-01-02T03:04:05.25+01:00";
  for (std::size_t size = 0; size != whole.size(); ++size) {
    const bool complete = size == 19 || size == 21 || size == 22;  // without an offset
    CHECK(timestamp::parse(whole.substr(0, size)).has_value() == complete);
  }
}
