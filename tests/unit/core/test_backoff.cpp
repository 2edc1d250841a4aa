// SPDX-License-Identifier: Apache-2.0
#include <innate/core/backoff.hpp>

#include <catch2/catch_test_macros.hpp>

#include <chrono>
#include <cstdint>
#include <limits>
#include <vector>

using innate::duration;
using innate::reconnect_options;
using innate::core::backoff;
using namespace std::chrono_literals;

namespace {

reconnect_options steady() {
  reconnect_options how;
  how.jitter = how.jitter_tls = 0ms;
  return how;
}

}  // namespace

TEST_CASE("waits double from the first round on, up to the cap", "[backoff]") {
  const auto how = steady();
  const backoff wait{how};
  CHECK(wait.wait_for(0, 1, false) == 0s);
  CHECK(wait.wait_for(1, 1, false) == 2s);
  CHECK(wait.wait_for(2, 1, false) == 4s);
  CHECK(wait.wait_for(3, 1, false) == 8s);
  CHECK(wait.wait_for(4, 1, false) == 16s);
  CHECK(wait.wait_for(5, 1, false) == 30s);
  CHECK(wait.wait_for(std::numeric_limits<std::uint32_t>::max(), 1, false) == 30s);
}

TEST_CASE("jitter adds from nothing to its whole, more for TLS", "[backoff]") {
  auto how = steady();
  how.jitter = 100ms;
  how.jitter_tls = 1s;
  const backoff wait{how};
  const auto whole = static_cast<std::uint64_t>(duration{100ms}.count());
  CHECK(wait.wait_for(1, 0, false) == 2s);
  CHECK(wait.wait_for(1, whole, false) == 2s + 100ms);
  CHECK(wait.wait_for(1, whole + 1, false) == 2s);
  CHECK(wait.wait_for(1, 10 * whole, true) == 3s);
  CHECK(wait.wait_for(0, whole, false) == 0s);
  for (std::uint64_t random = 0; random != 1000; ++random) {
    const auto w = wait.wait_for(9, random * 0x9e3779b97f4a7c15, false);
    REQUIRE(w >= 30s);
    REQUIRE(w <= 30s + 100ms);
  }
}

TEST_CASE("extreme options neither overflow nor go negative", "[backoff]") {
  auto how = steady();
  how.wait = duration::max() / 2 + 1ns;
  how.max_wait = duration::max();
  how.jitter = how.jitter_tls = duration::max();
  for (const std::uint32_t round : {1U, 2U, 3U, 64U, 4'000'000'000U}) {
    CHECK(backoff{how}.wait_for(round, std::numeric_limits<std::uint64_t>::max(), false) >= how.wait);
    CHECK(backoff{how}.wait_for(round, 12345, true) >= how.wait);
  }
  CHECK(backoff{how}.wait_for(7, 0, false) == duration::max());

  how.wait = how.max_wait = how.jitter = -5s;
  CHECK(backoff{how}.wait_for(3, 77, false) == 0s);
  how.wait = 0s;
  how.max_wait = 30s;
  CHECK(backoff{how}.wait_for(1000, 77, false) == 0s);
}

TEST_CASE("a wait above the cap is cut to it", "[backoff]") {
  auto how = steady();
  how.wait = 60s;
  CHECK(backoff{how}.wait_for(1, 0, false) == 30s);
}

TEST_CASE("reconnect_delay_callback_custom: the user's function replaces all of it", "[backoff]") {
  reconnect_options how;
  std::vector<std::uint32_t> rounds;
  how.delay = [&](std::uint32_t round) {
    rounds.push_back(round);
    return duration{round == 2 ? -1s : 90s};
  };
  const backoff wait{how};
  CHECK(wait.wait_for(0, 99, true) == 0s);
  CHECK(wait.wait_for(1, 99, true) == 90s);
  CHECK(wait.wait_for(2, 99, true) == 0s);
  CHECK(rounds == std::vector<std::uint32_t>{1, 2});
}
