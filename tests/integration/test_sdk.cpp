// SPDX-License-Identifier: Apache-2.0
#include "support/nats_server.hpp"
#include "support/run.hpp"
#include "support/sdk_fakes.hpp"

#include <innate/sdk/agent_framework.hpp>
#include <innate/sdk/api_backend.hpp>
#include <innate/sdk/cache_mechanism.hpp>
#include <innate/sdk/database_component.hpp>
#include <innate/sdk/llm_gateway.hpp>
#include <innate/sdk/rag_system.hpp>

#include <catch2/catch_test_macros.hpp>

#include <asio/detached.hpp>

#include <algorithm>
#include <string>
#include <vector>

namespace sdk = innate::sdk;
using innate::errc;
using namespace innate::literals;
using namespace std::chrono_literals;
using test::code_of;
using test::quick;

namespace {

/// Everything that goes over the server, in order.
class recorder {
 public:
  explicit recorder(innate::connection& nc) : x_all(nc.subscribe(">")) {}

  /// Subjects up to the first one that is `last`.
  asio::awaitable<std::vector<std::string>> until(std::string last) {
    std::vector<std::string> subjects;
    while (auto m = co_await x_all.next(10s)) {
      if (m->subject().starts_with("_INBOX.")) continue;
      subjects.emplace_back(m->subject());
      if (subjects.back() == last) break;
    }
    co_return subjects;
  }
  asio::awaitable<innate::message> next() { co_return (co_await x_all.next(10s)).value(); }

 private:
  innate::subscription x_all;
};

/// Runs a component beside the test; what it throws at the end of its connection does not matter here.
template <class Component>
void start(innate::connection& nc, Component& component) {
  asio::co_spawn(nc.get_executor(), component.run(), asio::detached);
}

using texts = std::vector<std::string>;

std::size_t count(const texts& all, const std::string& one) {
  return static_cast<std::size_t>(std::count(all.begin(), all.end(), one));
}

}  // namespace

TEST_CASE("flow 1: two agents write to each other, and one to all", "[sdk]") {
  test::nats_server server;
  test::run([&]() -> asio::awaitable<void> {
    auto nc = co_await innate::connect(quick(server.url()));
    auto nc_b = co_await innate::connect(quick(server.url()));
    texts heard;
    sdk::agent_options a_opts{"agent-a"};
    a_opts.on_message = [&](const auto& m) { heard.push_back("a: " + std::string{m->content}); };
    sdk::agent_options b_opts{"agent-b"};
    b_opts.on_message = [&](innate::received<sdk::agent::inbox> m) -> asio::awaitable<void> {
      if (m->message_type == "poison") throw std::runtime_error("not understood");
      co_await nc_b.flush();
      heard.push_back("b: " + std::string{m->content});
    };
    b_opts.on_broadcast = [&](const auto& m) { heard.push_back("b, of all: " + std::string{m->content}); };
    sdk::agent_framework a{nc, a_opts};
    sdk::agent_framework b{nc_b, b_opts};
    start(nc, a);
    start(nc_b, b);
    co_await nc.flush();
    co_await nc_b.flush();
    co_await a.send("agent-b", "?", "poison");
    co_await a.send("agent-b", "hello", "task");
    const auto told = co_await test::event_of(nc_b, innate::event_kind::handler_error);
    CHECK(told.detail == "not understood");
    while (heard.empty()) co_await nc_b.flush();
    co_await b.send("agent-a", "hello back", "task");
    co_await a.broadcast("to all", "news");
    co_await nc_b.flush();
    co_await nc.flush();
    co_await nc_b.flush();
    std::sort(heard.begin(), heard.end());
    CHECK(heard == texts{"a: hello back", "b, of all: to all", "b: hello"});
    const auto refused = co_await code_of(a.send("agent.b", "x", "task"));
    CHECK(refused == errc::invalid_parameter);
    CHECK(nc.last_error().detail == "event 'agent.{agent_id}.inbox': parameter 'agent_id' of 'agent.{agent_id}.inbox': "
                                    "'agent.b' contains a dot at position 5");
    co_await nc.drain();
    co_await nc_b.drain();
  });
}

