// SPDX-License-Identifier: Apache-2.0
#include "support/temporary_folder.hpp"

#include <innate/context.hpp>

#include <catch2/catch_test_macros.hpp>

#include <filesystem>
#include <map>
#include <string>

using innate::errc;
using innate::nats_context;

namespace {

/// A home folder, and an environment that points there.
struct home {
  home() { std::filesystem::create_directories(path(".config/nats/context")); }

  std::string put(const std::string& name, const std::string& content) const { return folder.file(name, content); }
  [[nodiscard]] std::string path(const std::string& name) const { return folder.path(name); }

  [[nodiscard]] auto lookup() const {
    return [this](const char* name) -> const char* {
      const auto found = variables.find(name);
      return found == variables.end() ? nullptr : found->second.c_str();
    };
  }
  [[nodiscard]] auto load(const std::string& name = {}) const { return innate::load_context(name, lookup()); }

  test::temporary_folder folder;
  std::map<std::string, std::string, std::less<>> variables{{"HOME", folder.path("")}};
};

void says(const innate::error& e, errc code, std::initializer_list<std::string> parts) {
  CHECK(e.code == code);
  CAPTURE(e.detail);
  for (const auto& part : parts) CHECK(e.detail.find(part) != std::string::npos);
}

}  // namespace

TEST_CASE("a context is found by its name, its file, or because it is selected", "[context]") {
  const home h;
  h.put(".config/nats/context/joe.json", R"({"url": "nats://joe"})");
  h.put(".config/nats/context.txt", "joe\n");
  h.put("other.json", R"({"url": "nats://other"})");
  CHECK(h.load("joe").value().url == "nats://joe");
  CHECK(h.load().value().url == "nats://joe");
  CHECK(h.load(h.path("other.json")).value().url == "nats://other");
  CHECK(h.load("joe").value().file.ends_with("/.config/nats/context/joe.json"));
  CHECK(innate::selected_context(h.lookup()).value() == "joe");
}

TEST_CASE("XDG_CONFIG_HOME comes before the home folder", "[context]") {
  home h;
  h.put(".config/nats/context.txt", "joe");
  h.variables["XDG_CONFIG_HOME"] = h.path("xdg");
  CHECK(innate::selected_context(h.lookup()).value().empty());
  std::filesystem::create_directories(h.path("xdg/nats/context"));
  h.put("xdg/nats/context/joe.json", R"({"url": "nats://xdg"})");
  CHECK(h.load("joe").value().url == "nats://xdg");
  h.variables["XDG_CONFIG_HOME"].clear();
  CHECK(innate::selected_context(h.lookup()).value() == "joe");
}

TEST_CASE("a context that cannot be had is named", "[context]") {
  home h;
  says(h.load().error(), errc::unknown_context, {"context.txt", "nats context select"});
  says(h.load("ann").error(), errc::unknown_context, {"/.config/nats/context/ann.json", "nats context ls"});
  says(h.load("a/b").error(), errc::invalid_context, {"'a/b'", "slash"});
  says(h.load("..").error(), errc::invalid_context, {"'..'"});
  h.put(".config/nats/context.txt", "gone");
  says(h.load().error(), errc::unknown_context, {"gone.json"});
  std::filesystem::create_directories(h.path(".config/nats/context/folder.json"));
  says(h.load("folder").error(), errc::file_unreadable, {"NATS context", "folder.json", "directory"});
  h.put(".config/nats/context/bad.json", R"({"token": 1})");
  says(h.load("bad").error(), errc::invalid_context, {"bad.json", "'token'"});
  h.variables.clear();
  says(h.load("ann").error(), errc::unknown_context, {"XDG_CONFIG_HOME", "HOME"});
  CHECK(innate::selected_context(h.lookup()).value().empty());
}

TEST_CASE("applying a context changes what it says, and replaces who we are", "[context]") {
  nats_context c;
  c.url = "nats://a, tls://b:4443";
  c.user = "joe";
  c.password = "p";
  c.inbox_prefix = "_INBOX.joe";
  innate::options opts{"nats://before"};
  opts.auth.token = "old";
  REQUIRE(innate::apply_context(opts, c));
  CHECK(opts.servers == std::vector<std::string>{"nats://a", " tls://b:4443"});
  CHECK(opts.auth.user == "joe");
  CHECK(opts.auth.password == "p");
  CHECK(opts.auth.token.empty());
  CHECK(opts.inbox_prefix == "_INBOX.joe");

  nats_context bearer;
  bearer.user_jwt = "a.b.c";
  REQUIRE(innate::apply_context(opts, bearer));
  CHECK(opts.servers.size() == 2);
  CHECK(opts.auth.user.empty());
  CHECK(opts.auth.jwt == "a.b.c");
  CHECK(opts.inbox_prefix == "_INBOX.joe");
}

TEST_CASE("a context that cannot be applied changes nothing", "[context]") {
  innate::options opts{"nats://before"};
  opts.auth.user = "before";
  const auto refused = [&](std::string nats_context::* member, const std::string& value, errc code,
                           std::initializer_list<std::string> parts) {
    nats_context c;
    c.file = "/c.json";
    c.token = "t0ken";
    c.*member = value;
    const auto done = innate::apply_context(opts, c);
    REQUIRE_FALSE(done);
    says(done.error(), code, parts);
    CHECK(opts.servers == std::vector<std::string>{"nats://before"});
    CHECK(opts.auth.user == "before");
  };
  refused(&nats_context::url, "nats://a,nats://x:s3cret@b:0", errc::invalid_context, {"/c.json", "'url'", "***@b:0"});
  refused(&nats_context::user, "joe", errc::invalid_context, {"'token'", "'user'"});
  for (const auto& [key, member] : {std::pair{"creds", &nats_context::creds},
                                    {"nkey", &nats_context::nkey},
                                    {"ca", &nats_context::ca},
                                    {"cert", &nats_context::cert}})
    refused(member, "x", errc::context_unsupported, {"/c.json", key, "innate/secure_context.hpp"});
  nats_context first;
  first.tls_first = true;
  says(innate::apply_context(opts, first).error(), errc::context_unsupported, {"tls_first", "secure_context"});
}
