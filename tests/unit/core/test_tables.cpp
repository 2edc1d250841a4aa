// SPDX-License-Identifier: Apache-2.0
#include <innate/core/answer_table.hpp>
#include <innate/core/event_queue.hpp>
#include <innate/core/timer_queue.hpp>

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <deque>
#include <limits>
#include <random>
#include <vector>

namespace core = innate::core;
using namespace std::chrono_literals;

namespace {

struct test_operation final : core::operation {
  void resume(core::turn) noexcept override {}
};

}  // namespace

TEST_CASE("a ticket finds its answer until it is closed, never a newer one in the same slot", "[answers]") {
  core::answer_table table;
  const auto a = table.open();
  const auto b = table.open();
  REQUIRE(table.find(a));
  CHECK(table.find(a) != table.find(b));
  const auto* place = table.find(a);
  for (int i = 0; i != 1000; ++i) static_cast<void>(table.open());
  CHECK(table.find(a) == place);
  table.close(a);
  CHECK_FALSE(table.find(a));
  const auto again = table.open();
  CHECK(again.slot == a.slot);
  CHECK_FALSE(table.find(a));
  table.close(a);
  CHECK(table.find(again));
  CHECK_FALSE(table.find({}));
  CHECK_FALSE(table.find({77'777, 1}));
}

TEST_CASE("reply tokens come back, and nothing else is one", "[answers]") {
  const auto most = std::numeric_limits<std::uint32_t>::max();
  for (const core::ticket t : {core::ticket{0, 1}, core::ticket{35, 36}, core::ticket{most, most}})
    CHECK(core::reply_token::parse(core::reply_token{t}.view()) == t);
  for (const auto* bad : {"", "-", "1-", "-1", "1-1_", "1-1.2", "zzzzzzzz-1", "1 -1"})
    CHECK_FALSE(core::reply_token::parse(bad));
}

TEST_CASE("deadlines expire in order, whatever was added and removed between", "[timers]") {
  std::mt19937 random{7};
  std::deque<test_operation> operations(300);
  core::timer_queue queue;
  std::vector<core::operation*> expected;
  for (auto& op : operations) {
    op.deadline = innate::time_point{std::chrono::milliseconds{random() % 1000}};
    queue.add(op);
  }
  for (auto& op : operations) {
    if (random() % 3 == 0)
      queue.remove(op);
    else
      expected.push_back(&op);
  }
  test_operation never;
  queue.add(never);
  std::sort(expected.begin(), expected.end(), [](auto* x, auto* y) { return x->deadline < y->deadline; });
  CHECK(queue.next() == expected.front()->deadline);
  CHECK_FALSE(queue.pop_expired(queue.next() - 1ns));
  for (const auto* want : expected) {
    const auto* got = queue.pop_expired(innate::time_point{1s});
    REQUIRE(got);
    CHECK(got->deadline == want->deadline);
  }
  CHECK(queue.next() == core::never);
  CHECK_FALSE(queue.pop_expired(innate::time_point{1h}));
}

TEST_CASE("a list of operations keeps their order, whichever is taken out", "[operations]") {
  std::deque<test_operation> all(20);
  core::operation_list list;
  std::vector<core::operation*> expected;
  std::minstd_rand random{17};
  for (int step = 0; step != 5'000; ++step) {
    core::operation& op = all[random() % all.size()];
    const auto known = std::ranges::find(expected, &op);
    const bool removed = known != expected.end();
    if (removed) expected.erase(known);
    if (removed && random() % 2) {
      list.remove(op);
    } else {
      list.push_back(op);  // one that is in the list goes to its end
      expected.push_back(&op);
    }
    REQUIRE(list.front() == (expected.empty() ? nullptr : expected.front()));
    REQUIRE(list.only() == (expected.size() == 1 ? expected.front() : nullptr));
  }
  for (core::operation* op : expected) {
    REQUIRE(list.front() == op);
    list.remove(*op);
  }
  CHECK(list.empty());
}

TEST_CASE("the event queue drops the oldest, counts it, and keeps all for the callback", "[events]") {
  core::event_queue queue{2, true};
  for (std::uint64_t i = 0; i != 3; ++i) queue.push({.kind = innate::event_kind::lame_duck, .sid = i});
  CHECK(queue.dropped() == 1);
  CHECK(queue.pop()->sid == 1);
  CHECK(queue.pop()->sid == 2);
  CHECK_FALSE(queue.pop());
  for (std::uint64_t i = 0; i != 3; ++i) CHECK(queue.pop_for_callback()->sid == i);
  CHECK_FALSE(queue.pop_for_callback());
}