TEST_CASE("flow 2: an updated document invalidates what was cached of it", "[sdk]") {
  test::nats_server server;
  test::run([&]() -> asio::awaitable<void> {
    auto nc = co_await innate::connect(quick(server.url()));
    recorder all{nc};
    test::memory_store store;
    test::length_embedder vectors;
    sdk::rag_system rag{nc, store, vectors, {.chunk_size = 10}};
    sdk::cache_mechanism cache{nc};
    start(nc, rag);
    start(nc, cache);
    cache.put("rag.query-1", "old answer");
    cache.put("agent.a1", "kept");
    const sdk::rag::document doc{"doc-123", "Title", "one two three four", {"{}"}};
    const auto first = co_await rag.ingest(doc);
    CHECK(first.chunk_count == 2);
    co_await rag.ingest(doc);
    const auto seen = co_await all.until("cache.invalidated");
    CHECK(seen == texts{"rag.embeddings.generated", "rag.documents.ingested", "rag.embeddings.generated",
                        "rag.documents.updated", "rag.cache.invalidate", "cache.invalidated"});
    CHECK(cache.size() == 1);
    nc.close();
  });
}

TEST_CASE("RAG: requests are processed and answered, queries cached until documents change", "[sdk]") {
  test::nats_server server;
  test::run([&]() -> asio::awaitable<void> {
    auto nc = co_await innate::connect(quick(server.url()));
    test::memory_store store;
    test::length_embedder vectors;
    sdk::rag_system rag{nc, store, vectors};
    start(nc, rag);
    recorder all{nc};
    const sdk::rag::document doc{"doc-1", "Title", "text", {"{}"}};
    const auto done = co_await nc.request<sdk::rag::ingest_request>(doc);
    CHECK(std::get<sdk::rag::ingestion>(*done).document_id == "doc-1");
    const sdk::rag::document bad{"doc-2", "poison", "text", {"{}"}};
    const auto failed = co_await nc.request<sdk::rag::ingest_request>(bad);
    CHECK(std::get<sdk::failure>(*failed).error == "the store refuses this document");
    const auto fresh = co_await rag.query("q-1", "text");
    const auto kept = co_await rag.query("q-2", "text");
    CHECK_FALSE(fresh.cached);
    CHECK(kept.cached);
    CHECK(store.searches == 1);
    store.during_search = [&]() -> asio::awaitable<void> {
      co_await nc.publish<sdk::rag::cache_invalidate>(sdk::invalidation{"rag.*", "test"});
      co_await nc.flush();
    };
    co_await rag.query("q-3", "another text");
    store.during_search = nullptr;
    CHECK(rag.cached_queries() == 0);  // what was invalidated while it was made is not kept
    co_await rag.query("q-4", "text");
    CHECK(rag.cached_queries() == 1);
    co_await nc.publish<sdk::rag::cache_invalidate>(sdk::invalidation{"rag.*", "test"});
    co_await nc.flush();
    while (rag.cached_queries() != 0) co_await nc.flush();
    const bool removed = co_await rag.remove("doc-1");
    CHECK(removed);
    const bool again = co_await rag.remove("doc-1");
    CHECK_FALSE(again);
    const auto seen = co_await all.until("rag.documents.deleted");
    CHECK(count(seen, "rag.query.completed") == 4);
    nc.close();
  });
}

