// SPDX-License-Identifier: Apache-2.0
#include <innate/typed/timestamp.hpp>

#include <catch2/catch_test_macros.hpp>

#include <cstddef>
#include <string>
#include <string_view>

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

TEST_CASE("days of every month and year, and every second of one, are written and read back", "[timestamp]") {
  const auto two = [](unsigned n) {
    return std::string{static_cast<char>('0' + n / 10), static_cast<char>('0' + n % 10)};
  };
  unsigned micro = 0;
  unsigned second = 0;
  for (sys_days day{0y / January / 1}; day < sys_days{10000y / January / 1}; day += days{29}) {
    micro = (micro + 7919) % 1'000'000;
    second = (second + 4999) % 86'400;
    const year_month_day date{day};
    const auto y = static_cast<unsigned>(static_cast<int>(date.year()));
    const auto text = two(y / 100) + two(y % 100) + "-" + two(unsigned{date.month()}) + "-" +
                      two(unsigned{date.day()}) + "T" + two(second / 3600) + ":" + two(second / 60 % 60) + ":" +
                      two(second % 60) + "." + two(micro / 10'000) + two(micro / 100 % 100) + two(micro % 100) + "Z";
    const timestamp t{day + seconds{second} + microseconds{micro}};
    if (t.text() != text || timestamp::parse(text) != t) FAIL(text << " is written as " << t.text());
  }
  for (unsigned i = 0; i != 86'400; ++i) {
    const auto micros = i * 11 % 1'000'000;
    const timestamp t{sys_days{2026y / November / 24} + seconds{i} + microseconds{micros}};
    const auto of_day = two(i / 3600) + ":" + two(i / 60 % 60) + ":" + two(i % 60) + ".";
    if (timestamp::parse(t.text()) != t ||
        t.text().substr(11) != of_day + std::to_string(1'000'000 + micros).substr(1) + "Z")
      FAIL(t.text());
  }
}

TEST_CASE("the form that is written is told from every other one", "[timestamp]") {
  const std::string_view whole = "2026-11-24T04:05:06.123456Z";
  for (std::size_t place = 0; place != whole.size(); ++place) {
    for (int byte = 0; byte != 256; ++byte) {
      std::string text{whole};
      text[place] = static_cast<char>(byte);
      const bool digit = byte >= '0' && byte <= '9';
      const bool should_be = whole[place] >= '0' && whole[place] <= '9';
      const auto seen = timestamp::parse(text);
      if (text == whole || (place == 10 && (byte == 't' || byte == ' ')) || (place == 26 && byte == 'z')) {
        CHECK(seen == timestamp::parse(whole));
      } else if (place == 26 && digit) {  // one more digit, and no offset
        CHECK(seen == timestamp::parse(whole));
      } else if (!should_be || !digit) {
        if (seen) FAIL_CHECK("byte " << byte << " at " << place);
      } else if (seen) {
        CHECK(seen->text() == text);
      }
    }
  }
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
