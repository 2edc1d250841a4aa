// SPDX-License-Identifier: Apache-2.0
#include "roles.hpp"

#include <innate/sdk/agent_framework.hpp>
#include <innate/sdk/api_backend.hpp>
#include <innate/sdk/cache_mechanism.hpp>
#include <innate/sdk/database_component.hpp>
#include <innate/sdk/llm_gateway.hpp>
#include <innate/sdk/observer.hpp>
#include <innate/sdk/rag_system.hpp>

#include <asio/co_spawn.hpp>

#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>
#include <memory>
#include <stdexcept>
#include <vector>

namespace demo {
namespace {

namespace sdk = innate::sdk;
using namespace std::chrono_literals;
using text = asio::awaitable<std::string>;
using step_map = std::map<std::string, std::function<text()>, std::less<>>;

/// A component, what it may be asked to do, and what keeps both alive.
struct role {
  virtual ~role() = default;
  virtual asio::awaitable<void> run() = 0;
  step_map steps{};
};

struct agent_role final : role {
  agent_role(innate::connection& nc, const std::string& id, const std::string& other) : agent(nc, options(id)) {
    steps["greet"] = [this, other]() -> text {
      co_await agent.send(other, "hello from " + agent.id(), "task");
      co_return "";
    };
    steps["announce"] = [this]() -> text {
      co_await agent.broadcast("to whom it may concern", "news");
      co_return "";
    };
    steps["heard"] = [this]() -> text { co_return heard; };
  }
  asio::awaitable<void> run() override { return agent.run(); }

  sdk::agent_options options(const std::string& id) {
    sdk::agent_options o{id};
    o.on_message = [this](const auto& m) { heard += std::string{m->content} + ";"; };
    o.on_broadcast = [this](const auto& m) { heard += std::string{m->content} + ";"; };
    o.execute = [](const sdk::work& w) -> text {
      if (w.type == "impossible") throw std::runtime_error("this cannot be done");
      co_return "{\"done\":" + w.params + "}";
    };
    return o;
  }
  std::string heard{};
  sdk::agent_framework agent;
};

struct memory_store final : sdk::document_store {
  asio::awaitable<bool> put(const stored& d) override {
    std::string all;
    for (const auto& chunk : d.chunks) all += chunk;
    co_return documents.insert_or_assign(std::string{d.document_id}, all).second;
  }
  asio::awaitable<bool> remove(std::string_view id) override { co_return documents.erase(std::string{id}) != 0; }
  asio::awaitable<std::vector<match>> search(std::span<const float>, std::size_t) override {
    std::vector<match> found;
    for (const auto& [id, content] : documents) found.push_back({id, content});
    co_return found;
  }
  std::map<std::string, std::string> documents{};
};

struct length_embedder final : sdk::embedder {
  asio::awaitable<std::vector<std::vector<float>>> embed(std::span<const std::string> texts) override {
    std::vector<std::vector<float>> vectors;
    for (const auto& t : texts) vectors.push_back({static_cast<float>(t.size())});
    co_return vectors;
  }
};

struct rag_role final : role {
  explicit rag_role(innate::connection& nc) : rag(nc, store, vectors) {
    steps["ingest"] = [this]() -> text {
      const sdk::rag::document d{"doc-123", "On NATS", "subjects are made of tokens", {"{}"}};
      co_await rag.ingest(d);
      co_return "";
    };
    steps["query"] = [this]() -> text {
      const auto found = co_await rag.query("q-1", "what are subjects made of?");
      co_return std::to_string(found.matches.size());
    };
    steps["remove"] = [this]() -> text { co_return co_await rag.remove("doc-123") ? "removed" : "not there"; };
  }
  asio::awaitable<void> run() override { return rag.run(); }

