// SPDX-License-Identifier: Apache-2.0
#include <innate/core/server_pool.hpp>

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <system_error>
#include <vector>

using innate::errc;
using innate::server_errc;
using innate::core::server_pool;

namespace {

using urls = std::vector<std::string>;

server_pool make(const urls& list, bool randomize = false, std::uint64_t seed = 1) {
  auto pool = server_pool::create(list, randomize, seed);
  REQUIRE(pool);
  return std::move(*pool);
}

urls names(const server_pool& pool) {
  urls all;
  for (const auto& s : pool.states()) all.push_back(s.url);
  return all;
}

std::string picked(server_pool& pool) {
  const auto* url = pool.next();
  return url == nullptr ? "none" : url->to_string();
}

urls sorted(urls list) {
  std::sort(list.begin(), list.end());
  return list;
}

const std::error_code refused = std::make_error_code(std::errc::connection_refused);
const urls abc{"nats://a:4222", "nats://b:4222", "nats://c:4222"};

}  // namespace

TEST_CASE("a pool needs valid servers", "[server_pool]") {
  CHECK(server_pool::create({}, true, 1).error().code == errc::no_servers);
  const auto bad = server_pool::create({"nats://a", "nats://b:0"}, true, 1);
  REQUIRE_FALSE(bad);
  CHECK(bad.error().code == errc::invalid_port);
}

TEST_CASE("duplicates are one server", "[server_pool]") {
  const auto pool = make({"nats://a", "a:4222", "NATS://A:4222", "nats://u:p@a", "nats://a:4223", "tls://a"});
  CHECK(names(pool) == urls{"nats://a:4222", "nats://a:4223", "tls://a:4222"});
  CHECK(pool.any_tls());
  CHECK_FALSE(make(abc).any_tls());
}

TEST_CASE("TestServersRandomize: the order is the user's only when asked for", "[server_pool]") {
  urls many;
  for (int i = 0; i != 50; ++i) many.push_back("nats://s" + std::to_string(i) + ":4222");
  CHECK(names(make(many, false)) == many);
  const auto one = names(make(many, true, 7));
  CHECK(one != many);
  CHECK(sorted(one) == sorted(many));
  CHECK(one == names(make(many, true, 7)));
  CHECK(one != names(make(many, true, 8)));
}

TEST_CASE("TestSelectNextServer: picks go round, the current server moves to the end", "[server_pool]") {
  auto pool = make(abc);
  CHECK(pool.current() == nullptr);
  CHECK(picked(pool) == "nats://a:4222");
  CHECK(pool.current()->host == "a");
  CHECK(picked(pool) == "nats://b:4222");
  CHECK(names(pool) == urls{"nats://b:4222", "nats://c:4222", "nats://a:4222"});
  CHECK(picked(pool) == "nats://c:4222");
  CHECK(picked(pool) == "nats://a:4222");
}

TEST_CASE("a wait is due after each full round and not per server", "[server_pool]") {
  auto pool = make(abc);
  for (std::uint32_t round = 0; round != 4; ++round) {
    for (std::size_t i = 0; i != pool.size(); ++i) {
      picked(pool);
      CHECK(pool.wait_due() == (round != 0 && i == 0));
      CHECK(pool.round() == round);
      pool.mark_failed(refused, -1);
    }
  }
}

TEST_CASE("the first attempt after a success is at once", "[server_pool]") {
  for (const auto& list : {abc, urls{"nats://only"}}) {
    auto pool = make(list);
    for (std::size_t i = 0; i != list.size() + 1; ++i) {
      picked(pool);
      pool.mark_failed(refused, -1);
    }
    CHECK(pool.round() == 1);
    picked(pool);
    pool.mark_connected();
    CHECK(pool.round() == 0);
    CHECK_FALSE(pool.wait_due());
    picked(pool);
    CHECK_FALSE(pool.wait_due());
    CHECK(pool.round() == 0);
  }
}

TEST_CASE("a success clears the failures of its server only", "[server_pool]") {
  auto pool = make({"nats://a", "nats://b"});
  picked(pool);
  pool.mark_failed(refused, -1);
  picked(pool);
  pool.mark_failed(refused, -1);
  picked(pool);
  pool.mark_connected();
  const auto states = pool.states();
  REQUIRE(states.size() == 2);
  CHECK(states[0].url == "nats://a:4222");
  CHECK(states[0].current);
  CHECK(states[0].did_connect);
  CHECK(states[0].attempts == 0);
  CHECK_FALSE(states[0].last_error);
  CHECK_FALSE(states[1].current);
  CHECK_FALSE(states[1].did_connect);
  CHECK(states[1].attempts == 1);
  CHECK(states[1].last_error == refused);
}

