// SPDX-License-Identifier: Apache-2.0
#include "../support/scripted_world.hpp"

#include <catch2/catch_test_macros.hpp>

using innate::errc;
using namespace std::chrono_literals;
using test::scripted_world;

namespace {

const std::string asks = R"(INFO {"server_id":"S","proto":1,"headers":true,"auth_required":true,"nonce":"n0nce"})"
                         "\r\n";
const std::string tls_info = R"(INFO {"server_id":"S","proto":1,"headers":true,"tls_required":true})"
                             "\r\n";

/// Answers when the test says so.
class slow_authenticator final : public innate::authenticator {
 public:
  asio::awaitable<innate::result<innate::credentials>> authenticate(innate::auth_request request) override {
    asked.push_back(request.nonce);
    asio::steady_timer answered{co_await asio::this_coro::executor, asio::steady_timer::time_point::max()};
    x_answered = &answered;
    static_cast<void>(co_await answered.async_wait(asio::as_tuple(asio::use_awaitable)));
    const auto state = co_await asio::this_coro::cancellation_state;
    cancelled = state.cancelled() != asio::cancellation_type::none;
    innate::credentials who;
    who.token = "t-" + request.nonce;
    co_return who;
  }
  void answer() { x_answered->cancel(); }

  std::vector<std::string> asked;
  bool cancelled = false;

 private:
  asio::steady_timer* x_answered = nullptr;
};

/// Stands for TLS: notes what it is given, "shakes hands" by reading one byte, and passes the rest through.
struct tls_log {
  std::string received;
  std::string name;
  bool hands_shaken = false;
  innate::error failure{};
};

class pretending_stream final : public innate::secure_stream {
 public:
  pretending_stream(std::unique_ptr<innate::stream> plain, std::shared_ptr<tls_log> log)
      : x_plain(std::move(plain)), x_log(std::move(log)) {}
  asio::awaitable<innate::error> shake_hands() override {
    char byte = 0;
    const auto [failed, size] = co_await x_plain->read_some(asio::mutable_buffer{&byte, 1});
    if (failed) co_return innate::error{failed};
    x_log->hands_shaken = !x_log->failure.code;
    co_return x_log->failure;
  }
  asio::awaitable<innate::io_result> read_some(asio::mutable_buffer into) override { return x_plain->read_some(into); }
  asio::awaitable<innate::io_result> write_some(std::span<const std::string_view> pieces) override {
    return x_plain->write_some(pieces);
  }
  void close() noexcept override { x_plain->close(); }

 private:
  std::unique_ptr<innate::stream> x_plain;
  std::shared_ptr<tls_log> x_log;
};

class pretending_layer final : public innate::tls_layer {
 public:
  [[nodiscard]] innate::result<std::unique_ptr<innate::secure_stream>>
  wrap(std::unique_ptr<innate::stream> plain, const innate::core::server_url& url, std::string_view received) override {
    ++wrapped;
    if (unusable.code) return unusable;
    log->received = received;
    log->name = url.certificate_name();
    return std::unique_ptr<innate::secure_stream>{std::make_unique<pretending_stream>(std::move(plain), log)};
  }

  std::shared_ptr<tls_log> log = std::make_shared<tls_log>();
  innate::error unusable{};
  int wrapped = 0;
};

struct tls_world {
  explicit tls_world(innate::tls_use use = innate::tls_use::when_asked) {
    opts.tls = {layer, use};
    world = std::make_unique<scripted_world>(opts);
    world->start();
  }
  scripted_world& operator*() const { return *world; }
  scripted_world* operator->() const { return world.get(); }

  std::shared_ptr<pretending_layer> layer = std::make_shared<pretending_layer>();
  innate::options opts = scripted_world::quick();
  std::unique_ptr<scripted_world> world;
};

}  // namespace

TEST_CASE("an authenticator gets the nonce after INFO, and CONNECT waits for it", "[secure]") {
  auto opts = scripted_world::quick();
  const auto who = std::make_shared<slow_authenticator>();
  opts.authenticator = who;
  opts.auth.token = "not this one";
  scripted_world w{opts};
  w.start();
  CHECK(who->asked.empty());
  w.say(asks);
  CHECK(who->asked == std::vector<std::string>{"n0nce"});
  CHECK(w.take_received().empty());
  who->answer();
  w.settle();
  CHECK(w.take_received().find(R"("auth_token":"t-n0nce")") != std::string::npos);
  w.say("PONG\r\n");
  CHECK(w.nc.status() == innate::status::connected);
  w.lose_link();
  w.say(asks);
  CHECK(who->asked.size() == 2);
}

