// SPDX-License-Identifier: Apache-2.0
#include "support/nats_server.hpp"
#include "support/run.hpp"

#include <innate/sdk/client_manager.hpp>

#include <catch2/catch_test_macros.hpp>

#include <asio/bind_cancellation_slot.hpp>
#include <asio/cancellation_signal.hpp>

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace sdk = innate::sdk;
using innate::errc;
using innate::event_kind;
using innate::message;
using namespace std::chrono_literals;
using test::code_of;

namespace {

using texts = std::vector<std::string>;

sdk::client_config config_for(const std::string& url) {
  sdk::client_config config{url};
  config.metadata.reconnect_time_wait = 10ms;
  return config;
}

/// What an operation's exception says; empty when it succeeds.
asio::awaitable<std::string> said_by(asio::awaitable<void> operation) {
  try {
    co_await std::move(operation);
  } catch (const std::exception& e) {
    co_return e.what();
  }
  co_return "";
}

template <class Call>
std::error_code code_thrown_by(Call call) {
  try {
    call();
  } catch (const std::system_error& e) {
    return e.code();
  }
  return {};
}

/// A client of another type, which does what it is told.
class fake_client final : public sdk::managed_client {
 public:
  explicit fake_client(std::string broken, int& closed) : x_broken(std::move(broken)), x_closed(closed) {}
  asio::awaitable<void> connect() override {
    if (x_broken == "connect") throw std::runtime_error("no such host");
    co_return;
  }
  asio::awaitable<void> close() override {
    ++x_closed;
    if (x_broken == "close") throw std::runtime_error("cannot close");
    co_return;
  }

 private:
  std::string x_broken;
  int& x_closed;
};

}  // namespace

TEST_CASE("example 1: an agent's message reaches another agent's inbox", "[client]") {
  test::nats_server server;
  test::run([&]() -> asio::awaitable<void> {
    const auto executor = co_await asio::this_coro::executor;
    sdk::nats_client agent_a{executor, config_for(server.url())};
    sdk::nats_client agent_b{executor, config_for(server.url())};
    co_await agent_a.connect();
    co_await agent_b.connect();
    texts processed;
    agent_b.subscribe("agent.agent-b.inbox", [&](const message& m) { processed.emplace_back(m.data()); });
    co_await agent_b.nats().flush();
    const std::string hello = R"({"from_agent":"agent-a","to_agent":"agent-b","content":"Hello from Agent A"})";
    co_await agent_a.publish("agent.agent-b.inbox", hello);
    co_await agent_a.close();  // sends what was published
    while (processed.empty()) co_await agent_b.nats().flush();
    CHECK(processed == texts{hello});
    co_await agent_b.close();
  });
}

TEST_CASE("example 2: a document update is heard by the cache", "[client]") {
  test::nats_server server;
  test::run([&]() -> asio::awaitable<void> {
    sdk::nats_client client{co_await asio::this_coro::executor, config_for(server.url())};
    co_await client.connect();
    texts invalidated;
    client.subscribe("rag.documents.updated", [&](const message& m) -> asio::awaitable<void> {
      co_await client.nats().flush();  // a callback may wait
      if (m.data().find(R"("action":"updated")") != m.data().npos) invalidated.emplace_back("rag.*");
    });
    co_await client.publish("rag.documents.updated", R"({"document_id":"doc-123","action":"updated"})");
    co_await client.publish("rag.documents.updated", R"({"document_id":"doc-123","action":"seen"})");
    while (invalidated.empty()) co_await client.nats().flush();
    CHECK(invalidated == texts{"rag.*"});
    co_await client.close();
  });
}

TEST_CASE("example 3: a status request is answered by publishing to its reply subject", "[client]") {
  test::nats_server server;
  test::run([&]() -> asio::awaitable<void> {
    const auto executor = co_await asio::this_coro::executor;
    sdk::nats_client agent{executor, config_for(server.url())};
    sdk::nats_client api_backend{executor, config_for(server.url())};
    co_await agent.connect();
    co_await api_backend.connect();
    agent.subscribe("agent.a1.status", [&](message m) -> asio::awaitable<void> {
      co_await agent.publish(m.reply(), R"({"status":"idle"})");
    });
    agent.subscribe("agent.silent.status", [](const message&) {});
    co_await agent.nats().flush();
    const auto response = co_await api_backend.request("agent.a1.status", R"({"request_id":"req-1"})");
    CHECK(response.data() == R"({"status":"idle"})");
    const auto late = co_await code_of(api_backend.request("agent.silent.status", "{}", 20ms));
    CHECK(late == errc::timeout);
    const auto nobody = co_await code_of(api_backend.request("agent.nobody.status", "{}"));
    CHECK(nobody == errc::no_responders);
    co_await agent.close();
    co_await api_backend.close();
  });
}