  memory_store store{};
  length_embedder vectors{};
  sdk::rag_system rag;
};

struct cache_role final : role {
  explicit cache_role(innate::connection& nc) : cache(nc) {
    steps["fill"] = [this]() -> text {
      for (const char* key : {"rag.query-1", "agent.profile-1", "gateway.acme-1", "other-1", "query-123"})
        cache.put(key, "cached");
      co_return "";
    };
    steps["look up"] = [this]() -> text {
      const auto there = cache.get("query-123");
      const auto missing = cache.get("query-124");
      co_return there && !missing ? "one hit, one miss" : "wrong";
    };
  }
  asio::awaitable<void> run() override { return cache.run(); }

  sdk::cache_mechanism cache;
};

struct api_role final : role {
  explicit api_role(innate::connection& nc) : api(nc, options()) {
    steps["submit"] = [this]() -> text {
      const auto done = co_await api.submit("agent_task", "{\"n\":1}", 10s);
      co_return done.status + " " + done.result;
    };
    steps["submit the impossible"] = [this]() -> text {
      const auto done = co_await api.submit("impossible", "{}", 10s);
      co_return done.status + " " + done.error;
    };
    steps["hand over"] = [this]() -> text {
      sdk::work w;
      w.id = "job-1";
      w.type = "resize";
      w.params = "{}";
      co_await api.process_elsewhere(w);
      co_return "";
    };
    steps["serve a request"] = [this]() -> text {
      const auto answer = co_await api.respond(
          "/tasks", "POST", []() -> asio::awaitable<sdk::api_response> { co_return sdk::api_response{201}; });
      co_return std::to_string(answer.status_code);
    };
    steps["serve a query"] = [this]() -> text {
      const auto answer = co_await api.respond("/query", "GET", [this]() -> asio::awaitable<sdk::api_response> {
        const auto found = co_await api.query_completed("q-7", 10s);
        co_return sdk::api_response{200, std::to_string(found.document_count) + " documents"};
      });
      co_return answer.body;
    };
  }
  asio::awaitable<void> run() override { return api.run(); }

  static sdk::api_options options() {
    sdk::api_options o;
    o.process = [](const sdk::work& w) -> text { co_return w.params; };
    return o;
  }
  sdk::api_backend api;
};

struct database_role final : role {
  explicit database_role(innate::connection& nc) : database(nc, options()) {
    steps["connect"] = [this]() -> text {
      co_await database.pool_changed(sdk::database::link::connected, 10);
      co_return "";
    };
    steps["run a slow query"] = [this]() -> text {
      co_await database.query_ended("SELECT * FROM documents", 1500ms);
      co_return "";
    };
    steps["commit"] = [this]() -> text {
      co_await database.committed("documents", "insert", 1);
      co_return "";
    };
  }
  asio::awaitable<void> run() override { return database.run(); }

  static sdk::database_options options() {
    sdk::database_options o;
    o.audit = true;
    return o;
  }
  sdk::database_component database;
};

struct gateway_role final : role {
  explicit gateway_role(innate::connection& nc) : gateway(nc, options()) {
    steps["complete"] = [this]() -> text {
      const sdk::llm_prompt asked{"acme", "m1", "what is NATS?"};
      co_return (co_await gateway.complete(asked)).text;
    };
    steps["exceed"] = [this]() -> text {
      const sdk::llm_prompt asked{"acme", "m1", "too much"};
      std::string told;
      try {
        co_await gateway.complete(asked);
      } catch (const sdk::rate_limited& e) {
        told = e.what();
      }
      co_return told;
    };
  }
  asio::awaitable<void> run() override { return gateway.run(); }

