// SPDX-License-Identifier: Apache-2.0
#include <innate/sdk/ttl_cache.hpp>

#include <catch2/catch_test_macros.hpp>

#include <string>
#include <vector>

using innate::sdk::glob_matches;
using namespace std::chrono_literals;
using cache = innate::sdk::ttl_cache<std::string>;

TEST_CASE("globs over keys", "[glob]") {
  STATIC_REQUIRE(glob_matches("rag.*", "rag.query.1"));
  STATIC_REQUIRE(glob_matches("*", ""));
  STATIC_REQUIRE(glob_matches("a?c", "abc"));
  STATIC_REQUIRE(glob_matches("*b*d", "abcbd"));
  STATIC_REQUIRE(glob_matches("", ""));
  STATIC_REQUIRE_FALSE(glob_matches("rag.*", "rag"));
  STATIC_REQUIRE_FALSE(glob_matches("a?c", "ac"));
  STATIC_REQUIRE_FALSE(glob_matches("", "a"));
  STATIC_REQUIRE_FALSE(glob_matches("abc", "abcd"));
  CHECK_FALSE(glob_matches("*a*a*a*a*a*a*a*a*b", std::string(10'000, 'a')));  // in good time
}

TEST_CASE("entries expire, the least recently used one makes room, globs erase", "[cache]") {
  cache c{3};
  const innate::time_point start{1h};
  c.put("a", "1", 10s, start);
  c.put("b", "2", 20s, start);
  c.put("c", "3", 30s, start);
  const auto found = c.get("a", start + 4s);
  REQUIRE(found);
  CHECK(found->value == "1");
  CHECK(found->remaining == 6s);
  c.put("d", "4", 30s, start);  // b was used longest ago
  CHECK_FALSE(c.get("b", start));
  CHECK(c.size() == 3);
  CHECK_FALSE(c.get("a", start + 10s));
  CHECK(c.size() == 2);
  c.put("d", "5", 5s, start);  // replaces
  CHECK(c.get("d", start)->value == "5");
  CHECK(c.erase_matching("?") == std::vector<std::string>{"d", "c"});
  CHECK(c.size() == 0);
  CHECK_FALSE(c.erase("a"));
  CHECK(c.invalidations() == 1);
  CHECK(c.erase_matching("no such").empty());
  CHECK(c.invalidations() == 2);
}

TEST_CASE("a cache holds at least one entry, and forever is a time to live", "[cache]") {
  cache c{0};
  c.put("a", "1", innate::duration::max(), innate::time_point{1h});
  CHECK(c.get("a", innate::time_point{100'000h}));
}
