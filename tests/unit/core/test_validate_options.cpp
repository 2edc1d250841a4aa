// SPDX-License-Identifier: Apache-2.0
#include <innate/core/validate_options.hpp>

#include <catch2/catch_test_macros.hpp>

#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

using innate::errc;
using innate::validate_options;
using namespace std::chrono_literals;

namespace {

struct spoiled {
  std::string_view field;
  std::function<void(innate::options&)> spoil;
};

}  // namespace

TEST_CASE("the defaults are valid", "[validate_options]") { CHECK(validate_options(innate::options{})); }

TEST_CASE("no servers is an error of its own", "[validate_options]") {
  innate::options o;
  o.servers.clear();
  const auto checked = validate_options(o);
  REQUIRE_FALSE(checked);
  CHECK(checked.error().code == errc::no_servers);
}

TEST_CASE("values at the border are fine", "[validate_options]") {
  innate::options o;
  o.reconnect.wait = o.reconnect.max_wait = 0s;
  o.reconnect.jitter = o.reconnect.jitter_tls = 0s;
  o.reconnect.max_attempts = 0;
  o.reconnect.buffer = 0;
  o.lame_duck.pause = o.lame_duck.overlap = 0s;
  o.max_pings_out = 1;
  o.outbound.low_water = o.outbound.high_water = 1;
  o.outbound.chain_from = 0;
  o.event_queue = 0;
  o.connect_timeout = 1ns;
  o.ping_interval = innate::duration::max();
  o.inbox_prefix = "my.inbox";
  CHECK(validate_options(o));
}

TEST_CASE("a bad value names its field", "[validate_options]") {
  const std::vector<spoiled> all{
      {"connect_timeout", [](auto& o) { o.connect_timeout = 0s; }},
      {"connect_timeout", [](auto& o) { o.connect_timeout = -1s; }},
      {"ping_interval", [](auto& o) { o.ping_interval = 0s; }},
      {"request_timeout", [](auto& o) { o.request_timeout = 0s; }},
      {"drain_timeout", [](auto& o) { o.drain_timeout = -1s; }},
      {"flush_timeout", [](auto& o) { o.flush_timeout = 0s; }},
      {"max_pings_out", [](auto& o) { o.max_pings_out = 0; }},
      {"reconnect.wait", [](auto& o) { o.reconnect.wait = -1s; }},
      {"reconnect.jitter ", [](auto& o) { o.reconnect.jitter = -1s; }},
      {"reconnect.jitter_tls", [](auto& o) { o.reconnect.jitter_tls = -1s; }},
      {"reconnect.max_wait", [](auto& o) { o.reconnect.wait = 31s; }},
      {"reconnect.max_attempts", [](auto& o) { o.reconnect.max_attempts = -2; }},
      {"lame_duck.pause", [](auto& o) { o.lame_duck.pause = -1ns; }},
      {"lame_duck.overlap", [](auto& o) { o.lame_duck.overlap = -1ns; }},
      {"outbound.high_water", [](auto& o) { o.outbound.high_water = o.outbound.low_water = 0; }},
      {"outbound.low_water", [](auto& o) { o.outbound.low_water = o.outbound.high_water + 1; }},
      {"outbound.max_control_line", [](auto& o) { o.outbound.max_control_line = 0; }},
      {"pending.messages", [](auto& o) { o.pending.messages = 0; }},
      {"pending.bytes", [](auto& o) { o.pending.bytes = 0; }},
      {"limits.info_line", [](auto& o) { o.limits.info_line = 0; }},
      {"limits.control_line", [](auto& o) { o.limits.control_line = 0; }},
      {"limits.payload", [](auto& o) { o.limits.payload = 0; }},
      {"memory", [](auto& o) { o.memory = nullptr; }},
      {"auth.user", [](auto& o) { o.auth.password = "alone"; }},
      {"inbox_prefix", [](auto& o) { o.inbox_prefix = ""; }},
      {"inbox_prefix", [](auto& o) { o.inbox_prefix = "a b"; }},
      {"inbox_prefix", [](auto& o) { o.inbox_prefix = "a."; }},
      {"inbox_prefix", [](auto& o) { o.inbox_prefix = ".a"; }},
      {"inbox_prefix", [](auto& o) { o.inbox_prefix = "a..b"; }},
      {"inbox_prefix", [](auto& o) { o.inbox_prefix = "a.*"; }},
      {"inbox_prefix", [](auto& o) { o.inbox_prefix = ">"; }},
      {"inbox_prefix", [](auto& o) { o.inbox_prefix = "a\r\nb"; }},
  };
  for (const auto& bad : all) {
    innate::options o;
    bad.spoil(o);
    CAPTURE(bad.field);
    const auto checked = validate_options(o);
    REQUIRE_FALSE(checked);
    CHECK(checked.error().code == errc::invalid_option);
    CAPTURE(checked.error().detail);
    CHECK(checked.error().detail.find("option " + std::string{bad.field}) == 0);
    CHECK(checked.error().detail.find(" must ") != std::string::npos);
  }
}

TEST_CASE("the first broken rule is reported", "[validate_options]") {
  innate::options o;
  o.connect_timeout = 0s;
  o.pending.bytes = 0;
  CHECK(validate_options(o).error().detail.find("connect_timeout") != std::string::npos);
}