TEST_CASE("the server connected to last stays current while others are tried", "[server_pool]") {
  auto pool = make({"nats://a", "nats://b"});
  picked(pool);
  pool.mark_connected();
  CHECK(picked(pool) == "nats://b:4222");
  const auto states = pool.states();
  CHECK(states[0].url == "nats://b:4222");
  CHECK_FALSE(states[0].current);
  CHECK(states[1].current);
}

TEST_CASE("TestProperFalloutAfterMaxAttempts: each server gets its attempts, then leaves", "[server_pool]") {
  auto pool = make(abc);
  std::size_t attempts = 0;
  while (pool.next() != nullptr) {
    REQUIRE(++attempts < 100);
    pool.mark_failed(refused, 5);
  }
  CHECK(attempts == 15);
  CHECK(pool.empty());
  CHECK(pool.current() == nullptr);
  CHECK(pool.choose(0) == errc::pick_outside_pool);
}

TEST_CASE("attempts are counted in a row per server", "[server_pool]") {
  auto pool = make({"nats://a"});
  for (int i = 0; i != 10; ++i) {
    picked(pool);
    pool.mark_failed(refused, 2);
    picked(pool);
    pool.mark_connected();
  }
  CHECK(pool.size() == 1);
  auto stubborn = make({"nats://a"});
  for (int i = 0; i != 1000; ++i) {
    picked(stubborn);
    stubborn.mark_failed(refused, -1);
  }
  CHECK(stubborn.states()[0].attempts == 1000);
}

TEST_CASE("a limit of none or one attempt ends after the first failure", "[server_pool]") {
  for (const std::int64_t limit : {0, 1}) {
    auto pool = make({"nats://a"});
    picked(pool);
    pool.mark_failed(refused, limit);
    CHECK(pool.empty());
  }
}

TEST_CASE("a round ends although servers leave the pool in it", "[server_pool]") {
  auto pool = make(abc);
  picked(pool);
  pool.mark_failed(refused, 1);
  CHECK(picked(pool) == "nats://b:4222");
  CHECK_FALSE(pool.wait_due());
  pool.mark_failed(refused, -1);
  CHECK(picked(pool) == "nats://c:4222");
  CHECK_FALSE(pool.wait_due());
  pool.mark_failed(refused, -1);
  CHECK(picked(pool) == "nats://b:4222");
  CHECK(pool.wait_due());
}

TEST_CASE("StopReconnectAfterTwoAuthErr: the same refusal twice from one server", "[server_pool]") {
  auto pool = make({"nats://a", "nats://b"});
  const std::error_code denied = server_errc::authorization_violation;
  picked(pool);
  pool.mark_failed(denied, -1);
  CHECK_FALSE(pool.auth_repeated());
  picked(pool);
  pool.mark_failed(denied, -1);  // another server
  CHECK_FALSE(pool.auth_repeated());
  picked(pool);
  pool.mark_failed(denied, -1);
  CHECK(pool.auth_repeated());
  picked(pool);
  pool.mark_failed(refused, -1);
  CHECK_FALSE(pool.auth_repeated());
}

TEST_CASE("another authentication error or a success starts anew", "[server_pool]") {
  auto pool = make({"nats://a"});
  const auto fail = [&](std::error_code why) {
    picked(pool);
    pool.mark_failed(why, -1);
    return pool.auth_repeated();
  };
  CHECK_FALSE(fail(server_errc::authentication_expired));
  CHECK_FALSE(fail(server_errc::authorization_violation));
  CHECK_FALSE(fail(refused));  // never got to authentication
  CHECK(fail(server_errc::authorization_violation));
  picked(pool);
  pool.mark_connected();
  CHECK_FALSE(pool.auth_repeated());
  CHECK_FALSE(fail(server_errc::authorization_violation));
  CHECK_FALSE(fail(server_errc::authentication_expired));
  CHECK(fail(server_errc::authentication_expired));
}

TEST_CASE("an error that is not about authentication may repeat", "[server_pool]") {
  auto pool = make({"nats://a"});
  for (int i = 0; i != 5; ++i) {
    picked(pool);
    pool.mark_failed(server_errc::maximum_connections_exceeded, -1);
    CHECK_FALSE(pool.auth_repeated());
  }
}