TEST_CASE("example 4: each task is processed by one instance of the queue group", "[client]") {
  test::nats_server server;
  test::run([&]() -> asio::awaitable<void> {
    const auto executor = co_await asio::this_coro::executor;
    std::vector<std::unique_ptr<sdk::nats_client>> instances;
    std::vector<int> processed(3);
    for (auto& count : processed) {
      instances.push_back(std::make_unique<sdk::nats_client>(executor, config_for(server.url())));
      co_await instances.back()->connect();
      instances.back()->subscribe("api.tasks.process", [&count](const message&) { ++count; }, "api-workers");
      co_await instances.back()->nats().flush();
    }
    for (int i = 0; i != 300; ++i) co_await instances[0]->publish("api.tasks.process", "{}");
    const auto sum = [&] { return processed[0] + processed[1] + processed[2]; };
    while (sum() < 300)
      for (auto& one : instances) co_await one->nats().flush();
    CHECK(sum() == 300);
    for (const int count : processed) CHECK(count > 0);
    for (auto& one : instances) co_await one->close();
  });
}

TEST_CASE("subscriptions end by their id, and when the server refuses them", "[client]") {
  test::nats_server server{
      "authorization { users = [{user: u, password: p, permissions: {subscribe: {deny: secret}}}] }"};
  test::run([&]() -> asio::awaitable<void> {
    sdk::nats_client client{co_await asio::this_coro::executor, config_for(server.url("u:p"))};
    co_await client.connect();
    int first = 0;
    int second = 0;
    const auto id = client.subscribe("a", [&](const message&) { ++first; });
    const auto other = client.subscribe("a", [&](const message&) { ++second; });
    CHECK(id != other);
    co_await client.publish("a", "");
    while (first + second != 2) co_await client.nats().flush();
    CHECK(client.unsubscribe(id));
    CHECK_FALSE(client.unsubscribe(id));
    CHECK_FALSE(client.unsubscribe("no such id"));
    co_await client.publish("a", "");
    while (second != 2) co_await client.nats().flush();
    CHECK(first == 1);
    const auto refused = client.subscribe("secret", [](const message&) {});
    co_await test::event_of(client.nats(), event_kind::server_error);
    co_await client.nats().flush();
    CHECK_FALSE(client.unsubscribe(refused));
    CHECK_THROWS(client.subscribe(std::string{"a..b"}, [](const message&) {}));
    co_await client.close();
    CHECK_FALSE(client.unsubscribe(other));
  });
}

TEST_CASE("a callback that throws is reported, and the next message comes all the same", "[client]") {
  test::nats_server server;
  test::run([&]() -> asio::awaitable<void> {
    auto config = config_for(server.url());
    texts reported;
    config.options.on_event = [&](const innate::connection_event& e) {
      if (e.kind == event_kind::handler_error) reported.push_back(e.subject + ": " + e.detail);
    };
    sdk::nats_client client{co_await asio::this_coro::executor, config};
    co_await client.connect();
    texts good;
    client.subscribe("plain", [&](const message& m) {
      if (m.data() == "bad") throw std::runtime_error("not this one");
      good.emplace_back(m.data());
    });
    client.subscribe("coroutine", [&](message m) -> asio::awaitable<void> {
      co_await client.nats().flush();
      if (m.data() == "bad") throw std::runtime_error("nor this one");
      good.emplace_back(m.data());
    });
    for (const std::string subject : {"plain", "coroutine"}) {
      co_await client.publish(subject, "bad");
      co_await client.publish(subject, subject + " good");
    }
    while (good.size() != 2) co_await client.nats().flush();
    CHECK(good == texts{"plain good", "coroutine good"});
    CHECK(reported == texts{"plain: not this one", "coroutine: nor this one"});
    co_await client.close();
  });
}