TEST_CASE("an authenticator that never answers is cancelled at the connect deadline", "[secure]") {
  const auto who = std::make_shared<slow_authenticator>();
  auto opts = scripted_world::quick();
  opts.authenticator = who;
  scripted_world w{opts};
  w.start();
  w.say(asks);
  w.advance(4'999ms);
  CHECK_FALSE(w.ended);
  w.advance(1ms);
  CHECK(w.ended);
  CHECK(w.end_reason == errc::connect_timeout);
  w.settle();
  CHECK(who->cancelled);
}

TEST_CASE("closing while the authenticator thinks ends the connection", "[secure]") {
  const auto who = std::make_shared<slow_authenticator>();
  auto opts = scripted_world::quick();
  opts.authenticator = who;
  scripted_world w{opts};
  w.start();
  w.say(asks);
  w.nc.close();
  w.settle();
  CHECK(w.ended);
  CHECK_FALSE(w.end_reason);
}

TEST_CASE("a URL's credentials are used without asking the authenticator", "[secure]") {
  const auto who = std::make_shared<slow_authenticator>();
  innate::options opts{"nats://own@one:1"};
  opts.authenticator = who;
  scripted_world w{opts};
  w.start();
  w.say(asks);
  CHECK(who->asked.empty());
  CHECK(w.take_received().find(R"("auth_token":"own")") != std::string::npos);
}

TEST_CASE("callbacks for credentials may throw, or fail with a code of their own", "[secure]") {
  for (const bool with_code : {false, true}) {
    auto opts = scripted_world::quick();
    opts.authenticator = innate::authenticate_with([with_code](const innate::auth_request&) -> innate::credentials {
      if (with_code) throw std::system_error(make_error_code(errc::file_unreadable), "token file");
      throw std::runtime_error("no vault");
    });
    scripted_world w{opts};
    w.start();
    w.say(asks);
    CHECK(w.ended);
    CHECK(w.end_reason == (with_code ? errc::file_unreadable : errc::authenticator_failed));
    CHECK(w.nc.last_error().detail.find(with_code ? "token file" : "no vault") != std::string::npos);
  }
}

TEST_CASE("the upgrade comes after INFO, takes what follows it, and CONNECT goes through it", "[secure]") {
  const tls_world w;
  w->say(tls_info + "early bytes");
  CHECK(w.layer->log->received == "early bytes");
  CHECK(w.layer->log->name == "one");
  CHECK(w->take_received().empty());
  CHECK_FALSE(w.layer->log->hands_shaken);
  w->say("!");
  CHECK(w.layer->log->hands_shaken);
  const auto greeting = w->take_received();
  CHECK(greeting.find(R"("tls_required":true)") != std::string::npos);
  w->say("PONG\r\n");
  CHECK(w->nc.status() == innate::status::connected);
}

TEST_CASE("TLS first shakes hands before INFO", "[secure]") {
  const tls_world w{innate::tls_use::first};
  CHECK(w.layer->wrapped == 1);
  w->say("!" + tls_info);
  CHECK(w.layer->wrapped == 1);
  CHECK(w->take_received().starts_with("CONNECT {"));
  w->say("PONG\r\n");
  CHECK(w->nc.status() == innate::status::connected);
}

TEST_CASE("a TLS handshake that stalls, fails or cannot begin ends the attempt", "[secure]") {
  for (const auto use : {innate::tls_use::when_asked, innate::tls_use::first}) {
    const bool first = use == innate::tls_use::first;
    const tls_world stalls{use};
    if (!first) stalls->say(tls_info);
    stalls->advance(4'999ms);
    CHECK_FALSE(stalls->ended);
    stalls->advance(1ms);
    CHECK(stalls->end_reason == errc::connect_timeout);

    const tls_world hangs_up{use};
    if (!first) hangs_up->say(tls_info);
    hangs_up->lose_link();
    CHECK(hangs_up->end_reason == errc::server_closed_connection);

    const tls_world fails{use};
    fails.layer->log->failure = {innate::tls_errc::certificate_expired, "of one"};
    fails->say(first ? "!" : tls_info + "");
    if (!first) fails->say("!");
    CHECK(fails->end_reason == innate::tls_errc::certificate_expired);
    CHECK(fails->nc.last_error().detail == "of one");

    const tls_world closes{use};
    if (!first) closes->say(tls_info);
    closes->nc.close();
    closes->settle();
    CHECK(closes->ended);
  }
  const tls_world unusable;
  unusable.layer->unusable = {errc::file_unreadable, "CA file 'x'"};
  unusable->say(tls_info);
  CHECK(unusable->end_reason == errc::file_unreadable);
}

TEST_CASE("material is read at each attempt, and failures wait like any other", "[secure]") {
  const tls_world w;
  w->say(tls_info);
  w->say("!PONG\r\n");
  CHECK(w->nc.status() == innate::status::connected);
  w.layer->unusable = {errc::file_unreadable, "CA file 'x'"};
  w->lose_link();
  for (int i = 0; i != 3; ++i) {
    const auto links = w->env->links.size();
    w->say(tls_info);
    CHECK(w->nc.status() == innate::status::reconnecting);
    CHECK(w->env->links.size() == links);  // no storm: nothing before time passes
    w->advance(30s);
    CHECK(w->env->links.size() == links + 1);
  }
  w.layer->unusable = {};
  w->say(tls_info);
  w->say("!PONG\r\n");
  CHECK(w->nc.status() == innate::status::connected);
}
