// SPDX-License-Identifier: Apache-2.0
#include <innate/core/health.hpp>
#include <innate/core/migration.hpp>
#include <innate/core/outbound.hpp>

#include <catch2/catch_test_macros.hpp>

#include <array>
#include <string>

using namespace std::chrono_literals;
using innate::time_point;
using innate::core::migration;
using action = migration::action;
using step = migration::step;

namespace {

constexpr time_point start{1h};

migration begun() {
  migration m{0s, 1s, 5s};
  m.begin(start);
  return m;
}

/// Everything that would be written, in order.
std::string flush(innate::core::outbound& out) {
  std::string all;
  std::array<std::string_view, 8> pieces;
  while (const auto count = out.gather(pieces)) {
    std::size_t size = 0;
    for (std::size_t i = 0; i != count; ++i) {
      all += pieces[i];
      size += pieces[i].size();
    }
    out.written(size);
  }
  return all;
}

}  // namespace

TEST_CASE("a migration goes through its steps by PONGs and by time", "[migration]") {
  auto m = begun();
  CHECK(m.current() == step::switching);
  CHECK(m.next_deadline() == start + 5s);
  CHECK(m.on_new_pong(start) == action::none);  // not asked
  CHECK(m.on_old_pong(start + 1ms) == action::hand_over);
  CHECK(m.current() == step::confirming);
  CHECK(m.on_old_pong(start + 1ms) == action::none);
  CHECK(m.on_new_pong(start + 2ms) == action::report);
  CHECK(m.current() == step::overlapping);
  CHECK(m.on_deadline(start + 1001ms, false) == action::none);
  CHECK(m.on_deadline(start + 1002ms, false) == action::withdraw);
  CHECK(m.current() == step::withdrawing);
  CHECK(m.on_old_pong(start + 1003ms) == action::none);
  CHECK(m.current() == step::lingering);
  CHECK(m.next_deadline() == start + 2003ms);
  CHECK(m.on_last_answer() == action::none);  // the linger is not over
  CHECK(m.on_deadline(start + 2003ms, false) == action::leave);
  CHECK_FALSE(m.active());
  CHECK(m.next_deadline() == innate::core::never);
  CHECK(m.began() == start);
}

TEST_CASE("a pause comes between the release of publishes and the hand-over, with either link", "[migration]") {
  for (const bool lost : {false, true}) {
    migration m{50ms, 1s, 5s};
    m.begin(start);
    CHECK((lost ? m.on_old_lost(start) : m.on_old_pong(start)) == action::release);
    CHECK(m.current() == step::pausing);
    CHECK(m.on_new_pong(start) == action::none);
    CHECK(m.on_deadline(start + 49ms, false) == action::none);
    CHECK(m.on_deadline(start + 50ms, false) == action::hand_over);
    if (!lost) CHECK(m.on_old_lost(start + 50ms) == action::none);
    CHECK(m.on_new_pong(start + 51ms) == action::report);
    CHECK_FALSE(m.active());
  }
}

TEST_CASE("an awaited answer keeps the old link, the last one lets it go", "[migration]") {
  auto m = begun();
  static_cast<void>(m.on_old_pong(start));
  static_cast<void>(m.on_new_pong(start));
  static_cast<void>(m.on_deadline(start + 1s, true));
  static_cast<void>(m.on_old_pong(start + 1s));
  CHECK(m.on_deadline(start + 2s, true) == action::none);
  CHECK(m.overdue());
  CHECK(m.next_deadline() == innate::core::never);
  CHECK(m.on_last_answer() == action::leave);
  CHECK(m.on_last_answer() == action::none);
}

TEST_CASE("a server that does not answer is given up, once", "[migration]") {
  auto m = begun();
  CHECK(m.on_deadline(start + 5s, false) == action::old_silent);
  CHECK(m.on_deadline(start + 6s, false) == action::none);
  CHECK(m.on_old_lost(start + 6s) == action::hand_over);
  CHECK(m.on_deadline(start + 11s, false) == action::new_silent);
}

TEST_CASE("when a link is lost the other one goes on alone", "[migration]") {
  for (int pongs = 0; pongs != 2; ++pongs) {
    auto m = begun();
    if (pongs) static_cast<void>(m.on_old_pong(start));
    CHECK(m.on_old_lost(start) == (pongs ? action::none : action::hand_over));
    CHECK(m.on_new_pong(start) == action::report);
    CHECK_FALSE(m.active());
  }
  auto later = begun();
  static_cast<void>(later.on_old_pong(start));
  static_cast<void>(later.on_new_pong(start));
  CHECK(later.on_old_lost(start) == action::none);
  CHECK_FALSE(later.active());

  auto back = begun();
  back.on_new_lost(start + 1s);
  CHECK(back.current() == step::confirming);
  CHECK(back.on_new_pong(start + 2s) == action::report);
  CHECK_FALSE(back.active());
}

TEST_CASE("a held outbound lets pass only what is put ahead, and gives way to another's publishes", "[migration]") {
  innate::core::outbound held{std::pmr::new_delete_resource()};
  held.hold();
  held.append("PUB b 1\r\n2\r\n");
  CHECK(flush(held).empty());
  held.begin_with("SUB a 1\r\n");
  CHECK(held.size() == 21);
  CHECK(flush(held) == "SUB a 1\r\n");

  innate::core::outbound old{std::pmr::new_delete_resource()};
  old.append("PING\r\nPUB a 1\r\n1\r\nPUB o 4\r\n");
  old.splice(innate::owned_payload{std::string{"long"}});
  old.append("\r\n");
  innate::core::outbound copy{std::pmr::new_delete_resource()};
  copy.append("PUB z 1\r\n0\r\n");
  CHECK(copy.move_behind(old) == 0);
  CHECK(copy.empty());
  CHECK(old.move_before(held) == 0);
  CHECK(old.empty());
  CHECK(flush(held).empty());
  held.release();
  CHECK(flush(held) == "PUB a 1\r\n1\r\nPUB o 4\r\nlong\r\nPUB z 1\r\n0\r\nPUB b 1\r\n2\r\n");
}

TEST_CASE("a PING that overtakes others is answered before them", "[migration]") {
  innate::core::health alive{1s, 2};
  alive.sent_ping(7);
  alive.sent_ping(8);
  alive.sent_ping_ahead(6);
  CHECK(alive.on_pong() == 6U);
  CHECK(alive.on_pong() == 7U);
  CHECK(alive.on_pong() == 8U);
  CHECK_FALSE(alive.on_pong());
}
