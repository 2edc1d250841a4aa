// SPDX-License-Identifier: Apache-2.0
#include "script.hpp"

#include "roles.hpp"

#include <innate/sdk/events.hpp>
#include <innate/typed.hpp>

#include <algorithm>
#include <cstdio>
#include <ranges>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

namespace demo {
namespace {

namespace sdk = innate::sdk;
using namespace innate::literals;
using namespace std::chrono_literals;

struct unexpected : std::runtime_error {
  using std::runtime_error::runtime_error;
};

class script {
 public:
  explicit script(innate::connection& nc) : x_nc(nc), x_all(nc.subscribe(">")), x_ready(nc.subscribe("demo.ready.*")) {}

  asio::awaitable<void> wait_for_roles() {
    for (std::size_t i = 0; i != roles.size(); ++i) co_await x_ready.next(20s);
  }

  /// Has a role do something; its answer.
  asio::awaitable<std::string> step(std::string_view role, std::string_view what) {
    const auto reply = co_await x_nc.request("demo.step." + std::string{role}, what, {.timeout = 20s});
    if (reply.data().starts_with("!"))
      throw unexpected(std::string{role} + " could not " + std::string{what} + ": " +
                       std::string{reply.data().substr(1)});
    co_return std::string{reply.data()};
  }
  asio::awaitable<void> step(std::string_view role, std::string_view what, std::string_view answer) {
    const auto got = co_await step(role, what);
    if (got != answer)
      throw unexpected(std::string{role} + " answered '" + got + "' to " + std::string{what} + ", not '" +
                       std::string{answer} + "'");
  }

  /// The next events are these and no others, each exactly once: stages separated by blanks, each of filters joined by
  /// `+`, whose events may come in any order.
  asio::awaitable<void> expect(std::string_view stages) {
    for (const auto stage : std::views::split(stages, ' ')) {
      std::vector<std::string_view> open;
      for (const auto filter : std::views::split(stage, '+')) open.emplace_back(filter.begin(), filter.end());
      while (!open.empty()) {
        const auto subject = co_await next_event();
        const auto fits =
            std::find_if(open.begin(), open.end(), [&](auto f) { return innate::protocol::matches(f, subject); });
        if (fits == open.end()) throw unexpected("'" + subject + "' came, expected was " + listed(open));
        open.erase(fits);
      }
    }
  }

  asio::awaitable<void> until(std::string_view subject) {
    while (!x_seen.contains(std::string{subject})) co_await next_message();
  }

  /// Nothing is left over, and every event of every component was seen.
  asio::awaitable<void> finish() {
    co_await x_nc.flush();
    while (x_all.pending_messages() != 0)
      if (const auto extra = co_await next_message(); !extra.empty())
        throw unexpected("'" + extra + "' came once too often");
    std::string missing;
    std::apply([&]<class... Components>(Components...) { (collect_missing<Components>(missing), ...); },
               sdk::components{});
    if (!missing.empty()) throw unexpected("these events never came:" + missing);
    std::printf("\n%zu events, every one of the catalogue among them, each in its place\n", x_count);
  }

  [[nodiscard]] innate::connection& nc() { return x_nc; }

 private:
  asio::awaitable<std::string> next_event() {
    while (true)
      if (auto subject = co_await next_message(); !subject.empty()) co_return subject;
  }

  /// Its subject; empty for what is not a part of the flows: replies, the script's own, alerts and summaries.
  asio::awaitable<std::string> next_message() {
    const auto m = co_await x_all.next(10s);
    if (!m) throw unexpected("the connection ended");
    const auto subject = m->subject();
    if (subject.starts_with("_INBOX.") || subject.starts_with("demo.")) co_return "";
    const auto data = m->data().substr(0, 96);
    std::printf("   %-34.*s %.*s\n", static_cast<int>(subject.size()), subject.data(), static_cast<int>(data.size()),
                data.data());
    x_seen.emplace(subject);
    ++x_count;
    co_return subject.starts_with("observability.") ? std::string{} : std::string{subject};
  }

  static std::string listed(const std::vector<std::string_view>& filters) {
    std::string all;
    for (const auto f : filters) all.append(all.empty() ? "" : " or ").append(f);
    return all;
  }

  template <class Component>
  void collect_missing(std::string& missing) const {
    [&]<class... Events>(std::type_identity<std::tuple<Events...>>) {
      (collect<Events>(missing), ...);
    }(std::type_identity<typename Component::publishes::tuple>{});
    [&]<class... Rows>(std::type_identity<std::tuple<Rows...>>) {
      (collect_filter(Rows::filter, missing), ...);
    }(std::type_identity<typename Component::handled::tuple>{});
  }
  template <class Event>
  void collect(std::string& missing) const {
    collect_filter(Event::subject_type::filter(), missing);
  }
  void collect_filter(std::string_view filter, std::string& missing) const {
    const bool seen =
        std::any_of(x_seen.begin(), x_seen.end(), [&](const auto& s) { return innate::protocol::matches(filter, s); });
    if (!seen) missing.append(" ").append(filter);
  }

