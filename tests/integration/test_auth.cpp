// SPDX-License-Identifier: Apache-2.0
#include "support/case_table.hpp"
#include "support/nats_identity.hpp"
#include "support/nats_server.hpp"
#include "support/run.hpp"

#include <innate/auth.hpp>
#include <innate/context.hpp>

#include <catch2/catch_test_macros.hpp>

#include <asio/steady_timer.hpp>

#include <csignal>
#include <memory>
#include <ostream>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>

#if __has_include(<fmt/core.h>)
#include <fmt/core.h>
#endif

using innate::errc;
using innate::event_kind;
using innate::server_errc;
using namespace std::chrono_literals;
using innate::protocol::nkey_kind;
using test::case_table;
using test::key_pair;

namespace {

innate::options as(const std::string& url, std::shared_ptr<innate::authenticator> who) {
  auto opts = test::quick(url);
  opts.authenticator = std::move(who);
  return opts;
}

std::string users(const std::string& list) { return "authorization { users: [ " + list + " ] }"; }

/// One character in the middle is another one.
std::string damaged(std::string text, std::size_t at = 30) {
  text[at] = text[at] == 'A' ? 'B' : 'A';
  return text;
}

asio::awaitable<std::string> sign_later(const key_pair& key, std::string nonce) {
  asio::steady_timer a_moment{co_await asio::this_coro::executor, 1ms};
  co_await a_moment.async_wait(asio::use_awaitable);
  co_return key.sign(nonce);
}

asio::awaitable<std::string> never(std::string) {
  asio::steady_timer forever{co_await asio::this_coro::executor, asio::steady_timer::time_point::max()};
  co_await forever.async_wait(asio::use_awaitable);
  co_return std::string{};
}

}  // namespace