TEST_CASE("flow 3: a submitted task is executed by one of three agents, and its result comes back", "[sdk]") {
  test::nats_server server;
  test::run([&]() -> asio::awaitable<void> {
    auto nc = co_await innate::connect(quick(server.url()));
    std::vector<innate::connection> links;
    std::vector<std::unique_ptr<sdk::agent_framework>> agents;
    for (int i = 0; i != 3; ++i) links.push_back(co_await innate::connect(quick(server.url())));
    for (int i = 0; i != 3; ++i) {
      sdk::agent_options opts{"agent-" + std::to_string(i)};
      opts.execute = [](const sdk::work& w) -> asio::awaitable<std::string> {
        if (w.type == "fail") throw std::runtime_error("no luck");
        if (w.type == "garble") throw std::runtime_error("\xff\n");
        if (w.type == "nonsense") co_return "{";
        co_return w.params;
      };
      auto& link = links[static_cast<std::size_t>(i)];
      agents.push_back(std::make_unique<sdk::agent_framework>(link, opts));
      start(link, *agents.back());
      co_await link.flush();
    }
    sdk::api_backend api{nc};
    start(nc, api);
    for (int i = 0; i != 30; ++i) {
      const auto done = co_await api.submit("echo", "{\"n\":" + std::to_string(i) + "}", 10s);
      CHECK(done.status == "completed");
      CHECK(done.result == "{\"n\":" + std::to_string(i) + "}");
      CHECK(done.agent_id.starts_with("agent-"));
    }
    const auto failed = co_await api.submit("fail", "{}", 10s);
    CHECK(failed.status == "failed");
    CHECK(failed.error == "no luck");
    const auto nonsense = co_await api.submit("nonsense", "{}", 10s);
    CHECK(nonsense.error == "the result is not JSON");
    const auto garbled = co_await api.submit("garble", "{}", 10s);
    CHECK(garbled.error == "??");  // and the agent lives on
    const auto after = co_await api.submit("echo", "[]", 10s);
    CHECK(after.result == "[]");
    std::size_t executed = 0;
    for (const auto& a : agents) executed += a->executed();
    CHECK(executed == 34);
    for (auto& link : links) co_await link.drain();
    const auto late = co_await code_of(api.submit("echo", "{}", 20ms));
    CHECK(late == errc::timeout);
    nc.close();
  });
}

TEST_CASE("an agent executes what is assigned to it in order, and tells its status when asked", "[sdk]") {
  test::nats_server server;
  test::run([&]() -> asio::awaitable<void> {
    auto nc = co_await innate::connect(quick(server.url()));
    texts order;
    sdk::agent_options opts{"a1"};
    opts.execute = [&](const sdk::work& w) -> asio::awaitable<std::string> {
      order.push_back(w.id);
      co_return "null";
    };
    recorder all{nc};
    sdk::agent_framework agent{nc, opts};
    start(nc, agent);
    for (const char* id : {"t1", "t2"}) {
      const sdk::task_assignment task{id, "x", {"{}"}};
      co_await nc.publish<sdk::agent::tasks>("agent_id"_p = "a1", task);
    }
    auto seen = co_await all.until("agent.a1.task.completed");
    const auto more = co_await all.until("agent.a1.task.completed");
    CHECK(order == texts{"t1", "t2"});
    const auto status =
        co_await nc.request<sdk::agent::status_request>("agent_id"_p = "a1", sdk::agent::status_query{"req-1"});
    CHECK(status->status == sdk::agent::state::idle);
    CHECK(status->agent_id == "a1");
    seen.insert(seen.end(), more.begin(), more.end());
    CHECK(count(seen, "agent.a1.status") == 4);  // idle, running, idle, running
    nc.close();
  });
}

TEST_CASE("example 4: work for the API's group is done once, and its results told", "[sdk]") {
  test::nats_server server;
  test::run([&]() -> asio::awaitable<void> {
    auto nc = co_await innate::connect(quick(server.url()));
    auto other = co_await innate::connect(quick(server.url()));
    sdk::api_options opts;
    opts.process = [](const sdk::work& w) -> asio::awaitable<std::string> { co_return w.id == "w7" ? "{" : w.params; };
    sdk::api_backend one{nc, opts};
    sdk::api_backend two{other, opts};
    start(nc, one);
    start(other, two);
    co_await nc.flush();
    co_await other.flush();
    auto results = nc.subscribe<sdk::api::task_result>();
    sdk::work task;
    task.type = "x";
    task.params = "[1]";
    for (int i = 0; i != 20; ++i) {
      task.id = "w" + std::to_string(i);
      co_await one.process_elsewhere(task);
    }
    for (int i = 0; i != 20;) {
      const auto r = co_await results.next(10s);
      if (r->param<"task_id">() == "process") continue;
      ++i;
      CHECK((*r)->status == ((*r)->task_id == "w7" ? "failed" : "completed"));
    }
    CHECK(one.processed() + two.processed() == 20);
    const sdk::api::result_payload forged{"process", "completed", {"1"}, {}, {}};
    const auto refused = nc.try_publish<sdk::api::task_result>("task_id"_p = "process", forged);
    CHECK(refused == errc::invalid_parameter);
    nc.close();
    co_await other.drain();
  });
}

