// SPDX-License-Identifier: Apache-2.0
#include <innate/core/context.hpp>

#include <catch2/catch_test_macros.hpp>

#include <map>
#include <string>
#include <string_view>
#include <vector>

using innate::errc;
using innate::nats_context;
namespace core = innate::core;

namespace {

const std::map<std::string, std::string, std::less<>> variables{{"HOME", "/home/joe"}, {"KEYS", "/run/keys"}};

const char* lookup(const char* name) {
  const auto found = variables.find(std::string_view{name});
  return found == variables.end() ? nullptr : found->second.c_str();
}

innate::result<nats_context> parse(std::string_view json) { return core::parse_context(json, "/c/joe.json", lookup); }

void refused(std::string_view json, errc code, const std::vector<std::string_view>& says) {
  const auto read = parse(json);
  CAPTURE(json);
  REQUIRE_FALSE(read);
  CHECK(read.error().code == code);
  CAPTURE(read.error().detail);
  CHECK(read.error().detail.find("/c/joe.json") != std::string::npos);
  CHECK(read.error().detail.find("s3cret") == std::string::npos);
  for (const auto part : says) CHECK(read.error().detail.find(part) != std::string::npos);
}

}  // namespace

TEST_CASE("a context says what its keys say", "[context]") {
  const auto c =
      parse(R"({"description": "d", "url": "nats://a,tls://b:1", "socks_proxy": "", "token": "", "user": "joe",
    "password": "p\u00e4ss", "creds": "", "nkey": "", "cert": "~/c.pem", "key": "${KEYS}/k.pem", "ca": "file:///ca.pem",
    "nsc": "", "jetstream_domain": "hub", "jetstream_api_prefix": "js.api", "jetstream_event_prefix": "js.event",
    "inbox_prefix": "_INBOX.joe", "user_jwt": "", "color_scheme": "", "tls_first": true, "windows_cert_store": "",
    "windows_ca_certs_match": null, "of the future": {"a": [1]}})");
  REQUIRE(c);
  CHECK(c->file == "/c/joe.json");
  CHECK(c->description == "d");
  CHECK(c->url == "nats://a,tls://b:1");
  CHECK(c->user == "joe");
  CHECK(c->password == "p\u00e4ss");
  CHECK(c->cert == "/home/joe/c.pem");
  CHECK(c->key == "/run/keys/k.pem");
  CHECK(c->ca == "/ca.pem");
  CHECK(c->jetstream_domain == "hub");
  CHECK(c->jetstream_api_prefix == "js.api");
  CHECK(c->jetstream_event_prefix == "js.event");
  CHECK(c->inbox_prefix == "_INBOX.joe");
  CHECK(c->tls_first);
}

TEST_CASE("null and absence leave a setting alone", "[context]") {
  const auto empty = parse("{}");
  REQUIRE(empty);
  CHECK(empty->url.empty());
  const auto nulls = parse(R"({"url": null, "tls_first": null, "creds" : null , "user":null})");
  REQUIRE(nulls);
  CHECK(nulls->url.empty());
  CHECK_FALSE(nulls->tls_first);
}

TEST_CASE("paths have their home and variables filled in", "[context]") {
  const auto expand = [](std::string_view path) { return core::expand_path(path, lookup); };
  CHECK(expand("~/a/~") == "/home/joe/a/~");
  CHECK(expand("$HOME/a") == "/home/joe/a");
  CHECK(expand("/x/${KEYS}$KEYS.pem") == "/x//run/keys/run/keys.pem");
  CHECK(expand("/x$UNSET/y${UNSET}z") == "/x/yz");
  CHECK(expand("a$") == "a$");
  CHECK(expand("a$/b") == "a$/b");
  CHECK(expand("a${KEYS") == "a${KEYS");
  CHECK(expand("") == "");
}

TEST_CASE("what is wrong with a context is told by file, key and fix", "[context]") {
  refused("", errc::invalid_context, {"no JSON object", "byte 0"});
  refused(R"({"user": "s3cret", "url": )", errc::invalid_context, {"byte"});
  refused("[]", errc::invalid_context, {"no JSON object"});
  refused(R"({"token": 5})", errc::invalid_context, {"'token'", "quotes"});
  refused(R"({"tls_first": "yes"})", errc::invalid_context, {"'tls_first'", "true nor false"});
  refused(R"({"user": "a", "creds": "b"})", errc::invalid_context, {"'creds'", "'user'", "keep one"});
  refused(R"({"token": "s3cret", "nkey": "b"})", errc::invalid_context, {"'nkey'", "'token'"});
  refused(R"({"password": "s3cret"})", errc::invalid_context, {"'password'", "'user'"});
  refused(R"({"user_seed": "s3cret"})", errc::invalid_context, {"'user_seed'", "'user_jwt'"});
  refused(R"({"key": "k.pem"})", errc::invalid_context, {"'key'", "'cert'"});
  refused(R"({"inbox_prefix": "a."})", errc::invalid_context, {"'inbox_prefix'", "empty token", "_INBOX"});
}

TEST_CASE("what a context asks for in vain is refused by name", "[context]") {
  const auto code = errc::context_unsupported;
  refused(R"({"nsc": "nsc://o/a/u"})", code, {"'nsc'", "'url' and 'creds'"});
  CHECK(parse(R"({"nsc": "nsc://o/a/u", "url": "a", "creds": "b"})"));
  refused(R"({"socks_proxy": "socks5://p"})", code, {"'socks_proxy'", "dialer"});
  refused(R"({"windows_cert_store": "user"})", code, {"'windows_cert_store'", "PEM"});
  refused(R"({"creds": "op://vault/s3cret"})", code, {"'creds'", "path"});
  refused(R"({"nkey": "data:;base64,s3cret"})", code, {"'nkey'"});
  refused(R"({"user": "a", "password": "ENV://PASSWORD"})", code, {"'password'", "value"});
  CHECK(parse(R"({"user": "a", "password": "not:a reference"})"));
}