TEST_CASE("nkey cases against a real server", "[auth]") {
  const key_pair user{nkey_kind::user};
  const key_pair stranger{nkey_kind::user};
  const key_pair account{nkey_kind::account};
  const test::nats_server server{users("{ nkey: " + user.public_key() + " }")};
  const auto url = server.url();
  const test::temporary_folder folder;
  case_table table{"nkeys"};
  const auto seed = user.seed();
  table.secrets = {seed.substr(4, 30), damaged(seed).substr(4, 26), account.seed().substr(4, 30)};

  table.connect("seed", as(url, innate::nkey_from_seed(seed)), {});
  table.connect("seed file", as(url, innate::nkey_from_file(folder.file("user.nk", "# joe\n" + seed + "\n"))), {});
  table.connect("signing callback",
                as(url, innate::sign_with_nkey(user.public_key(), [&](const std::string& n) { return user.sign(n); })),
                {});
  table.connect(
      "signing coroutine",
      as(url, innate::sign_with_nkey(user.public_key(), [&](std::string n) { return sign_later(user, std::move(n)); })),
      {});
  table.connect("credentials by one callback", as(url, innate::authenticate_with([&](const innate::auth_request& r) {
                                                    innate::credentials who;
                                                    who.nkey = user.public_key();
                                                    who.signature = innate::protocol::base64url(user.sign(r.nonce));
                                                    return who;
                                                  })),
                {});

  table.connect("nkey that the server does not know", as(url, innate::nkey_from_seed(stranger.seed())),
                server_errc::authorization_violation, "Authorization Violation");
  table.connect(
      "signature of another key",
      as(url, innate::sign_with_nkey(user.public_key(), [&](const std::string& n) { return stranger.sign(n); })),
      server_errc::authorization_violation);
  table.connect("nothing to show", test::quick(url), errc::authentication_missing, "Authorization Violation");
  auto password = test::quick(url);
  password.auth.user = "joe";
  password.auth.password = "secret";
  table.connect("password where an nkey is asked for", password, server_errc::authorization_violation);
  table.connect("seed with a bad checksum", as(url, innate::nkey_from_seed(damaged(seed))), errc::nkey_checksum,
                "the nkey seed");
  table.connect("seed cut off", as(url, innate::nkey_from_seed(seed.substr(0, 50))), errc::invalid_nkey);
  table.connect("account seed where a user's is needed", as(url, innate::nkey_from_seed(account.seed())),
                errc::nkey_wrong_kind, "account");
  table.connect("account key where a user's is needed",
                as(url, innate::sign_with_nkey(account.public_key(), [](const auto& n) { return n; })),
                errc::nkey_wrong_kind);
  table.connect("public key with a bad checksum",
                as(url, innate::sign_with_nkey(damaged(user.public_key()), [](const auto& n) { return n; })),
                errc::nkey_checksum);
  table.connect("seed in place of a public key", as(url, innate::sign_with_nkey(seed, [](const auto& n) { return n; })),
                errc::invalid_nkey, "is a seed");
  table.connect("seed file that does not exist", as(url, innate::nkey_from_file(folder.path("none.nk"))),
                errc::file_unreadable, folder.path("none.nk"));
  table.connect("seed file without a seed", as(url, innate::nkey_from_file(folder.file("empty.nk", "\n"))),
                errc::invalid_nkey, folder.path("empty.nk"));
  table.connect("signer throws",
                as(url, innate::sign_with_nkey(user.public_key(),
                                               [](const std::string&) -> std::string {
                                                 throw std::runtime_error("the smart card is not there");
                                               })),
                errc::authenticator_failed, "the smart card is not there");
  table.connect("signer gives an error",
                as(url, innate::sign_with_nkey(user.public_key(),
                                               [](const std::string&) -> innate::result<std::string> {
                                                 return innate::error{errc::authenticator_failed, "no card"};
                                               })),
                errc::authenticator_failed, "no card");
  auto hanging = as(url, innate::sign_with_nkey(user.public_key(), never));
  hanging.connect_timeout = 1s;
  table.connect("signer never answers", std::move(hanging), errc::connect_timeout,
                "the authenticator did not answer in time");

  const test::nats_server open;
  table.connect("server that does not take nkeys", as(open.url(), innate::nkey_from_seed(seed)), errc::nonce_missing,
                open.url());
}

