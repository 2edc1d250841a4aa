// SPDX-License-Identifier: Apache-2.0
#include <innate/core/url.hpp>

#include <catch2/catch_test_macros.hpp>

#include <string>
#include <string_view>

using innate::errc;
using innate::core::parse_url;
using innate::core::server_url;

namespace {

server_url good(std::string_view text) {
  const auto url = parse_url(text);
  CAPTURE(text);
  REQUIRE(url);
  return *url;
}

struct bad_url {
  std::string_view text;
  errc code;
  std::string_view named;  // what the detail must mention
};

}  // namespace

TEST_CASE("a URL needs no more than a host", "[url]") {
  CHECK(good("localhost").to_string() == "nats://localhost:4222");
  CHECK(good("localhost:1222").to_string() == "nats://localhost:1222");
  CHECK(good("nats://localhost").to_string() == "nats://localhost:4222");
  CHECK(good("tls://demo.nats.io:4443").to_string() == "tls://demo.nats.io:4443");
  CHECK(good("  nats://localhost:4222\t").to_string() == "nats://localhost:4222");
  CHECK(good("nats://localhost:4222/").to_string() == "nats://localhost:4222");
  CHECK(good("127.0.0.1:65535").port == 65'535);
  CHECK(good("my_host-1.svc.cluster.local").host == "my_host-1.svc.cluster.local");
}

TEST_CASE("scheme and host do not depend on case", "[url]") {
  CHECK(good("NATS://LocalHost").to_string() == "nats://localhost:4222");
  CHECK(good("TLS://A").tls());
  CHECK_FALSE(good("nats://a").tls());
}

TEST_CASE("IPv6 addresses stand in brackets", "[url]") {
  CHECK(good("nats://[::1]:4333").host == "::1");
  CHECK(good("nats://[::1]:4333").port == 4333);
  CHECK(good("[FE80::1%eth0]").host == "fe80::1%eth0");
  CHECK(good("[::ffff:10.0.0.1]").to_string() == "nats://[::ffff:10.0.0.1]:4222");
  CHECK(good("tls://[2001:db8::7]").to_string() == "tls://[2001:db8::7]:4222");
}

TEST_CASE("credentials are decoded and never printed", "[url]") {
  const auto both = good("nats://derek:p%40ss%3Aw%2Frd@localhost:4222");
  CHECK(both.user == "derek");
  CHECK(both.password == "p@ss:w/rd");
  CHECK(both.token.empty());
  CHECK(both.to_string() == "nats://localhost:4222");
  CHECK(both.has_credentials());

  const auto token = good("nats://s3cr%25et@localhost");
  CHECK(token.token == "s3cr%et");
  CHECK(token.user.empty());

  const auto no_password = good("derek:@localhost");
  CHECK(no_password.user == "derek");
  CHECK(no_password.password.empty());
  CHECK(no_password.token.empty());

  CHECK(good("u:a:b@h").password == "a:b");
  CHECK_FALSE(good("h").has_credentials());
}

TEST_CASE("a bad URL is refused with a distinct error that names it", "[url]") {
  const bad_url all[] = {
      {"", errc::invalid_url, "empty"},
      {"   ", errc::invalid_url, "empty"},
      {"nats://", errc::invalid_url, "no host"},
      {"nats://:4222", errc::invalid_url, "no host"},
      {"nats://user:pw@", errc::invalid_url, "no host"},
      {"://host", errc::invalid_url, "scheme"},
      {"nats://@host", errc::invalid_url, "before '@'"},
      {"nats://:pw@host", errc::invalid_url, "no user"},
      {"nats://a%2@host", errc::invalid_url, "percent"},
      {"nats://a%@host", errc::invalid_url, "percent"},
      {"nats://u:%zz@host", errc::invalid_url, "percent"},
      {"nats://u:a/b@host", errc::invalid_url, "%2F"},
      {"nats://u:a@b@host", errc::invalid_url, "%40"},
      {"nats://host/path", errc::invalid_url, "path"},
      {"nats://host:4222/path", errc::invalid_url, "path"},
      {"nats://host?x=1", errc::invalid_url, "query"},
      {"nats://host#f", errc::invalid_url, "path and query"},
      {"nats://host//", errc::invalid_url, "path"},
      {"nats://ho st", errc::invalid_url, "ho st"},
      {"nats://ho\x01st", errc::invalid_url, "ho?st"},
      {"nats://a,nats", errc::invalid_url, "character"},
      {"nats://host:%34", errc::invalid_port, "%34"},
      {"nats://[::1", errc::invalid_url, "']'"},
      {"nats://[]", errc::invalid_url, "IPv6"},
      {"nats://[host]", errc::invalid_url, "IPv6"},
      {"nats://[::1%]", errc::invalid_url, "IPv6"},
      {"nats://[::1]x:4222", errc::invalid_url, "between"},
      {"nats://::1", errc::invalid_url, "brackets"},
      {"fe80::1", errc::invalid_url, "brackets"},
      {"ws://host", errc::unsupported_scheme, "ws"},
      {"wss://host", errc::unsupported_scheme, "wss"},
      {"http://host:80/", errc::unsupported_scheme, "http"},
      {"n\x02://host", errc::unsupported_scheme, "n?"},
      {"nats://host:", errc::invalid_port, "4222"},
      {"nats://host:0", errc::invalid_port, "'0'"},
      {"nats://host:65536", errc::invalid_port, "65536"},
      {"nats://host:-1", errc::invalid_port, "-1"},
      {"nats://host:+1", errc::invalid_port, "+1"},
      {"nats://host:42x", errc::invalid_port, "42x"},
      {"nats://host:99999999999999999999", errc::invalid_port, "99999999999999999999"},
      {"host:port", errc::invalid_port, "port"},
      {"[::1]:x", errc::invalid_port, "x"},
  };
  for (const auto& bad : all) {
    CAPTURE(bad.text);
    const auto url = parse_url(bad.text);
    REQUIRE_FALSE(url);
    CHECK(url.error().code == bad.code);
    CAPTURE(url.error().detail);
    CHECK(url.error().detail.find(bad.named) != std::string::npos);
  }
  CHECK(parse_url("ws://host").error().detail.find("nats:// and tls://") != std::string::npos);
  CHECK(parse_url(std::string(300, 'a')).error().code == errc::invalid_url);
}

TEST_CASE("an error shows the URL without its secrets", "[url]") {
  for (const std::string_view text :
       {"nats://derek:hunter2@host:0", "nats://hunter2@host:0", "derek:hunter2@host:0", "nats://d:x@hunter2@host",
        "nats://d:hunter2%@host", "nats://hunter2@d:x@host", "ws://d:hunter2@host", "nats://d:/hunter2@host/path"}) {
    const auto url = parse_url(text);
    CAPTURE(text);
    REQUIRE_FALSE(url);
    CAPTURE(url.error().detail);
    CHECK(url.error().detail.find("hunter2") == std::string::npos);
    CHECK(url.error().detail.find("***@host") != std::string::npos);
  }
  CHECK(parse_url("nats://derek:hunter2@host:0").error().detail.find("derek") != std::string::npos);
}

TEST_CASE("no cut of a URL is read past its end", "[url]") {
  const std::string whole = "tls://us%20er:pa%3Ass@[fe80::1%25]:4222/?#";
  for (std::size_t end = 0; end <= whole.size(); ++end) {
    for (std::size_t begin = 0; begin <= end; ++begin) {
      const std::string exact{whole, begin, end - begin};  // its own block, so that a sanitizer sees its end
      const auto url = parse_url(exact);
      if (!url) CHECK_FALSE(url.error().detail.empty());
    }
  }
}
