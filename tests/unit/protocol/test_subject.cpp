// SPDX-License-Identifier: Apache-2.0
#include <innate/protocol/nuid.hpp>
#include <innate/protocol/subject_ref.hpp>

#include <catch2/catch_test_macros.hpp>

#include <set>
#include <string>
#include <vector>

namespace protocol = innate::protocol;
using protocol::check_filter;
using protocol::check_subject;
using protocol::matches;
using protocol::subject_fault;

static_assert(check_subject("a.b-c_d.ü").fault == subject_fault::none);
static_assert(check_subject("foo*.b>r").fault == subject_fault::none);
static_assert(check_subject("a.*").fault == subject_fault::wildcard);
static_assert(check_filter("a.*.>").fault == subject_fault::none);
static_assert(protocol::subject_ref{"a.b"}.view() == "a.b");

TEST_CASE("subjects and filters: every fault has its place", "[subject]") {
  struct row {
    std::string text;
    subject_fault fault;
    std::size_t position;
  };
  for (const auto& [text, fault, position] : std::vector<row>{{"", subject_fault::empty, 0},
                                                              {".", subject_fault::empty_token, 0},
                                                              {".a", subject_fault::empty_token, 0},
                                                              {"a.", subject_fault::empty_token, 1},
                                                              {"a..b", subject_fault::empty_token, 2},
                                                              {"a b", subject_fault::space, 1},
                                                              {"a\tb", subject_fault::space, 1},
                                                              {"a\r\nPUB", subject_fault::control, 1},
                                                              {std::string("a\0", 2), subject_fault::control, 1},
                                                              {">.a", subject_fault::gt_not_last, 0}}) {
    CHECK(check_filter(text).fault == fault);
    CHECK(check_filter(text).position == position);
  }
  CHECK(protocol::check_queue("workers").fault == subject_fault::none);
  CHECK(protocol::check_queue("a b").fault == subject_fault::space);
  CHECK(protocol::describe(check_filter("a\r"), "a\r") == "'a\\x0d' contains a control byte at position 1");
}

TEST_CASE("filters match subjects as servers match them", "[subject]") {
  CHECK(matches("a.b", "a.b"));
  CHECK(matches("a.*", "a.b"));
  CHECK(matches("*.b", "a.b"));
  CHECK(matches("a.>", "a.b.c"));
  CHECK(matches(">", "a"));
  CHECK_FALSE(matches("a.>", "a"));
  CHECK_FALSE(matches("a.*", "a.b.c"));
  CHECK_FALSE(matches("a", "a.b"));
  CHECK_FALSE(matches("a.b", "a"));
}

TEST_CASE("inbox names are valid subjects and never come twice", "[nuid]") {
  protocol::nuid ids;
  std::set<std::string> seen;
  for (int i = 0; i != 100'000; ++i) {
    const auto id = ids.next();
    CHECK(seen.emplace(id.data(), id.size()).second);
  }
  CHECK(check_subject(protocol::new_inbox(ids)).fault == subject_fault::none);
}