TEST_CASE("a client tries as often as it is told, and says which servers it could not reach", "[client]") {
  test::run([&]() -> asio::awaitable<void> {
    const auto nobody = "nats://user:secret@127.0.0.1:" + std::to_string(test::free_port());
    int attempts = 0;
    auto config = config_for(nobody);
    config.options.on_event = [&](const innate::connection_event& e) {
      attempts += e.kind == event_kind::connect_failed ? 1 : 0;
    };
    sdk::nats_client client{co_await asio::this_coro::executor, config};
    const auto said = co_await said_by(client.connect());
    INFO(said);
    CHECK(said.starts_with("no connection to nats://user:***@127.0.0.1:"));
    CHECK(said.find("refused") != said.npos);
    CHECK(attempts == 3);
    const auto unsent = co_await code_of(client.publish("a", ""));
    CHECK(unsent == errc::connection_closed);
  });
}

TEST_CASE("a client tries again until the server is there", "[client]") {
  test::nats_server server;
  server.kill();
  test::run([&]() -> asio::awaitable<void> {
    auto config = config_for(server.url());
    config.retries = 1'000;
    config.metadata.reconnect_time_wait = 5ms;
    bool started = false;
    config.options.on_event = [&](const innate::connection_event& e) {
      if (e.kind == event_kind::connect_failed && !std::exchange(started, true)) server.start();
    };
    sdk::nats_client client{co_await asio::this_coro::executor, config};
    co_await client.connect();
    CHECK(started);
    co_await client.close();
  });
}

TEST_CASE("wrong options and refused credentials are not tried again", "[client]") {
  test::nats_server server{"authorization { user: u, password: p }"};
  test::run([&]() -> asio::awaitable<void> {
    const auto executor = co_await asio::this_coro::executor;
    int attempts = 0;
    auto config = config_for(server.url("u:wrong"));
    config.options.on_event = [&](const innate::connection_event& e) {
      attempts += e.kind == event_kind::connect_failed ? 1 : 0;
    };
    sdk::nats_client refused{executor, config};
    const auto why = co_await code_of(refused.connect());
    CHECK(why == innate::server_errc::authorization_violation);
    CHECK(attempts == 1);
    sdk::nats_client wrong_url{executor, config_for("ftp://host")};
    const auto said = co_await said_by(wrong_url.connect());
    CHECK(said.find("ftp") != said.npos);
    config.retries = 0;
    sdk::nats_client wrong_option{executor, config};
    const auto option = co_await said_by(wrong_option.connect());
    CHECK(option.starts_with("option retries must be at least 1"));
  });
}

TEST_CASE("a client is connected once at a time, and may be again", "[client]") {
  test::nats_server server;
  test::run([&]() -> asio::awaitable<void> {
    sdk::nats_client client{co_await asio::this_coro::executor, config_for(server.url())};
    const auto early = co_await code_of([&]() -> asio::awaitable<void> { co_await client.publish("a", ""); }());
    CHECK(early == errc::connection_closed);
    co_await client.close();  // nothing to close
    co_await client.connect();
    const auto twice = co_await code_of(client.connect());
    CHECK(twice == errc::already_running);
    co_await client.close();
    const auto late = co_await code_of(client.publish("a", ""));
    CHECK(late == errc::connection_closed);
    co_await client.connect();
    co_await client.publish("a", "");
    co_await client.close();
  });
}

TEST_CASE("closing or cancelling a client ends its attempts to connect", "[client]") {
  test::run([&]() -> asio::awaitable<void> {
    const auto executor = co_await asio::this_coro::executor;
    auto config = config_for("nats://127.0.0.1:" + std::to_string(test::free_port()));
    config.retries = 100;
    config.metadata.reconnect_time_wait = 1h;
    std::unique_ptr<sdk::nats_client> client;
    asio::cancellation_signal cancel;
    bool by_signal = false;
    config.options.on_event = [&](const innate::connection_event& e) {
      if (e.kind != event_kind::closed) return;
      asio::post(executor, [&] {  // the attempt has failed, and the client waits for the next one
        if (by_signal) return cancel.emit(asio::cancellation_type::terminal);
        asio::co_spawn(executor, client->close(), [](const std::exception_ptr&) {});
      });
    };
    client = std::make_unique<sdk::nats_client>(executor, config);
    const auto closed = co_await code_of(client->connect());
    CHECK(closed == errc::connection_closed);
    by_signal = true;
    const auto cancelled = co_await code_of(
        asio::co_spawn(executor, client->connect(), asio::bind_cancellation_slot(cancel.slot(), asio::use_awaitable)));
    CHECK(cancelled == asio::error::operation_aborted);
  });
}