TEST_CASE("the API tells of requests and responses, and of RAG queries to whoever waits", "[sdk]") {
  test::nats_server server;
  test::run([&]() -> asio::awaitable<void> {
    auto nc = co_await innate::connect(quick(server.url()));
    sdk::api_backend api{nc};
    start(nc, api);
    auto sent = nc.subscribe<sdk::api::responses_sent>();
    auto got = nc.subscribe<sdk::api::requests_received>();
    const auto good = co_await api.respond(
        "/tasks", "POST", []() -> asio::awaitable<sdk::api_response> { co_return sdk::api_response{201, "made"}; });
    CHECK(good.body == "made");
    const auto bad = co_await api.respond("/tasks", "GET", []() -> asio::awaitable<sdk::api_response> {
      throw std::runtime_error("broken");
      co_return sdk::api_response{};
    });
    CHECK(bad.status_code == 500);
    const auto first = co_await sent.next(10s);
    CHECK((*first)->status_code == 201);
    const auto second = co_await sent.next(10s);
    CHECK((*second)->status_code == 500);
    const auto request = co_await got.next(10s);
    CHECK((*request)->method == "POST");
    auto asked = api.query_completed("q-7", 10s);
    co_await nc.publish<sdk::rag::query_completed>(sdk::rag::query_result{"q-6", 1, 0.2});
    co_await nc.publish<sdk::rag::query_completed>(sdk::rag::query_result{"q-7", 3, 0.1});
    co_await nc.flush();  // it may come before it is awaited
    const auto found = co_await std::move(asked);
    CHECK(found.document_count == 3);
    CHECK(found.response_time == 0.1);
    const auto late = co_await code_of(api.query_completed("q-8", 20ms));
    CHECK(late == errc::timeout);
    nc.close();
  });
}

TEST_CASE("flow 5: lookups are told as hits and misses, and all four invalidations are obeyed", "[sdk]") {
  test::nats_server server;
  test::run([&]() -> asio::awaitable<void> {
    auto nc = co_await innate::connect(quick(server.url()));
    recorder all{nc};
    sdk::cache_mechanism cache{nc, {.capacity = 4}};
    start(nc, cache);
    cache.put("query-123", "x", 300s);
    CHECK(cache.get("query-123") == "x");
    CHECK_FALSE(cache.get("query-124"));
    const auto hit = co_await all.next();
    CHECK(hit.subject() == "cache.hit");
    CHECK(hit.data().find("\"key\":\"query-123\"") != std::string_view::npos);
    const auto miss = co_await all.next();
    CHECK(miss.subject() == "cache.miss");
    for (const char* key : {"rag.1", "agent.1", "gateway.1", "other.1"}) cache.put(key, "v");
    CHECK(cache.size() == 4);  // the least recently used one made room
    co_await nc.publish<sdk::rag::cache_invalidate>(sdk::invalidation{"rag.*", "1"});
    co_await nc.publish<sdk::agent::cache_invalidate>(sdk::invalidation{"agent.*", "2"});
    co_await nc.publish<sdk::gateway::cache_invalidate>(sdk::invalidation{"gateway.?", "3"});
    co_await nc.publish<sdk::cache::component_invalidate>(sdk::invalidation{"oth*", "4"});
    texts gone;
    for (int i = 0; i != 4; ++i) co_await all.until("cache.invalidated");
    CHECK(cache.size() == 0);
    CHECK(cache.unpublished() == 0);
    nc.close();
  });
}

