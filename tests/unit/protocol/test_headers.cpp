// SPDX-License-Identifier: Apache-2.0
#include <innate/protocol/connect.hpp>
#include <innate/protocol/headers.hpp>
#include <innate/protocol/info.hpp>
#include <innate/protocol/server_error.hpp>

#include <catch2/catch_test_macros.hpp>
#include <simdjson.h>

#include <random>
#include <string>
#include <vector>

using innate::errc;
using innate::headers;
using innate::headers_view;
using innate::server_errc;
namespace protocol = innate::protocol;

TEST_CASE("headers keep case and order, and several values of one name", "[headers]") {
  headers h;
  h.add("Key", "1").add("key", "x").add("Key", "2");
  CHECK(h.encoded() == "NATS/1.0\r\nKey: 1\r\nkey: x\r\nKey: 2\r\n\r\n");
  const headers_view v = h;
  CHECK(v.valid());
  CHECK(v.size() == 3);
  CHECK(v.get("Key") == "1");
  CHECK(v.get("key") == "x");
  CHECK_FALSE(v.get("KEY"));
  CHECK(v.values("Key") == std::vector<std::string_view>{"1", "2"});
  h.set("Key", "3");
  CHECK(headers_view{h}.values("Key") == std::vector<std::string_view>{"3"});
}

TEST_CASE("nothing that could end a line gets into headers", "[headers]") {
  headers h;
  for (const auto& name :
       {std::string{""}, std::string{"a b"}, std::string{"a:b"}, std::string{"a\r"}, std::string{"\x7f"}})
    CHECK(h.try_add(name, "v") == errc::invalid_header);
  for (const auto& value : {std::string{"a\r\nPUB x 0"}, std::string{"a\n"}, std::string("\0", 1)})
    CHECK(h.try_add("K", value) == errc::invalid_header);
  CHECK(h.empty());
  CHECK_THROWS(h.add("a b", "v"));
}

TEST_CASE("status lines and tolerant reading", "[headers]") {
  CHECK(headers_view{"NATS/1.0 503\r\n\r\n"}.status() == 503);
  const headers_view idle{"NATS/1.0 100 Idle Heartbeat\r\nA:b\r\nC:  d e \r\nno colon\r\nU: http://x:1\r\n\r\n"};
  CHECK(idle.status() == 100);
  CHECK(idle.description() == "Idle Heartbeat");
  CHECK(idle.get("A") == "b");
  CHECK(idle.get("C") == "d e");
  CHECK(idle.get("U") == "http://x:1");
  CHECK(idle.size() == 3);
  CHECK(headers_view{}.empty());
  CHECK(headers_view{"garbage"}.status() == 0);
}

TEST_CASE("INFO: any order, unknown keys, escapes; cut anywhere it is an error", "[info]") {
  const std::string json =
      R"({"xkey":{"a":[1,2.5e3,null,true]},"max_payload":1048576,"headers":true,"server_name":"n\u00fc\n","proto":1,)"
      R"("connect_urls":["a:1","[::1]:2"],"client_id":7})";
  const auto info = protocol::parse_info(json);
  REQUIRE(info);
  CHECK(info->max_payload == 1048576);
  CHECK(info->headers);
  CHECK(info->server_name == "n\xc3\xbc\n");
  CHECK(info->connect_urls == std::vector<std::string>{"a:1", "[::1]:2"});
  for (std::size_t cut = 0; cut != json.size(); ++cut) CHECK_FALSE(protocol::parse_info(json.substr(0, cut)));
  for (const std::string bad :
       {"{}x", "[]", "{\"max_payload\":-1}", "{\"headers\":1}", "{\"port\":99999999999}", "{\"a\":01}"})
    CHECK(protocol::parse_info(bad).error().code == errc::invalid_info);
  CHECK_FALSE(protocol::parse_info("{\"a\":" + std::string(100, '[') + std::string(100, ']') + "}"));
}

TEST_CASE("INFO is accepted exactly when simdjson finds it to be JSON", "[info]") {
  const std::string seed =
      R"({"a":[1,-2.5e+3,null,true,"\u00fc\ud83d\ude00\n"],"b":{"c":[],"d":{}},"e":0,"f":"x y","g":false})";
  const std::string alphabet = "{}[]\":,\\ue-+.0123456789tfn \n\t\x01";
  simdjson::dom::parser oracle;
  std::mt19937 random{42};
  std::size_t accepted = 0;
  for (int i = 0; i != 20'000; ++i) {
    std::string text = seed;
    for (auto edits = random() % 3; edits != 0; --edits) {
      const auto at = random() % text.size();
      const char c = alphabet[random() % alphabet.size()];
      switch (random() % 3) {
      case 0: text[at] = c; break;
      case 1: text.insert(at, 1, c); break;
      default: text.erase(at, 1); break;
      }
    }
    simdjson::dom::element document;
    const bool json = oracle.parse(text).get(document) == simdjson::SUCCESS && document.is_object();
    const bool ours = static_cast<bool>(protocol::parse_info(text));
    if (ours != json) FAIL_CHECK(text << (json ? " was refused" : " was accepted"));
    accepted += ours ? 1U : 0U;
  }
  CHECK(accepted > 5'000);
}

TEST_CASE("CONNECT carries what was set and comes back", "[connect]") {
  protocol::connect_options c;
  c.name = "a \"b\"";
  c.user = "u";
  c.echo = false;
  const auto line = protocol::encode_connect(c);
  REQUIRE(line.starts_with("CONNECT {"));
  CHECK(line.find("\"pass\":\"\"") != line.npos);
  CHECK(line.find("auth_token") == line.npos);
  const auto back = protocol::parse_connect(line.substr(8, line.size() - 10));
  REQUIRE(back);
  CHECK(back->name == c.name);
  CHECK_FALSE(back->echo);
}

TEST_CASE("-ERR texts are classified, violations name their subject", "[server_error]") {
  using protocol::classify_server_error;
  CHECK(classify_server_error("'Authorization Violation'") == server_errc::authorization_violation);
  CHECK(classify_server_error("user authentication expired") == server_errc::authentication_expired);
  CHECK(classify_server_error("Account Authentication Expired") == server_errc::account_authentication_expired);
  CHECK(classify_server_error("maximum account active connections exceeded") ==
        server_errc::maximum_account_connections_exceeded);
  CHECK(classify_server_error("something new") == server_errc::unknown);
  const auto v = protocol::parse_permission_violation(
      "Permissions Violation for Subscription to \"a.>\" using queue \"q\" (sid \"12\")");
  REQUIRE(v);
  CHECK(v->what == protocol::permission_violation::kind::subscription);
  CHECK(v->subject == "a.>");
  CHECK(v->queue == "q");
  CHECK(v->sid == 12);
  CHECK(protocol::parse_permission_violation("Permissions Violation for Publish with Reply of \"r\"")->what ==
        protocol::permission_violation::kind::publish_reply);
  CHECK(protocol::parse_permission_violation("Permissions Violation for Publish to \"p\"")->subject == "p");
  CHECK_FALSE(protocol::parse_permission_violation("Stale Connection"));
}