TEST_CASE("TestServerPoolUpdatedWhenRouteGoesAway: discovered servers come and go", "[server_pool]") {
  auto pool = make({"nats://127.0.0.1:4222"});
  picked(pool);
  pool.mark_connected();

  CHECK(pool.merge_discovered(urls{"127.0.0.1:4222", "127.0.0.1:5222"}) == urls{"nats://127.0.0.1:5222"});
  CHECK(names(pool) == urls{"nats://127.0.0.1:4222", "nats://127.0.0.1:5222"});
  CHECK(pool.states()[1].discovered);
  CHECK_FALSE(pool.states()[0].discovered);

  CHECK(pool.merge_discovered(urls{"127.0.0.1:4222", "127.0.0.1:5222", "127.0.0.1:6222"}) ==
        urls{"nats://127.0.0.1:6222"});
  CHECK(pool.merge_discovered(urls{"127.0.0.1:4222", "127.0.0.1:5222", "127.0.0.1:6222"}).empty());

  SECTION("one that vanished leaves") {
    CHECK(pool.merge_discovered(urls{"127.0.0.1:4222", "127.0.0.1:6222"}).empty());
    CHECK(names(pool) == urls{"nats://127.0.0.1:4222", "nats://127.0.0.1:6222"});
  }
  SECTION("the user's never does") {
    CHECK(pool.merge_discovered(urls{"127.0.0.1:6222"}).empty());
    CHECK(names(pool) == urls{"nats://127.0.0.1:4222", "nats://127.0.0.1:6222"});
  }
  SECTION("nor does the current one, until another is current") {
    CHECK(picked(pool) == "nats://127.0.0.1:5222");
    pool.mark_connected();
    pool.merge_discovered(urls{"127.0.0.1:6222"});
    CHECK(names(pool) == urls{"nats://127.0.0.1:5222", "nats://127.0.0.1:6222", "nats://127.0.0.1:4222"});
    CHECK(pool.current()->port == 5222);
    CHECK(picked(pool) == "nats://127.0.0.1:6222");
    pool.mark_connected();
    pool.merge_discovered(urls{"127.0.0.1:6222"});
    CHECK(names(pool) == urls{"nats://127.0.0.1:6222", "nats://127.0.0.1:4222"});
    CHECK(pool.current()->port == 6222);
  }
  SECTION("an empty list removes nothing") {
    CHECK(pool.merge_discovered({}).empty());
    CHECK(pool.size() == 3);
  }
  SECTION("names that are no addresses are passed over") {
    CHECK(pool.merge_discovered(urls{"", "host:99999", "[::1", "127.0.0.1:5222", "127.0.0.1:6222"}).empty());
    CHECK(pool.size() == 3);
  }
}

TEST_CASE("discovered servers inherit how the current one is talked to", "[server_pool]") {
  auto pool = make({"tls://derek:secret@demo.nats.io:4443"});
  picked(pool);
  CHECK(pool.merge_discovered(urls{"10.0.0.1:4222", "[::1]:4222", "10.0.0.1:4222"}) ==
        urls{"tls://10.0.0.1:4222", "tls://[::1]:4222"});
  REQUIRE(pool.choose(1) == std::error_code{});
  CHECK(pool.current()->user == "derek");
  CHECK(pool.current()->password == "secret");
  for (const auto& s : pool.states()) CHECK(s.url.find("secret") == std::string::npos);
}

TEST_CASE("a discovered server is known under the user's scheme too", "[server_pool]") {
  auto pool = make({"nats://a", "tls://b"});
  picked(pool);
  CHECK(pool.merge_discovered(urls{"b:4222"}).empty());
  CHECK(pool.size() == 2);
}

TEST_CASE("new servers are shuffled in, without touching the current one", "[server_pool]") {
  urls discovered;
  for (int i = 0; i != 30; ++i) discovered.push_back("d" + std::to_string(i) + ":4222");
  std::set<urls> orders;
  for (std::uint64_t seed = 0; seed != 8; ++seed) {
    auto pool = make({"nats://a", "nats://b"}, true, seed);
    picked(pool);
    const auto current = pool.current()->to_string();
    CHECK(pool.merge_discovered(discovered).size() == 30);
    CHECK(pool.current()->to_string() == current);
    orders.insert(names(pool));
  }
  CHECK(orders.size() == 8);

  auto kept = make({"nats://a", "nats://b"});
  kept.merge_discovered(urls{"z:1", "y:1"});
  CHECK(names(kept) == urls{"nats://a:4222", "nats://b:4222", "nats://z:1", "nats://y:1"});
}