TEST_CASE("JWT and creds cases against a real server", "[auth]") {
  const test::nats_operator op;
  const key_pair user{nkey_kind::user};
  const key_pair stranger{nkey_kind::user};
  const key_pair revoked{nkey_kind::user};
  const key_pair account{nkey_kind::account};
  const test::nats_server server{
      op.config("\"revocations\":{\"" + revoked.public_key() + "\":" + std::to_string(test::unix_now()) + "},")};
  const auto url = server.url();
  const test::temporary_folder folder;
  case_table table{"JWTs and credentials files"};
  const auto jwt = op.user_jwt(user);
  const auto creds = op.creds(user);
  table.secrets = {user.seed().substr(4, 30), jwt.substr(jwt.size() - 40), account.seed().substr(4, 30)};
  const auto from_file = [&](const std::string& text) {
    return as(url, innate::creds_from_file(folder.file("user.creds", text)));
  };

  table.connect("creds file", from_file(creds), {});
  table.connect("creds in memory", as(url, innate::creds_from_memory(creds)), {});
  const auto signer = [&](const std::string& nonce) { return user.sign(nonce); };
  table.connect("JWT and signing callbacks", as(url, innate::show_jwt([&] { return jwt; }, signer)), {});
  table.connect("JWT and signing coroutines",
                as(url, innate::show_jwt([&]() -> asio::awaitable<std::string> { co_return jwt; },
                                         [&](std::string n) { return sign_later(user, std::move(n)); })),
                {});
  auto bearer = test::quick(url);
  bearer.auth.jwt = op.user_jwt(user, 0, true);
  table.connect("bearer JWT, nothing signed", bearer, {});

  table.connect("nothing to show", test::quick(url), errc::authentication_missing);
  auto unsigned_jwt = test::quick(url);
  unsigned_jwt.auth.jwt = jwt;
  table.connect("JWT, nothing signed", unsigned_jwt, server_errc::authorization_violation);
  table.connect("seed of another user", from_file(test::nats_operator::creds(jwt, stranger.seed())),
                server_errc::authorization_violation, "Authorization Violation");
  table.connect("user of another account", as(url, innate::creds_from_memory(test::nats_operator{}.creds(user))),
                server_errc::authorization_violation);
  table.connect("expired user", from_file(op.creds(user, test::unix_now() - 10)), server_errc::authorization_violation);
  table.connect("revoked user", from_file(op.creds(revoked)), server_errc::authorization_violation);
  const auto seed_at = creds.find("-----BEGIN USER");
  table.connect("creds file without its seed block", from_file(creds.substr(0, seed_at)), errc::invalid_creds,
                "user.creds' has no SEED block");
  table.connect("creds file without its JWT block", from_file(creds.substr(seed_at)), errc::invalid_creds,
                "user.creds' has no JWT block");
  table.connect("creds file cut off in its seed", from_file(creds.substr(0, seed_at + 50)), errc::invalid_creds,
                "no END line after its SEED block");
  table.connect("creds file whose seed has a bad checksum",
                from_file(test::nats_operator::creds(jwt, damaged(user.seed()))), errc::nkey_checksum, "user.creds");
  table.connect("account seed where a user's is needed", from_file(test::nats_operator::creds(jwt, account.seed())),
                errc::nkey_wrong_kind, "user.creds");
  table.connect("creds file that does not exist", as(url, innate::creds_from_file(folder.path("none.creds"))),
                errc::file_unreadable, folder.path("none.creds"));
  table.connect("creds file that is a folder", as(url, innate::creds_from_file(folder.path(""))), errc::file_unreadable,
                "directory");
  table.connect(
      "JWT callback throws",
      as(url, innate::show_jwt([]() -> std::string { throw std::system_error(make_error_code(errc::file_unreadable)); },
                               signer)),
      errc::file_unreadable);
}

TEST_CASE("user, password and token cases against a real server", "[auth]") {
  const test::nats_server server{users("{ user: \"jo@e\", password: \"s3c/ret%\" }, { user: b, password: c }")};
  const test::nats_server tokens{"authorization { token: \"t0:k en\" }"};
  case_table table{"users, passwords and tokens"};
  table.secrets = {"s3c/ret%", "wr0ng", "s3c%2Fret%25", "t0:k en"};
  const auto user = [&](const std::string& name, const std::string& password) {
    auto opts = test::quick(server.url());
    opts.auth.user = name;
    opts.auth.password = password;
    return opts;
  };
  table.connect("user and password", user("jo@e", "s3c/ret%"), {});
  table.connect("percent-decoded from the URL", test::quick(server.url("jo%40e:s3c%2Fret%25")), {});
  table.connect("token, percent-decoded from the URL", test::quick(tokens.url("t0%3Ak%20en")), {});
  auto coroutine = test::quick(server.url());
  coroutine.authenticator =
      innate::authenticate_with([](const innate::auth_request&) -> asio::awaitable<innate::credentials> {
        innate::credentials who;
        who.user = "b";
        who.password = "c";
        co_return who;
      });
  table.connect("coroutine that gives user and password", coroutine, {});
  auto url_wins = user("jo@e", "wr0ng");
  url_wins.set_servers(server.url("b:c"));
  table.connect("the URL's credentials win for its server", url_wins, {});
  table.connect("wrong password", user("jo@e", "wr0ng"), server_errc::authorization_violation);
  table.connect("wrong user in the URL", test::quick(server.url("x:wr0ng")), server_errc::authorization_violation);
  table.connect("wrong token", test::quick(tokens.url("wr0ng")), server_errc::authorization_violation);
  table.connect("nothing to show", test::quick(tokens.url()), errc::authentication_missing);
  auto throwing = test::quick(server.url());
  throwing.auth_callback = []() -> innate::credentials { throw std::runtime_error("vault is sealed"); };
  table.connect("credentials callback throws", throwing, errc::authenticator_failed, "vault is sealed");
}