  innate::connection& x_nc;
  innate::subscription x_all;
  innate::subscription x_ready;
  std::set<std::string> x_seen{};
  std::size_t x_count = 0;
};

asio::awaitable<void> flow_1(script& s) {
  std::puts("\nflow 1: agents write to each other");
  co_await s.step("agent-a", "greet");
  co_await s.expect("agent.agent-b.inbox");
  co_await s.step("agent-b", "greet");
  co_await s.expect("agent.agent-a.inbox");
  co_await s.step("agent-a", "heard", "hello from agent-b;");
  co_await s.step("agent-a", "announce");
  co_await s.expect("agent.broadcast");
  co_await s.step("agent-b", "heard", "hello from agent-a;to whom it may concern;");
}

asio::awaitable<void> flow_2(script& s) {
  std::puts("\nflow 2: a document update invalidates what was cached");
  co_await s.step("cache", "fill");
  co_await s.step("rag", "ingest");
  co_await s.expect("rag.embeddings.generated rag.documents.ingested");
  const sdk::rag::document again{"doc-123", "On NATS", "subjects are made of tokens, separated by dots", {"{}"}};
  co_await s.nc().request<sdk::rag::ingest_request>(again);
  co_await s.expect("rag.documents.ingest.request rag.embeddings.generated rag.documents.updated "
                    "rag.cache.invalidate+cache.invalidated");
  co_await s.step("rag", "query", "1");
  co_await s.expect("rag.query.completed");
  co_await s.step("rag", "remove", "removed");
  co_await s.expect("rag.documents.deleted rag.cache.invalidate");
  co_await s.nc().publish<sdk::agent::cache_invalidate>(sdk::invalidation{"agent.*", "agent_changed"});
  co_await s.expect("agent.cache.invalidate cache.invalidated");
  co_await s.nc().publish<sdk::gateway::cache_invalidate>(sdk::invalidation{"gateway.*", "model_changed"});
  co_await s.expect("gateway.cache.invalidate cache.invalidated");
  co_await s.nc().publish<sdk::cache::component_invalidate>(sdk::invalidation{"other-?", "configuration_changed"});
  co_await s.expect("component.cache.invalidate cache.invalidated");
}

asio::awaitable<void> flow_3(script& s) {
  std::puts("\nflow 3: the API submits tasks, one of the agents executes each");
  co_await s.step("api", "submit", "completed {\"done\":{\"n\":1}}");
  co_await s.expect("api.tasks.* agent.*.status agent.*.task.completed agent.*.status+api.tasks.*");
  co_await s.step("api", "submit the impossible", "failed this cannot be done");
  co_await s.expect("api.tasks.* agent.*.status agent.*.task.failed agent.*.status+api.tasks.*");
  const sdk::task_assignment assigned{"task-7", "agent_task", {"{}"}};
  co_await s.nc().publish<sdk::agent::tasks>("agent_id"_p = "agent-a", assigned);
  co_await s.expect("agent.agent-a.tasks agent.agent-a.status agent.agent-a.task.completed agent.agent-a.status");
  const auto status =
      co_await s.nc().request<sdk::agent::status_request>("agent_id"_p = "agent-a", sdk::agent::status_query{"req-1"});
  if (status->status != sdk::agent::state::idle) throw unexpected("agent-a is not idle");
  co_await s.expect("agent.agent-a.status");
  co_await s.step("api", "hand over");
  co_await s.expect("api.tasks.process api.tasks.job-1");
  co_await s.step("api", "serve a request", "201");
  co_await s.expect("api.requests.received api.responses.sent");
}

asio::awaitable<void> flow_4(script& s) {
  std::puts("\nflow 4: observability sees everything, and alerts");
  co_await s.step("database", "connect");
  co_await s.expect("database.connection.status");
  co_await s.step("database", "run a slow query");
  co_await s.expect("database.query.slow");
  co_await s.step("database", "commit");
  co_await s.expect("database.transaction.committed");
  const auto health = co_await s.nc().request<sdk::database::health_check>(sdk::nothing{});
  if (health->status != sdk::database::link::connected) throw unexpected("the database is not connected");
  co_await s.expect("database.health.check");
  co_await s.step("gateway", "complete", "a message bus");
  co_await s.expect("gateway.llm.request gateway.llm.response gateway.rate_limit.warning");
  co_await s.step("gateway", "exceed", "the rate limit of the provider is reached");
  co_await s.expect("gateway.llm.request gateway.rate_limit.exceeded");
  co_await s.until("observability.alerts");
}

asio::awaitable<void> flow_5(script& s) {
  std::puts("\nflow 5: cache hits and misses are counted");
  co_await s.step("cache", "look up", "one hit, one miss");
  co_await s.expect("cache.hit cache.miss");
  co_await s.step("observability", "sum up");
  co_await s.until("observability.metrics.summary");
}

}  // namespace

asio::awaitable<void> run_flows(std::function<void()> start_roles) {
  auto nc = co_await innate::connect(options_for("script"));
  std::printf("connected to %s (nats-server %s)\n", nc.current_server().c_str(), nc.server_info().version.c_str());
  script s{nc};
  co_await nc.flush();
  start_roles();
  co_await s.wait_for_roles();
  std::puts("\nseven components are up");
  co_await s.expect("agent.agent-a.status+agent.agent-b.status");
  co_await flow_1(s);
  co_await flow_2(s);
  co_await flow_3(s);
  co_await flow_4(s);
  co_await flow_5(s);
  std::puts("");
  std::fputs((co_await s.step("observability", "table")).c_str(), stdout);
  for (const auto role : roles) co_await s.step(role, "stop", "");
  co_await s.finish();
  nc.close();
}

}  // namespace demo