TEST_CASE("a discovered server joins the round under way", "[server_pool]") {
  auto pool = make({"nats://a"});
  picked(pool);
  pool.merge_discovered(urls{"b:4222"});
  pool.mark_connected();
  CHECK(picked(pool) == "nats://b:4222");
  pool.mark_failed(refused, -1);
  CHECK(picked(pool) == "nats://a:4222");
  CHECK_FALSE(pool.wait_due());
  pool.mark_failed(refused, -1);
  CHECK(picked(pool) == "nats://b:4222");
  CHECK(pool.wait_due());
}

TEST_CASE("set_server_pool_replaces_pool", "[server_pool]") {
  auto pool = make(abc);
  picked(pool);
  pool.mark_connected();
  pool.merge_discovered(urls{"d:4222"});
  REQUIRE(pool.replace({"nats://x", "nats://y"}));
  CHECK(names(pool) == urls{"nats://x:4222", "nats://y:4222"});
  CHECK(pool.current() == nullptr);
  for (const auto& s : pool.states()) CHECK_FALSE(s.current);
  CHECK(picked(pool) == "nats://x:4222");
  CHECK_FALSE(pool.wait_due());
}

TEST_CASE("set_server_pool_preserves_state_for_overlapping_servers", "[server_pool]") {
  auto pool = make({"nats://a", "nats://b"});
  picked(pool);
  pool.mark_connected();
  CHECK(picked(pool) == "nats://b:4222");
  pool.mark_failed(refused, -1);
  REQUIRE(pool.replace({"nats://new", "nats://u:p@b", "nats://a"}));
  const auto states = pool.states();
  REQUIRE(states.size() == 3);
  CHECK(states[0].attempts == 0);
  CHECK(states[1].attempts == 1);
  CHECK(states[1].last_error == refused);
  CHECK(states[2].did_connect);
  CHECK(states[2].current);
  REQUIRE(pool.current() != nullptr);
  CHECK(pool.current()->host == "b");
  CHECK(pool.current()->user == "u");
}

TEST_CASE("set_server_pool_marks_all_as_explicit", "[server_pool]") {
  auto pool = make({"nats://a"});
  picked(pool);
  pool.merge_discovered(urls{"b:4222"});
  REQUIRE(pool.states()[1].discovered);
  REQUIRE(pool.replace({"nats://b", "nats://a"}));
  for (const auto& s : pool.states()) CHECK_FALSE(s.discovered);
  pool.merge_discovered(urls{"c:4222"});
  CHECK(pool.size() == 3);
}

TEST_CASE("set_server_pool_rejects_empty and bad URLs, and leaves the pool as it was", "[server_pool]") {
  auto pool = make(abc);
  picked(pool);
  const auto before = names(pool);
  const auto empty = pool.replace({});
  REQUIRE_FALSE(empty);
  CHECK(empty.error().code == errc::no_servers);
  const auto websocket = pool.replace({"nats://x", "ws://y"});
  REQUIRE_FALSE(websocket);
  CHECK(websocket.error().code == errc::unsupported_scheme);
  CHECK(names(pool) == before);
  CHECK(pool.current()->host == "a");
}

TEST_CASE("set_server_pool_can_be_called_multiple_times", "[server_pool]") {
  auto pool = make(abc, true, 3);
  for (int i = 0; i != 5; ++i) REQUIRE(pool.replace({"nats://x" + std::to_string(i), "nats://stays"}));
  CHECK(sorted(names(pool)) == urls{"nats://stays:4222", "nats://x4:4222"});
}

TEST_CASE("an attempt whose server was replaced meanwhile counts for nobody", "[server_pool]") {
  auto pool = make({"nats://a"});
  picked(pool);
  REQUIRE(pool.replace({"nats://b"}));
  pool.mark_failed(refused, 1);
  CHECK(pool.size() == 1);
  CHECK(pool.states()[0].attempts == 0);
  pool.mark_connected();
  CHECK_FALSE(pool.states()[0].did_connect);
  CHECK(pool.merge_discovered(urls{"c:4222"}) == urls{"nats://c:4222"});
}