TEST_CASE("the database tells of changes, slow queries and commits, and answers health checks", "[sdk]") {
  test::nats_server server;
  test::run([&]() -> asio::awaitable<void> {
    auto nc = co_await innate::connect(quick(server.url()));
    bool well = true;
    sdk::database_options opts;
    opts.audit = true;
    opts.probe = [&]() -> asio::awaitable<bool> { co_return well; };
    sdk::database_component db{nc, opts};
    start(nc, db);
    recorder all{nc};
    co_await db.pool_changed(sdk::database::link::connected, 10);
    co_await db.pool_changed(sdk::database::link::connected, 11);  // not a change of the link
    const bool fast = co_await db.query_ended("SELECT 1", 1ms);
    CHECK_FALSE(fast);
    const bool slow = co_await db.query_ended("SELECT pg_sleep(1)", 1s);
    CHECK(slow);
    co_await db.committed("orders", "insert", 3);
    const auto seen = co_await all.until("database.transaction.committed");
    CHECK(seen == texts{"database.connection.status", "database.query.slow", "database.transaction.committed"});
    const auto health = co_await nc.request<sdk::database::health_check>(sdk::nothing{});
    CHECK(health->status == sdk::database::link::connected);
    CHECK(health->pool_size == 11);
    well = false;
    const auto plain = co_await nc.request("database.health.check");  // an empty payload is a check too
    CHECK(plain.data().find("\"status\":\"disconnected\"") != std::string_view::npos);
    const auto changed = co_await all.until("database.connection.status");
    CHECK(changed == texts{"database.health.check", "database.health.check", "database.connection.status"});
    nc.close();
  });
}

TEST_CASE("the gateway tells of calls, caches responses and keeps to rate limits", "[sdk]") {
  test::nats_server server;
  test::run([&]() -> asio::awaitable<void> {
    auto nc = co_await innate::connect(quick(server.url()));
    int calls = 0;
    sdk::gateway_options opts;
    opts.complete = [&](const sdk::llm_prompt& p) -> asio::awaitable<sdk::llm_answer> {
      ++calls;
      if (p.prompt == "too much") throw sdk::rate_limited{1h};
      if (p.prompt == "overtaken") {
        co_await nc.publish<sdk::gateway::cache_invalidate>(sdk::invalidation{"gateway.*", "test"});
        co_await nc.flush();
      }
      sdk::llm_answer a;
      a.text = "answer to " + p.prompt;
      a.tokens_used = 12;
      a.remaining_requests = 9;
      co_return a;
    };
    sdk::llm_gateway gateway{nc, opts};
    start(nc, gateway);
    recorder all{nc};
    const sdk::llm_prompt one{"acme", "m1", "one"};
    const auto fresh = co_await gateway.complete(one);
    const auto cached = co_await gateway.complete(one);
    CHECK(fresh.text == "answer to one");
    CHECK_FALSE(fresh.cached);
    CHECK(cached.cached);
    CHECK(calls == 1);
    co_await nc.publish<sdk::gateway::cache_invalidate>(sdk::invalidation{"gateway.acme.*", "test"});
    while (gateway.cached() != 0) co_await nc.flush();
    co_await gateway.complete(one);
    const sdk::llm_prompt much{"acme", "m1", "too much"};
    bool limited = false;
    try {
      co_await gateway.complete(much);
    } catch (const sdk::rate_limited& e) {
      limited = e.retry_after() == 1h;
    }
    CHECK(limited);
    limited = false;
    try {
      co_await gateway.complete(much);
    } catch (const sdk::rate_limited& e) {
      limited = e.retry_after() <= 1h;
    }
    CHECK(limited);
    CHECK(calls == 3);  // the last one was refused here
    const auto seen = co_await all.until("gateway.rate_limit.exceeded");
    const auto before = gateway.cached();
    const sdk::llm_prompt overtaken{"other", "m1", "overtaken"};
    co_await gateway.complete(overtaken);
    CHECK(before == 1);
    CHECK(gateway.cached() == 0);  // nor is what was invalidated while it was made
    CHECK_THROWS(sdk::llm_gateway{nc, {}});
    CHECK(seen == texts{"gateway.llm.request", "gateway.llm.response", "gateway.rate_limit.warning",
                        "gateway.cache.invalidate", "gateway.llm.request", "gateway.llm.response",
                        "gateway.llm.request", "gateway.rate_limit.exceeded"});
    nc.close();
  });
}

