// SPDX-License-Identifier: Apache-2.0
#include <innate/core/env_options.hpp>

#include <catch2/catch_test_macros.hpp>

#include <chrono>
#include <map>
#include <string>
#include <utility>
#include <vector>

using innate::apply_environment;
using innate::errc;
using namespace std::chrono_literals;

namespace {

using variables = std::map<std::string, std::string>;

innate::result<void> apply(innate::options& to, const variables& set) {
  return apply_environment(to, [&set](const char* name) -> const char* {
    const auto found = set.find(name);
    return found == set.end() ? nullptr : found->second.c_str();
  });
}

}  // namespace

TEST_CASE("an environment that says nothing changes nothing", "[env_options]") {
  innate::options o;
  REQUIRE(apply(o, {}));
  REQUIRE(apply(o, {{"NATS_URL", ""}, {"NATS_PING_INTERVAL", ""}}));
  CHECK(o.servers == std::vector<std::string>{"nats://127.0.0.1:4222"});
  CHECK(o.reconnect.max_attempts == -1);
  CHECK(o.ping_interval == 2min);
}

TEST_CASE("every documented variable is honoured", "[env_options]") {
  innate::options o;
  REQUIRE(apply(o, {{"NATS_URL", "nats://localhost:4222"},
                    {"NATS_MAX_RECONNECT_ATTEMPTS", "10"},
                    {"NATS_RECONNECT_TIME_WAIT", "2.5"},
                    {"NATS_PING_INTERVAL", "20"},
                    {"NATS_MAX_OUTSTANDING_PINGS", "3"}}));
  CHECK(o.servers == std::vector<std::string>{"nats://localhost:4222"});
  CHECK(o.reconnect.max_attempts == 10);
  CHECK(o.reconnect.wait == 2500ms);
  CHECK(o.reconnect.max_wait == 30s);
  CHECK(o.ping_interval == 20s);
  CHECK(o.max_pings_out == 3);
}

TEST_CASE("NATS_URL may be a list", "[env_options]") {
  innate::options o;
  REQUIRE(apply(o, {{"NATS_URL", "nats://a:1, tls://u:p@b,c"}}));
  REQUIRE(o.servers.size() == 3);
  CHECK(innate::core::parse_url(o.servers[1])->to_string() == "tls://b:4222");
  CHECK(o.servers[2] == "c");
}

TEST_CASE("waits are read with units too, and -1 attempts is for ever", "[env_options]") {
  innate::options o;
  o.reconnect.max_attempts = 3;
  REQUIRE(apply(
      o,
      {{"NATS_RECONNECT_TIME_WAIT", "500ms"}, {"NATS_PING_INTERVAL", " 1m "}, {"NATS_MAX_RECONNECT_ATTEMPTS", "-1"}}));
  CHECK(o.reconnect.wait == 500ms);
  CHECK(o.ping_interval == 1min);
  CHECK(o.reconnect.max_attempts == -1);
}

TEST_CASE("a wait above the cap raises the cap", "[env_options]") {
  innate::options o;
  REQUIRE(apply(o, {{"NATS_RECONNECT_TIME_WAIT", "60"}}));
  CHECK(o.reconnect.wait == 60s);
  CHECK(o.reconnect.max_wait == 60s);
}

TEST_CASE("a value that does not parse names the variable, the value and what is accepted", "[env_options]") {
  const std::vector<std::pair<std::string, std::string>> bad{
      {"NATS_MAX_RECONNECT_ATTEMPTS", "many"},
      {"NATS_MAX_RECONNECT_ATTEMPTS", "-2"},
      {"NATS_MAX_RECONNECT_ATTEMPTS", "1.5"},
      {"NATS_MAX_RECONNECT_ATTEMPTS", "10x"},
      {"NATS_MAX_RECONNECT_ATTEMPTS", "99999999999999999999"},
      {"NATS_MAX_RECONNECT_ATTEMPTS", " "},
      {"NATS_RECONNECT_TIME_WAIT", "soon"},
      {"NATS_RECONNECT_TIME_WAIT", "-1"},
      {"NATS_RECONNECT_TIME_WAIT", "1e99"},
      {"NATS_PING_INTERVAL", "0"},
      {"NATS_PING_INTERVAL", "20 seconds"},
      {"NATS_MAX_OUTSTANDING_PINGS", "0"},
      {"NATS_MAX_OUTSTANDING_PINGS", "-1"},
      {"NATS_MAX_OUTSTANDING_PINGS", "4294967296"},
  };
  for (const auto& [name, value] : bad) {
    innate::options o;
    const auto done = apply(o, {{"NATS_URL", "nats://elsewhere"}, {name, value}});
    CAPTURE(name, value);
    REQUIRE_FALSE(done);
    CHECK(done.error().code == errc::invalid_environment);
    const auto& detail = done.error().detail;
    CAPTURE(detail);
    CHECK(detail.find(name + "='" + value + "'") != std::string::npos);
    CHECK(detail.find(name.ends_with("WAIT") || name.ends_with("INTERVAL") ? "500ms" : "whole number") !=
          std::string::npos);
    CHECK(o.servers == std::vector<std::string>{"nats://127.0.0.1:4222"});
  }
}

TEST_CASE("a bad NATS_URL is explained without its password", "[env_options]") {
  for (const std::string value :
       {"nats://d:hunter2@host:0", "nats://ok,ws://d:hunter2@host", "nats://d:hunter2@host,"}) {
    innate::options o;
    const auto done = apply(o, {{"NATS_URL", value}});
    CAPTURE(value);
    REQUIRE_FALSE(done);
    CHECK(done.error().code == errc::invalid_environment);
    CHECK(done.error().detail.find("NATS_URL") != std::string::npos);
    CHECK(done.error().detail.find("hunter2") == std::string::npos);
  }
}