TEST_CASE("reconnect_callback_selects_server", "[server_pool]") {
  auto pool = make(abc);
  REQUIRE(pool.choose(2) == std::error_code{});
  CHECK(pool.current()->host == "c");
  CHECK_FALSE(pool.wait_due());
  CHECK(names(pool) == abc);
  CHECK(picked(pool) == "nats://a:4222");
  CHECK(names(pool) == abc);  // c went to the end, where it was
}

TEST_CASE("reconnect_callback_invalid_server is refused", "[server_pool]") {
  auto pool = make(abc);
  picked(pool);
  CHECK(pool.choose(3) == errc::pick_outside_pool);
  CHECK(pool.choose(static_cast<std::size_t>(-1)) == errc::pick_outside_pool);
  CHECK(pool.current()->host == "a");
}

TEST_CASE("reconnect_callback_receives_pool_with_metadata", "[server_pool]") {
  auto pool = make({"nats://a", "nats://b"});
  picked(pool);
  pool.mark_failed(refused, -1);
  pool.mark_failed(refused, -1);
  const auto states = pool.states();
  CHECK(states[0].attempts == 2);
  CHECK(states[0].last_error == refused);
  CHECK(states[1].attempts == 0);
}

TEST_CASE("a hook that insists on one server still has to wait", "[server_pool]") {
  auto pool = make(abc);
  for (std::uint32_t i = 0; i != 4; ++i) {
    REQUIRE(pool.choose(1) == std::error_code{});
    CHECK(pool.wait_due() == (i != 0));
    CHECK(pool.round() == i);
    pool.mark_failed(refused, -1);
  }
}

TEST_CASE("an address learnt from INFO keeps the name that certificates are for", "[server_pool]") {
  auto by_name = innate::core::server_pool::create({"tls://nats.example:4222"}, false, 0);
  REQUIRE(by_name);
  REQUIRE(by_name->next());
  CHECK(by_name->current()->certificate_name() == "nats.example");
  CHECK(by_name->merge_discovered(std::vector<std::string>{"10.0.0.1:4222", "other.example:4222"}).size() == 2);
  REQUIRE(by_name->next());
  CHECK(by_name->current()->host == "10.0.0.1");
  CHECK(by_name->current()->certificate_name() == "nats.example");
  CHECK(by_name->merge_discovered(std::vector<std::string>{"[fd00::1]:4222", "other.example:4222"}).size() == 1);
  REQUIRE(by_name->next());
  CHECK(by_name->current()->certificate_name() == "other.example");
  REQUIRE(by_name->next());
  REQUIRE(by_name->next());
  CHECK(by_name->current()->host == "fd00::1");
  CHECK(by_name->current()->certificate_name() == "nats.example");  // handed on from address to address

  auto by_address = innate::core::server_pool::create({"tls://10.0.0.1:4222"}, false, 0);
  REQUIRE(by_address);
  REQUIRE(by_address->next());
  by_address->merge_discovered(std::vector<std::string>{"10.0.0.2:4222"});
  REQUIRE(by_address->next());
  CHECK(by_address->current()->certificate_name() == "10.0.0.2");
}

TEST_CASE("addresses are told from names", "[server_pool]") {
  using innate::core::url_parts::is_ip;
  for (const auto* ip : {"127.0.0.1", "10.1.2.3", "::1", "fe80::1%eth0", "::ffff:1.2.3.4"}) CHECK(is_ip(ip));
  for (const auto* name : {"localhost", "1.2.3.example", "a.b.c.d", "1.2.3", "", "10"}) CHECK_FALSE(is_ip(name));
}

TEST_CASE("a pool settles on the server that the connection stays with", "[server_pool]") {
  auto pool = make(abc);
  CHECK(picked(pool) == "nats://a:4222");
  pool.mark_connected();
  CHECK(picked(pool) == "nats://b:4222");
  pool.mark_failed(refused, -1);
  CHECK(picked(pool) == "nats://c:4222");
  CHECK(picked(pool) == "nats://a:4222");  // all were tried
  CHECK(picked(pool) == "nats://b:4222");
  CHECK(pool.wait_due());
  pool.settle_on("nats://a:4222");
  REQUIRE(pool.current() != nullptr);
  CHECK(pool.current()->to_string() == "nats://a:4222");
  CHECK(pool.round() == 0);
  for (const auto& s : pool.states()) CHECK(s.current == (s.url == "nats://a:4222"));
  CHECK(picked(pool) != "nats://a:4222");
  CHECK_FALSE(pool.wait_due());
  pool.settle_on("nats://gone:1");
  CHECK(pool.current() == nullptr);
}