  static sdk::gateway_options options() {
    sdk::gateway_options o;
    o.complete = [](const sdk::llm_prompt& p) -> asio::awaitable<sdk::llm_answer> {
      if (p.prompt == "too much") throw sdk::rate_limited{60s};
      sdk::llm_answer a;
      a.text = "a message bus";
      a.tokens_used = 42;
      a.cost = 0.001;
      a.remaining_requests = 3;
      co_return a;
    };
    return o;
  }
  sdk::llm_gateway gateway;
};

struct observer_role final : role {
  explicit observer_role(innate::connection& nc) : observer(nc, options()) {
    steps["sum up"] = [this]() -> text {
      const auto failed = observer.publish_summaries();
      co_return failed ? failed.message() : std::string{};
    };
    steps["count"] = [this]() -> text {
      std::uint64_t count = 0;
      for (const auto& c : observer.figures().components) count += c.messages.total;
      co_return std::to_string(count);
    };
    steps["table"] = [this]() -> text { co_return observer.table(); };
  }
  asio::awaitable<void> run() override { return observer.run(); }

  /// What it publishes shall depend on the events alone, not on how long they take.
  static sdk::observer_options options() {
    sdk::observer_options o;
    o.window = 1h;
    o.summary_period = {};
    return o;
  }
  sdk::observer observer;
};

std::unique_ptr<role> make(const std::string& name, innate::connection& nc) {
  if (name == "agent-a") return std::make_unique<agent_role>(nc, name, "agent-b");
  if (name == "agent-b") return std::make_unique<agent_role>(nc, name, "agent-a");
  if (name == "rag") return std::make_unique<rag_role>(nc);
  if (name == "cache") return std::make_unique<cache_role>(nc);
  if (name == "api") return std::make_unique<api_role>(nc);
  if (name == "database") return std::make_unique<database_role>(nc);
  if (name == "gateway") return std::make_unique<gateway_role>(nc);
  if (name == "observability") return std::make_unique<observer_role>(nc);
  throw std::runtime_error("there is no role '" + name + "'");
}

/// A step answers with a text, or with its failure after "!".
text do_step(role& r, std::string name) {
  const auto found = r.steps.find(name);
  if (found == r.steps.end()) co_return "!no such step: " + name;
  std::string answer;
  try {
    answer = co_await found->second();
  } catch (const std::exception& e) {
    answer = std::string{"!"} + e.what();
  }
  co_return answer;
}

/// Until it is told to stop, or its link is lost; otherwise what it failed with.
asio::awaitable<std::exception_ptr> do_steps(innate::connection& nc, innate::subscription& steps, role& r,
                                             const std::string* failure) {
  std::exception_ptr failed;
  try {
    while (const auto m = co_await steps.next()) {
      const bool last = m->data() == "stop";
      std::string answer;  // g++ 12 destroys the answer of a co_await inside ?: twice
      if (!last) answer = co_await do_step(r, std::string{m->data()});
      if (!failure->empty()) answer = "!its component ended: " + *failure;
      co_await nc.respond(*m, answer);
      if (last) break;
    }
    co_await nc.flush();
  } catch (...) {
    if (nc.status() != innate::status::closed) failed = std::current_exception();
  }
  co_return failed;
}

}  // namespace

innate::options options_for(std::string_view name) {
  innate::options o;
  innate::apply_environment(o).value();
  o.name = "innate demo, " + std::string{name};
  o.reconnect.enabled = false;  // each event is checked, and a link that is lost loses some
  return o;
}

asio::awaitable<void> play(std::string name) {
  auto nc = co_await innate::connect(options_for(name));
  const auto component = make(name, nc);
  auto steps = nc.subscribe("demo.step." + name);
  bool ended = false;
  std::string failure;
  asio::co_spawn(nc.get_executor(), component->run(), [&](const std::exception_ptr& thrown) {
    ended = true;
    failure = "for no reason";
    try {
      if (thrown) std::rethrow_exception(thrown);
    } catch (const std::exception& e) {
      failure = e.what();
    }
  });
  static_cast<void>(nc.try_publish("demo.ready." + name));  // if it is refused, the script waits in vain, and says so
  const auto failed = co_await do_steps(nc, steps, *component, &failure);
  nc.close();
  while (!ended) co_await asio::post(nc.get_executor(), asio::use_awaitable);  // the component refers to this frame
  if (failed) std::rethrow_exception(failed);
}

}  // namespace demo