TEST_CASE("permissions denied for publish, subscribe and queue", "[auth]") {
  const test::nats_server server{
      users("{ user: a, password: b, permissions: { publish: { deny: [ \"p\" ] }, subscribe: { deny: [ \"s\", \"q "
            "workers\" ] } } }")};
  case_table table{"permissions"};
  const std::error_code denied = server_errc::permissions_violation;
  test::run([&]() -> asio::awaitable<void> {
    auto nc = co_await innate::connect(test::quick(server.url("a:b")));
    static_cast<void>(nc.try_publish("p", "x"));
    const auto told = co_await test::event_of(nc, event_kind::server_error);
    table.note("publish", denied, told.code);
    CHECK(told.code == denied);
    CHECK(told.subject == "p");
    CHECK(told.detail.find("Publish to \"p\"") != std::string::npos);
    const auto next_refusal = [&](std::string_view names) -> asio::awaitable<void> {
      const auto refused = co_await test::event_of(nc, event_kind::server_error);
      CAPTURE(refused.detail);
      CHECK(refused.code == denied);
      CHECK(refused.detail.find(names) != std::string::npos);
    };
    auto s = nc.subscribe("s");
    const auto subscribe_ends = co_await s.closed();
    table.note("subscribe", denied, subscribe_ends);
    CHECK(subscribe_ends == denied);
    co_await next_refusal("Subscription to \"s\"");
    auto q = nc.subscribe("q", {.queue = "workers"});
    auto others = nc.subscribe("q", {.queue = "others"});
    const auto queue_ends = co_await q.closed();
    table.note("queue group", denied, queue_ends);
    CHECK(queue_ends == denied);
    co_await next_refusal("Subscription to \"q\" using queue \"workers\"");
    co_await nc.publish("q", "x");
    const auto m = co_await others.next();
    CHECK(m->data() == "x");
    table.note("another queue group", {}, {});
    const auto request = co_await test::code_of(nc.request("p", "x"));
    table.note("request", denied, request);
    CHECK(request == denied);
  });
}

TEST_CASE("expired credentials are told, read again and used", "[auth]") {
  const test::nats_operator op;
  const key_pair user{nkey_kind::user};
  const key_pair next_user{nkey_kind::user};
  const test::nats_server server{op.config()};
  const test::temporary_folder folder;
  const auto path = folder.file("user.creds", op.creds(user, test::unix_now() + 3));
  test::run([&]() -> asio::awaitable<void> {
    auto nc = co_await innate::connect(as(server.url(), innate::creds_from_file(path)));
    auto sub = nc.subscribe("a");
    folder.file("user.creds", op.creds(next_user));
    const auto told = co_await test::event_of(nc, event_kind::server_error);
    CHECK(told.code == server_errc::authentication_expired);
    CHECK(told.detail == "User Authentication Expired");
    const auto lost = co_await test::event_of(nc, event_kind::disconnected);
    CHECK(lost.code == server_errc::authentication_expired);
    co_await test::event_of(nc, event_kind::reconnected);
    co_await nc.publish("a", "again");
    const auto m = co_await sub.next();
    CHECK(m->data() == "again");
  });
}