TEST_CASE("a manager keeps NATS clients by their id", "[client]") {
  test::nats_server server;
  test::run([&]() -> asio::awaitable<void> {
    sdk::client_manager clients{co_await asio::this_coro::executor};
    co_await clients.register_client("main", config_for(server.url()));
    CHECK(clients.contains("main"));
    const auto client = clients.get("main");
    const auto rtt = co_await client->nats().rtt();
    CHECK(rtt > 0s);
    const auto twice = co_await said_by(clients.register_client("main", config_for(server.url())));
    CHECK(twice == "client 'main': a client has this id already");
    CHECK(code_thrown_by([&] { static_cast<void>(clients.get("other")); }) == errc::unknown_client);
    const auto nobody = config_for("nats://127.0.0.1:" + std::to_string(test::free_port()));
    const auto refused = co_await said_by(clients.register_client("other", nobody));
    CHECK(refused.starts_with("no connection to nats://127.0.0.1:"));
    CHECK_FALSE(clients.contains("other"));
    co_await clients.register_client("other", config_for(server.url()));  // the id is free
    co_await clients.remove_client("main");
    CHECK_FALSE(clients.contains("main"));
    const auto gone = co_await said_by(clients.remove_client("main"));
    CHECK(gone == "client 'main': no client has this id");
    const auto closed = co_await code_of(client->publish("a", ""));
    CHECK(closed == errc::connection_closed);
    co_await clients.close();
    CHECK_FALSE(clients.contains("other"));
  });
}

TEST_CASE("clients of other types come from factories", "[client]") {
  test::run([&]() -> asio::awaitable<void> {
    sdk::client_manager clients{co_await asio::this_coro::executor};
    sdk::client_config config{"http://localhost"};
    config.client_type = sdk::client_type::http;
    const auto none = co_await said_by(clients.register_client("web", config));
    CHECK(none == "type 'http': register_type gives it one: no factory makes clients of this type");
    int closed = 0;
    clients.register_type(sdk::client_type::http, [&](const sdk::client_config& c) {
      return std::make_shared<fake_client>(c.base_url, closed);
    });
    co_await clients.register_client("web", config);
    CHECK(clients.get<fake_client>("web") != nullptr);
    CHECK(clients.get<sdk::managed_client>("web") != nullptr);
    CHECK(code_thrown_by([&] { static_cast<void>(clients.get("web")); }) == errc::client_of_another_type);
    config.base_url = "connect";
    const auto broken = co_await said_by(clients.register_client("broken", config));
    CHECK(broken == "no such host");
    config.base_url = "close";
    co_await clients.register_client("stubborn", config);
    const auto stubborn = co_await said_by(clients.close());
    CHECK(stubborn == "cannot close");
    CHECK(closed == 2);
    CHECK_FALSE(clients.contains("web"));
  });
}

TEST_CASE("a manager that is closed gives up the clients that connect", "[client]") {
  test::run([&]() -> asio::awaitable<void> {
    const auto executor = co_await asio::this_coro::executor;
    sdk::client_manager clients{executor};
    auto config = config_for("nats://127.0.0.1:" + std::to_string(test::free_port()));
    config.metadata.reconnect_time_wait = 1h;
    config.options.on_event = [&](const innate::connection_event& e) {
      if (e.kind != event_kind::closed) return;
      asio::post(executor, [&] {
        CHECK(code_thrown_by([&] { static_cast<void>(clients.get("main")); }) == errc::unknown_client);
        asio::co_spawn(executor, clients.close(), [](const std::exception_ptr&) {});
      });
    };
    const auto ended = co_await code_of(clients.register_client("main", config));
    CHECK(ended == errc::connection_closed);
    CHECK_FALSE(clients.contains("main"));
  });
}