TEST_CASE("a result that anybody tells on the subject of a task reaches whoever waits for it", "[sdk]") {
  test::nats_server server;
  test::run([&]() -> asio::awaitable<void> {
    auto nc = co_await innate::connect(quick(server.url()));
    sdk::api_backend api{nc};
    start(nc, api);
    auto submitted = nc.subscribe("api.tasks.*");
    asio::co_spawn(
        nc.get_executor(),
        [&]() -> asio::awaitable<void> {
          const auto m = co_await submitted.next(10s);
          const std::string id{m->subject().substr(m->subject().rfind('.') + 1)};
          co_await nc.publish("api.tasks.unrelated", R"({"task_id":"unrelated","status":"completed","error":null})");
          co_await nc.publish(m->subject(),
                              R"({"result":[7],"error":null,"status":"completed","task_id":")" + id + "\"}");
        },
        asio::detached);
    const auto done = co_await api.submit("elsewhere", "{}", 10s);
    CHECK(done.status == "completed");
    CHECK(done.result == "[7]");
    CHECK(done.agent_id.empty());
    nc.close();
  });
}

TEST_CASE("a result that the server does not take fails its task, and the agent lives on", "[sdk]") {
  test::nats_server server{"max_payload: 4096"};
  test::run([&]() -> asio::awaitable<void> {
    auto nc = co_await innate::connect(quick(server.url()));
    sdk::agent_options opts{"a1"};
    opts.execute = [](const sdk::work& w) -> asio::awaitable<std::string> {
      co_return w.type == "large" ? "\"" + std::string(5'000, 'x') + "\"" : "1";
    };
    sdk::agent_framework agent{nc, opts};
    start(nc, agent);
    sdk::api_options workers;
    workers.process = opts.execute;
    sdk::api_backend api{nc, workers};
    start(nc, api);
    co_await nc.flush();
    const auto large = co_await api.submit("large", "{}", 10s);
    CHECK(large.status == "failed");
    CHECK(large.error == "headers and payload are larger than the server accepts");
    const auto small = co_await api.submit("small", "{}", 10s);
    CHECK(small.status == "completed");
    CHECK(agent.unpublished() == 1);
    auto results = nc.subscribe<sdk::api::task_result>("task_id"_p = "w1");
    sdk::work work;
    work.id = "w1";
    work.type = "large";
    work.params = "{}";
    co_await api.process_elsewhere(work);
    const auto told = co_await results.next(10s);
    CHECK((*told)->status == "failed");
    CHECK(api.unpublished() == 1);
    nc.close();
  });
}

TEST_CASE("components do their work while nobody can hear of it", "[sdk]") {
  test::nats_server server;
  test::run([&]() -> asio::awaitable<void> {
    auto offline = quick(server.url());
    offline.reconnect.buffer = 0;
    auto nc = co_await innate::connect(offline);
    test::memory_store store;
    test::length_embedder vectors;
    sdk::rag_system rag{nc, store, vectors};
    sdk::gateway_options opts;
    opts.complete = [](const sdk::llm_prompt&) -> asio::awaitable<sdk::llm_answer> {
      sdk::llm_answer a;
      a.text = "answer";
      co_return a;
    };
    sdk::llm_gateway gateway{nc, opts};
    sdk::database_component db{nc};
    sdk::api_backend api{nc};
    server.kill();
    co_await test::event_of(nc, innate::event_kind::disconnected);
    const sdk::llm_prompt asked{"acme", "m1", "?"};
    const auto answered = co_await gateway.complete(asked);
    CHECK(answered.text == "answer");
    CHECK(gateway.unpublished() == 2);
    const sdk::rag::document doc{"doc-1", "Title", "text", {"{}"}};
    co_await rag.ingest(doc);
    const auto found = co_await rag.query("q-1", "text");
    CHECK(found.matches.size() == 1);
    CHECK(rag.unpublished() == 3);
    co_await db.pool_changed(sdk::database::link::disconnected, 0);
    CHECK(db.unpublished() == 1);
    const auto served = co_await api.respond(
        "/x", "GET", []() -> asio::awaitable<sdk::api_response> { co_return sdk::api_response{204}; });
    CHECK(served.status_code == 204);
    CHECK(api.unpublished() == 2);
    const auto submitted = co_await code_of(api.submit("x", "{}", 10s));
    CHECK(submitted == errc::not_connected);
    nc.close();
  });
}