TEST_CASE("a user revoked while connected is told so, and let in again with other credentials", "[auth]") {
  const test::nats_operator op;
  const key_pair user{nkey_kind::user};
  const key_pair next_user{nkey_kind::user};
  test::nats_server server{op.config()};
  const test::temporary_folder folder;
  const auto path = folder.file("user.creds", op.creds(user));
  test::run([&]() -> asio::awaitable<void> {
    auto nc = co_await innate::connect(as(server.url(), innate::creds_from_file(path)));
    auto sub = nc.subscribe("a");
    co_await nc.flush();
    folder.file("user.creds", op.creds(next_user));
    server.configure(
        op.config("\"revocations\":{\"" + user.public_key() + "\":" + std::to_string(test::unix_now()) + "},"));
    server.signal(SIGHUP);
    const auto lost = co_await test::event_of(nc, event_kind::disconnected);
    CHECK(lost.code == server_errc::authentication_revoked);
    co_await test::event_of(nc, event_kind::reconnected);
    co_await nc.publish("a", "again");
    const auto m = co_await sub.next();
    CHECK(m->data() == "again");
  });
}

TEST_CASE("what holds secrets has no text to be written to a log", "[auth]") {
  const auto is_silent = []<class T>(std::type_identity<T>) {
    return !requires(std::ostream& out, const T& holder) { out << holder; };
  };
  STATIC_CHECK(is_silent(std::type_identity<innate::credentials>{}));
  STATIC_CHECK(is_silent(std::type_identity<innate::options>{}));
  STATIC_CHECK(is_silent(std::type_identity<innate::nats_context>{}));
  STATIC_CHECK(is_silent(std::type_identity<innate::core::server_url>{}));
  STATIC_CHECK(is_silent(std::type_identity<innate::protocol::secret_string>{}));
  STATIC_CHECK(is_silent(std::type_identity<innate::protocol::nkey_seed>{}));
#if __has_include(<fmt/core.h>)
  STATIC_CHECK_FALSE(fmt::is_formattable<innate::credentials>::value);
  STATIC_CHECK_FALSE(fmt::is_formattable<innate::options>::value);
  STATIC_CHECK_FALSE(fmt::is_formattable<innate::nats_context>::value);
  STATIC_CHECK_FALSE(fmt::is_formattable<innate::protocol::secret_string>::value);
  STATIC_CHECK_FALSE(fmt::is_formattable<innate::protocol::nkey_seed>::value);
#endif
}

TEST_CASE("the same refusal twice from one server ends the connection, unless it shall go on", "[auth]") {
  const key_pair user{nkey_kind::user};
  const key_pair other{nkey_kind::user};
  const auto one = users("{ nkey: " + user.public_key() + " }");
  const auto another = users("{ nkey: " + other.public_key() + " }");
  for (const bool goes_on : {false, true}) {
    test::nats_server server{one};
    int asked = 0;
    auto opts = as(server.url(), innate::authenticate_with([&](const innate::auth_request& r) {
                     ++asked;
                     innate::credentials who;
                     who.nkey = user.public_key();
                     who.signature = innate::protocol::base64url(user.sign(r.nonce));
                     return who;
                   }));
    opts.reconnect.ignore_auth_error_abort = goes_on;
    int refused = 0;
    bool closed = false;
    opts.on_event = [&](const innate::connection_event& e) {
      if (e.kind == event_kind::connect_failed && e.code == server_errc::authorization_violation) ++refused;
      closed |= e.kind == event_kind::closed && e.code == server_errc::authorization_violation;
      if (refused == 4) {  // enough: let it in again
        refused = 5;
        server.kill();
        server.configure(one);
        server.start();
      }
    };
    test::run([&]() -> asio::awaitable<void> {
      auto nc = co_await innate::connect(opts);
      server.kill();
      server.configure(another);
      server.start();
      if (goes_on) {
        co_await test::event_of(nc, event_kind::reconnected);
        CHECK(asked == 6);
        co_return;
      }
      while (co_await nc.next_event()) continue;
      CHECK(closed);
      CHECK(refused == 2);
      CHECK(asked == 3);
      CHECK(nc.last_error().detail == "Authorization Violation");
    });
  }
}
