// SPDX-License-Identifier: Apache-2.0
#include <innate/sdk/client_config.hpp>

#include <catch2/catch_test_macros.hpp>

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sdk = innate::sdk;
using innate::errc;
using sdk::client_config;
using namespace std::chrono_literals;

namespace {

using variables = std::map<std::string, std::string>;

innate::result<innate::options> options_of(const client_config& config, const variables& set = {}) {
  return sdk::connection_options(config, [&set](const char* name) -> const char* {
    const auto found = set.find(name);
    return found == set.end() ? nullptr : found->second.c_str();
  });
}

const variables everything{{"NATS_URL", "nats://a:1,nats://b:2"},
                           {"NATS_MAX_RECONNECT_ATTEMPTS", "7"},
                           {"NATS_RECONNECT_TIME_WAIT", "2.5"},
                           {"NATS_PING_INTERVAL", "30"},
                           {"NATS_MAX_OUTSTANDING_PINGS", "5"}};

}  // namespace

TEST_CASE("a client's defaults are the document's", "[client_config]") {
  const client_config config;
  CHECK(config.client_type == sdk::client_type::nats);
  CHECK(config.timeout == 30s);
  CHECK(config.retries == 3);
  const auto o = options_of(config);
  REQUIRE(o);
  CHECK(o->servers == std::vector<std::string>{"nats://localhost:4222"});
  CHECK(o->connect_timeout == 30s);
  CHECK(o->reconnect.max_attempts == 10);
  CHECK(o->reconnect.wait == 2s);
  CHECK(o->ping_interval == 20s);
  CHECK(o->max_pings_out == 2);
}

TEST_CASE("the environment overrides a client's defaults", "[client_config]") {
  const auto o = options_of(client_config{}, everything);
  REQUIRE(o);
  CHECK(o->servers == std::vector<std::string>{"nats://a:1", "nats://b:2"});
  CHECK(o->reconnect.max_attempts == 7);
  CHECK(o->reconnect.wait == 2500ms);
  CHECK(o->ping_interval == 30s);
  CHECK(o->max_pings_out == 5);
}

TEST_CASE("the program overrides the environment, also with what is the default", "[client_config]") {
  client_config config{"nats://c:3,nats://d:4"};
  config.timeout = 1s;
  config.metadata.max_reconnect_attempts = 10;
  config.metadata.reconnect_time_wait = 60s;
  config.metadata.ping_interval = 20s;
  config.metadata.max_outstanding_pings = 2;
  config.options.name = "mine";
  config.options.reconnect.retry_first_connect = true;
  auto o = options_of(config, everything);
  REQUIRE(o);
  CHECK(o->servers == std::vector<std::string>{"nats://c:3", "nats://d:4"});
  CHECK(o->connect_timeout == 1s);
  CHECK(o->reconnect.max_attempts == 10);
  CHECK(o->reconnect.wait == 60s);
  CHECK(o->reconnect.max_wait == 60s);
  CHECK(o->ping_interval == 20s);
  CHECK(o->max_pings_out == 2);
  CHECK(o->name == "mine");
  CHECK_FALSE(o->reconnect.retry_first_connect);
  config.metadata.servers = {"nats://e:5"};
  o = options_of(config, everything);
  REQUIRE(o);
  CHECK(o->servers == std::vector<std::string>{"nats://e:5"});
}

TEST_CASE("a client's field that cannot work is named, with what it must be", "[client_config]") {
  const std::vector<std::pair<std::function<void(client_config&)>, std::string_view>> cases{
      {[](auto& c) { c.timeout = 0s; }, "option timeout must be above zero"},
      {[](auto& c) { c.retries = 0; }, "option retries must be at least 1"},
      {[](auto& c) { c.metadata.max_reconnect_attempts = -2; },
       "option metadata.max_reconnect_attempts must be -1 (forever), 0 or more"},
      {[](auto& c) { c.metadata.reconnect_time_wait = -1s; },
       "option metadata.reconnect_time_wait must not be negative"},
      {[](auto& c) { c.metadata.ping_interval = 0s; }, "option metadata.ping_interval must be above zero"},
      {[](auto& c) { c.metadata.max_outstanding_pings = 0; },
       "option metadata.max_outstanding_pings must be at least 1"},
      {[](auto& c) { c.options.outbound.high_water = 0; }, "option outbound.high_water must be at least 1 byte"},
  };
  for (const auto& [spoil, expected] : cases) {
    client_config config;
    spoil(config);
    const auto o = options_of(config);
    REQUIRE_FALSE(o);
    CHECK(o.error().code == errc::invalid_option);
    CHECK(o.error().detail == expected);
  }
}

TEST_CASE("a variable that cannot be read is named to a client, too", "[client_config]") {
  const std::vector<std::pair<std::string, std::string>> cases{
      {"NATS_URL", "nats://host:0"}, {"NATS_MAX_RECONNECT_ATTEMPTS", "many"}, {"NATS_RECONNECT_TIME_WAIT", "soon"},
      {"NATS_PING_INTERVAL", "0"},   {"NATS_MAX_OUTSTANDING_PINGS", "none"},
  };
  for (const auto& [name, value] : cases) {
    const auto o = options_of(client_config{}, {{name, value}});
    REQUIRE_FALSE(o);
    CHECK(o.error().code == errc::invalid_environment);
    CHECK(o.error().detail.starts_with("environment variable " + name));
  }
}

TEST_CASE("client types have the document's names", "[client_config]") {
  STATIC_REQUIRE(to_string(sdk::client_type::http) == "http");
  STATIC_REQUIRE(to_string(sdk::client_type::websocket) == "websocket");
  STATIC_REQUIRE(to_string(sdk::client_type::database) == "database");
  STATIC_REQUIRE(to_string(sdk::client_type::message_queue) == "message_queue");
  STATIC_REQUIRE(to_string(sdk::client_type::nats) == "nats");
}
