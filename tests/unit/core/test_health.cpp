// SPDX-License-Identifier: Apache-2.0
#include <innate/core/health.hpp>

#include <catch2/catch_test_macros.hpp>

#include <chrono>
#include <cstdint>

using innate::duration;
using innate::time_point;
using innate::core::health;
using innate::core::never;
using action = innate::core::health::action;
using namespace std::chrono_literals;

namespace {

constexpr time_point start{1000h};

/// Goes to the next deadline and does what is asked for.
action tick(health& h) {
  const auto what = h.on_deadline(h.next_deadline());
  if (what == action::send_ping) h.sent_ping(0);
  return what;
}

}  // namespace

TEST_CASE("pings follow the interval", "[health]") {
  health h{10s, 2};
  CHECK(h.next_deadline() == never);
  h.start(start);
  CHECK(h.next_deadline() == start + 10s);
  CHECK(h.on_deadline(start + 9s) == action::none);
  CHECK(h.next_deadline() == start + 10s);
  CHECK(h.on_deadline(start + 10s) == action::send_ping);
  CHECK(h.next_deadline() == start + 20s);
}

TEST_CASE("a late timer sends one ping, not a burst", "[health]") {
  health h{10s, 2};
  h.start(start);
  CHECK(h.on_deadline(start + 95s) == action::send_ping);
  CHECK(h.on_deadline(start + 95s) == action::none);
  CHECK(h.next_deadline() == start + 105s);
}

TEST_CASE("TestPingReconnect: unanswered pings make the link stale", "[health]") {
  for (const std::uint32_t allowed : {1U, 2U, 5U}) {
    health h{10s, allowed};
    h.start(start);
    for (std::uint32_t i = 0; i != allowed; ++i) CHECK(tick(h) == action::send_ping);
    CHECK(tick(h) == action::stale);
    CHECK(h.next_deadline() == start + (allowed + 1) * 10s);
  }
}

TEST_CASE("any PONG resets the count", "[health]") {
  health h{10s, 2};
  h.start(start);
  for (int i = 0; i != 20; ++i) {
    CHECK(tick(h) == action::send_ping);
    CHECK(tick(h) == action::send_ping);
    CHECK(h.on_pong());
    CHECK(h.on_pong());
  }
  CHECK(tick(h) == action::send_ping);
  CHECK(tick(h) == action::send_ping);
  CHECK(tick(h) == action::stale);
}

TEST_CASE("a PONG nobody asked for proves life too, and belongs to nobody", "[health]") {
  health h{10s, 1};
  h.start(start);
  CHECK_FALSE(h.on_pong());
  CHECK(h.on_deadline(start + 10s) == action::send_ping);
  CHECK_FALSE(h.on_pong());
  CHECK(tick(h) == action::send_ping);
}

TEST_CASE("ping_not_starved_by_frequent_publishes: only time moves the schedule", "[health]") {
  health h{10s, 2};
  h.start(start);
  for (std::uint64_t flush = 1; flush != 100; ++flush) {
    h.sent_ping(flush);
    CHECK(h.next_deadline() == start + 10s);
  }
  CHECK(h.on_deadline(start + 10s) == action::send_ping);
}

TEST_CASE("PONGs answer in the order of the PINGs, whoever sent them", "[health]") {
  health h{10s, 2};
  h.start(start);
  h.sent_ping(7);
  CHECK(tick(h) == action::send_ping);
  h.sent_ping(8);
  h.sent_ping(9);
  CHECK(h.outstanding() == 4);
  CHECK(h.on_pong() == 7U);
  CHECK(h.on_pong() == 0U);
  CHECK(h.on_pong() == 8U);
  CHECK(h.on_pong() == 9U);
  CHECK_FALSE(h.on_pong());
}

TEST_CASE("flushes that wait do not make the link stale", "[health]") {
  health h{10s, 2};
  h.start(start);
  for (std::uint64_t i = 0; i != 10; ++i) h.sent_ping(i);
  CHECK(tick(h) == action::send_ping);
}

TEST_CASE("a new link forgets the PINGs of the old one", "[health]") {
  health h{10s, 1};
  h.start(start);
  h.sent_ping(7);
  CHECK(tick(h) == action::send_ping);
  h.stop();
  CHECK(h.next_deadline() == never);
  CHECK(h.on_deadline(start + 1000h) == action::none);
  h.start(start + 1h);
  CHECK(h.outstanding() == 0);
  CHECK(h.next_deadline() == start + 1h + 10s);
  CHECK_FALSE(h.on_pong());
  CHECK(tick(h) == action::send_ping);
}

TEST_CASE("a PING announced while there is no link is answered by the next one", "[health]") {
  health h{10s, 1};
  h.sent_ping(7);
  h.start(start);
  CHECK(h.on_pong() == 7U);
}

TEST_CASE("an interval without end never fires", "[health]") {
  health h{duration::max(), 2};
  h.start(start);
  CHECK(h.next_deadline() == never);
}
