// SPDX-License-Identifier: Apache-2.0
#include "script.hpp"

#include "roles.hpp"

#include <innate/sdk/events.hpp>
#include <innate/sdk/observed_events.hpp>
#include <innate/sdk/shown_text.hpp>
#include <innate/typed.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <optional>
#include <ranges>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
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

constexpr auto patience = 20s;

class script {
 public:
  explicit script(innate::connection& nc) : x_nc(nc), x_all(nc.subscribe(">")), x_ready(nc.subscribe("demo.ready.*")) {}

  asio::awaitable<void> wait_for(std::set<std::string_view> awaited) {
    while (!awaited.empty()) {
      const auto m = co_await next_of(x_ready);
      if (!m) throw unexpected(std::string{*awaited.begin()} + " did not get ready");
      awaited.erase(m->subject().substr(m->subject().rfind('.') + 1));
    }
  }

  /// Has a role do something, and tells it; its answer.
  asio::awaitable<std::string> ask(std::string_view role, std::string_view what) {
    const auto reply = co_await x_nc.request("demo.step." + std::string{role}, what, {.timeout = patience});
    if (reply.data().starts_with("!"))
      throw unexpected(std::string{role} + " could not " + std::string{what} + ": " +
                       std::string{reply.data().substr(1)});
    co_return std::string{reply.data()};
  }
  asio::awaitable<void> step(std::string_view role, std::string_view what, std::string_view answer = "") {
    const auto got = co_await ask(role, what);
    if (got != answer)
      throw unexpected(std::string{role} + " answered '" + got + "' to " + std::string{what} + ", not '" +
                       std::string{answer} + "'");
    std::printf("  %s: %s%s%s\n", std::string{role}.c_str(), std::string{what}.c_str(), got.empty() ? "" : " -> ",
                got.c_str());
  }

  /// The next events are these and no others, each exactly once: stages separated by blanks, each of filters joined by
  /// `+`, whose events may come in any order.
  asio::awaitable<void> expect(std::string_view stages) {
    for (const auto stage : std::views::split(stages, ' ')) {
      std::vector<std::string_view> open;
      for (const auto filter : std::views::split(stage, '+')) open.emplace_back(filter.begin(), filter.end());
      while (!open.empty()) {
        const auto subject = co_await next_event();
        if (subject.empty()) throw unexpected(listed(open) + " did not come");
        const auto fits =
            std::find_if(open.begin(), open.end(), [&](auto f) { return innate::protocol::matches(f, subject); });
        if (fits == open.end()) throw unexpected("'" + subject + "' came, expected was " + listed(open));
        open.erase(fits);
      }
    }
  }

  /// Nothing is left over, and every event of every component was seen.
  asio::awaitable<void> finish() {
    co_await x_nc.flush();
    while (x_all.pending_messages() != 0)
      if (const auto extra = show(*x_all.try_next()); !extra.empty())
        throw unexpected("'" + extra + "' came, expected was nothing more");
    std::string missing;
    std::apply([&]<class... Components>(Components...) { (collect_missing<Components>(missing), ...); },
               sdk::components{});
    if (!missing.empty()) throw unexpected("these events never came:" + missing);
    std::printf("\n%zu events, every one of the catalogue among them, each in its place\n", x_count);
  }

  /// Observability has counted each event of the seven roots once.
  asio::awaitable<void> check_observed() {
    const auto all = std::to_string(x_observable);
    const auto deadline = std::chrono::steady_clock::now() + patience;
    auto counted = co_await ask("observability", "count");
    while (counted != all && std::chrono::steady_clock::now() < deadline)
      counted = co_await ask("observability", "count");
    if (counted != all) throw unexpected("observability counted " + counted + " events, not " + all);
  }

  [[nodiscard]] innate::connection& nc() { return x_nc; }

 private:
  /// Nothing when none comes in time.
  static asio::awaitable<std::optional<innate::message>> next_of(innate::subscription& from) {
    std::optional<innate::message> m;
    try {
      m = co_await from.next(patience);
      if (!m) throw unexpected("the connection ended");
    } catch (const std::system_error& e) {
      if (e.code() != innate::errc::timeout) throw;
    }
    co_return m;
  }

  /// Its subject; empty when none comes in time.
  asio::awaitable<std::string> next_event() {
    while (const auto m = co_await next_of(x_all))
      if (auto subject = show(*m); !subject.empty()) co_return subject;
    co_return "";
  }

  /// Its subject; empty for what is not a part of the flows: replies, the script's own steps, what others do here.
  std::string show(const innate::message& m) {
    const auto root = m.subject().substr(0, m.subject().find('.'));
    const bool observable = sdk::observability::root_of(root) != sdk::observability::roots.size();
    if (!observable && root != sdk::observability::definition::name) return "";
    std::string subject{m.subject()};
    auto data = m.data();
    if (const auto time = data.rfind(",\"timestamp\":"); time != data.npos)
      data = data.substr(0, time);  // as it is now
    const auto shown = sdk::shown_text(data, 90);
    std::printf("    %-32s %s%s\n", subject.c_str(), shown.c_str(), data.size() == m.data().size() ? "" : "}");
    x_seen.insert(subject);
    ++x_count;
    x_observable += observable ? 1U : 0U;
    return subject;
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
  std::size_t x_observable = 0;
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
  co_await s.expect("gateway.llm.request gateway.rate_limit.exceeded observability.alerts");
}

asio::awaitable<void> flow_5(script& s) {
  std::puts("\nflow 5: cache hits and misses are counted");
  co_await s.step("cache", "look up", "one hit, one miss");
  co_await s.expect("cache.hit cache.miss");
  co_await s.step("observability", "sum up");
  for (std::size_t i = 0; i != sdk::observability::roots.size(); ++i)
    co_await s.expect("observability.metrics.summary");
}

asio::awaitable<void> run(innate::connection& nc, std::function<void(std::string_view)> start_role) {
  script s{nc};
  co_await nc.flush();
  start_role(roles.front());  // observability, which is to hear all the others
  const std::set<std::string_view> first{roles.front()};
  co_await s.wait_for(first);
  for (const auto role : roles)
    if (role != roles.front()) start_role(role);
  const std::set<std::string_view> others{roles.begin() + 1, roles.end()};
  co_await s.wait_for(others);
  std::puts("\nseven components are up, the agents with two instances");
  co_await s.expect("agent.agent-a.status+agent.agent-b.status");
  co_await flow_1(s);
  co_await flow_2(s);
  co_await flow_3(s);
  co_await flow_4(s);
  co_await flow_5(s);
  co_await s.check_observed();
  const auto table = co_await s.ask("observability", "table");
  for (const auto role : roles) co_await s.ask(role, "stop");
  co_await s.finish();
  std::printf("\nwhat observability saw\n\n%s", table.c_str());
}

}  // namespace

asio::awaitable<void> run_flows(std::function<void(std::string_view)> start_role) {
  auto nc = co_await innate::connect(options_for("script"));
  std::printf("connected to %s (nats-server %s)\n", nc.current_server().c_str(), nc.server_info().version.c_str());
  std::string lost;
  try {
    co_await run(nc, std::move(start_role));
  } catch (const std::system_error& e) {
    if (nc.status() != innate::status::closed) throw;
    lost = e.what();
  }
  if (!lost.empty()) throw unexpected("the server is gone: " + lost);
  nc.close();
}

}  // namespace demo
