// SPDX-License-Identifier: Apache-2.0
#include "../support/scripted_world.hpp"

#include <innate/sdk/observer.hpp>

#include <asio/bind_cancellation_slot.hpp>
#include <asio/cancellation_signal.hpp>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <map>

using innate::errc;
using innate::sdk::observer;
using innate::sdk::observer_options;
using namespace std::chrono_literals;
using test::scripted_world;

namespace {

/// An observer in a scripted world: its subscriptions are 1 to 7, its clock is the world's.
struct observed_world : scripted_world {
  explicit observed_world(observer_options options = {}) {
    connect();
    options.clock = [this] { return env->now(); };
    options.log = [this](std::string_view line) { lines.emplace_back(line); };
    watcher.emplace(nc, std::move(options));
    spawn(watcher->run());
    subscribed = take_received();
  }

  void deliver_event(const std::string& subject, const std::string& payload, const std::string& reply = {}) {
    static const std::map<std::string, std::string> sids{{"agent", "1"},    {"rag", "2"},     {"cache", "3"},
                                                         {"api", "4"},      {"gateway", "5"}, {"database", "6"},
                                                         {"component", "7"}};
    deliver(subject + " " + sids.at(subject.substr(0, subject.find('.'))) + (reply.empty() ? "" : " " + reply),
            payload);
  }
  /// A window of 10 s passes.
  void end_window() {
    env->advance(10s);
    watcher->tick(env->now());
    settle();
  }
  [[nodiscard]] std::uint64_t count_of(std::string_view subject) const {
    using namespace innate::sdk::observability;
    return watcher->figures().events.at(place_in(observed_subjects, subject)).messages.total;
  }
  [[nodiscard]] const innate::sdk::observability::component_metrics& component(std::string_view name) const {
    using namespace innate::sdk::observability;
    return watcher->figures().components.at(place_in(roots, name));
  }
  [[nodiscard]] bool table_has(std::string_view text) const { return watcher->table().find(text) != std::string::npos; }

  std::optional<observer> watcher;
  std::string subscribed;
  std::vector<std::string> lines;
};

std::size_t occurrences(const std::string& text, std::string_view what) {
  std::size_t count = 0;
  for (auto at = text.find(what); at != text.npos; at = text.find(what, at + 1)) ++count;
  return count;
}

const std::vector<std::pair<std::string, std::string>> one_of_each{
    {"agent.a1.inbox", R"({"from_agent":"a","to_agent":"a1","content":"x","message_type":"task"})"},
    {"agent.broadcast", R"({"from_agent":"a","content":"x","message_type":"task"})"},
    {"agent.a1.status", R"({"agent_id":"a1","status":"idle"})"},
    {"agent.a1.task.completed", R"({"task_id":"t","result":{"n":1}})"},
    {"agent.a1.task.failed", R"({"task_id":"t","error":"no"})"},
    {"agent.a1.tasks", R"({"task_id":"t","type":"x","params":{}})"},
    {"agent.cache.invalidate", R"({"pattern":"*","reason":"r"})"},
    {"rag.documents.ingested", R"({"document_id":"d","title":"t","chunk_count":1})"},
    {"rag.documents.updated", R"({"document_id":"d","action":"updated"})"},
    {"rag.documents.deleted", R"({"document_id":"d","action":"deleted"})"},
    {"rag.embeddings.generated", R"({"document_id":"d","embedding_count":3})"},
    {"rag.cache.invalidate", R"({"pattern":"rag.*","reason":"r"})"},
    {"rag.query.completed", R"({"query_id":"q","document_count":2,"response_time":0.25})"},
    {"rag.documents.ingest.request", R"({"document_id":"d","title":"t","content":"c"})"},
    {"cache.hit", R"({"key":"k","ttl_remaining":300})"},
    {"cache.miss", R"({"key":"k"})"},
    {"cache.invalidated", R"({"key":"k","pattern":"*","reason":"r"})"},
    {"api.tasks.t1", R"({"task_id":"t1","status":"completed","result":1})"},
    {"api.tasks.t1", R"({"task_id":"t1","type":"agent_task","params":{}})"},
    {"api.requests.received", R"({"endpoint":"/","method":"GET","request_id":"r"})"},
    {"api.responses.sent", R"({"endpoint":"/","status_code":200,"response_time":0.5})"},
    {"api.tasks.process", R"({"task_id":"t","type":"x","params":{}})"},
    {"gateway.llm.request", R"({"provider":"p","model":"m","prompt_length":4,"request_id":"r"})"},
    {"gateway.llm.response", R"({"provider":"p","model":"m","tokens_used":7,"latency":1.5,"cost":0.25})"},
    {"gateway.rate_limit.warning", R"({"provider":"p","model":"m","remaining_requests":3})"},
    {"gateway.rate_limit.exceeded", R"({"provider":"p","model":"m","retry_after":2})"},
    {"gateway.cache.invalidate", R"({"pattern":"*","reason":"r"})"},
    {"database.connection.status", R"({"status":"connected","pool_size":4})"},
    {"database.query.slow", R"({"query":"q","duration":2.5,"threshold":1})"},
    {"database.transaction.committed", R"({"table":"t","operation":"insert","record_count":1})"},
    {"database.health.check", ""},
    {"component.cache.invalidate", R"({"pattern":"*","reason":"r"})"}};

}  // namespace

TEST_CASE("an observer subscribes the seven roots, or those it is told", "[observer]") {
  observed_world w;
  CHECK(w.subscribed == "SUB agent.> 1\r\nSUB rag.> 2\r\nSUB cache.> 3\r\nSUB api.> 4\r\nSUB gateway.> 5\r\n"
                        "SUB database.> 6\r\nSUB component.> 7\r\n");
  observer_options some;
  some.components = {"cache", "agent"};
  const observed_world fewer{some};
  CHECK(fewer.subscribed == "SUB agent.> 1\r\nSUB cache.> 2\r\n");
  CHECK(fewer.watcher->observes("cache"));
  CHECK_FALSE(fewer.watcher->observes("rag"));
  CHECK(fewer.table_has("cache "));
  CHECK_FALSE(fewer.table_has("rag"));
}

TEST_CASE("options that cannot work are refused", "[observer]") {
  scripted_world w;
  observer_options unknown;
  unknown.components = {"agents"};
  CHECK_THROWS_WITH(observer(w.nc, unknown), Catch::Matchers::ContainsSubstring("there is no component 'agents'"));
  observer_options no_window;
  no_window.window = 0s;
  CHECK_THROWS_WITH(observer(w.nc, no_window), Catch::Matchers::ContainsSubstring("window"));
  observer_options no_hysteresis;
  no_hysteresis.thresholds.clear_below = 1.5;
  CHECK_THROWS_WITH(observer(w.nc, no_hysteresis), Catch::Matchers::ContainsSubstring("share of its threshold"));
}

TEST_CASE("every event of the catalogue is counted, logged and shown", "[observer]") {
  observed_world w;
  for (const auto& [subject, payload] : one_of_each) w.deliver_event(subject, payload);
  for (const auto& e : w.watcher->figures().events) {
    CHECK(e.messages.total >= 1);
    CHECK(e.unreadable == 0);
  }
  CHECK(w.count_of("api.tasks.{task_id}") == 2);
  CHECK(w.count_of("api.tasks.process") == 1);
  CHECK(w.component("agent").messages.total == 7);
  CHECK(w.component("component").messages.total == 1);
  for (const auto& [subject, payload] : one_of_each) {
    const auto line = subject + " " + payload;
    CHECK(std::count(w.lines.begin(), w.lines.end(), line) == 1);
  }
  for (const auto subject : innate::sdk::observability::observed_subjects) CHECK(w.table_has(subject));
  CHECK(w.table_has("1 hits, 1 misses, hit rate 50.0%"));
  CHECK(w.watcher->figures().oddities.empty());
  CHECK(w.watcher->figures().tokens == 7);
}

TEST_CASE("rates are of the last window, percentiles of everything", "[observer]") {
  observed_world w;
  for (int i = 1; i <= 100; ++i) {
    w.deliver_event("gateway.llm.response", R"({"provider":"p","model":"m","tokens_used":1,"latency":)" +
                                                std::to_string(i) + R"(e-3,"cost":0})");
  }
  w.env->advance(5s);
  CHECK(w.watcher->metrics("gateway").starts_with(R"({"messages":100,"rate":20.000000,"errors":0,)"));
  w.env->advance(-5s);
  w.end_window();
  CHECK(w.watcher->metrics("gateway").starts_with(R"({"messages":100,"rate":10.000000,)"));
  const auto& latency = w.watcher->figures().of(innate::sdk::observability::timed::llm).all;
  CHECK(std::abs(latency.percentile(0.5) - 0.050) < 0.001);
  CHECK(std::abs(latency.percentile(0.99) - 0.099) < 0.002);
  w.end_window();
  CHECK(w.watcher->metrics("gateway").starts_with(R"({"messages":100,"rate":0.000000,)"));
  CHECK(w.watcher->metrics("nobody") == "{}");
}

TEST_CASE("what is unknown or unreadable is counted, shown and survived", "[observer]") {
  observed_world w;
  w.deliver_event("agent.a1.dance", "{}");
  w.deliver_event("cache.hit", R"({"key":1,"ttl_remaining":2})");
  w.deliver_event("cache.hit", "not json");
  w.deliver_event("cache.hit", std::string(1000, '['));
  w.deliver_event("agent.a1.status", R"({"status":"dancing"})");
  w.deliver_event("agent.a1.status", "{}");
  w.deliver_event("agent.a\x1b\xff.x", "{}");
  w.deliver_event("cache.hit", R"({"key":"k","ttl_remaining":2})");
  CHECK(w.component("agent").unknown == 2);
  CHECK(w.component("agent").unreadable == 2);
  CHECK(w.component("cache").unreadable == 3);
  CHECK(w.component("cache").messages.total == 4);
  CHECK(w.count_of("cache.hit") == 4);
  CHECK(w.watcher->figures().hits.total == 1);
  CHECK(w.table_has("agent.a1.dance: unknown"));
  CHECK(w.table_has("'dancing'"));
  CHECK(w.table_has("agent.a??.x: unknown"));
  CHECK(w.table_has("field 'key'"));
  CHECK(w.lines.size() == 8);
  for (int i = 0; i != 100; ++i) w.deliver_event("agent.x.y", "{}");
  CHECK(w.component("agent").unknown == 102);
  CHECK(w.watcher->figures().oddities.size() == 8);
  CHECK(w.finished == 0);
}

TEST_CASE("a request for an agent's status is no status", "[observer]") {
  observed_world w;
  w.deliver_event("agent.a1.status", R"({"request_id":"r"})", "_INBOX.1");
  w.deliver_event("agent.a1.status", "{}", "_INBOX.2");
  CHECK(w.count_of("agent.{agent_id}.status") == 2);
  CHECK(w.component("agent").unreadable == 0);
  CHECK(w.component("agent").errors.total == 0);
  w.deliver_event("agent.a1.status", R"({"status":"error"})");
  CHECK(w.component("agent").errors.total == 1);
}

TEST_CASE("errors raise one alert, and one more when they are over", "[observer]") {
  observer_options options;
  options.thresholds.errors_per_window = 3;
  observed_world w{options};
  const std::string failed = R"({"task_id":"t","error":"no"})";
  for (int i = 0; i != 2; ++i) w.deliver_event("agent.a1.task.failed", failed);
  CHECK(w.take_received().empty());
  for (int i = 0; i != 5; ++i) w.deliver_event("agent.a1.task.failed", failed);
  w.watcher->tick(w.env->now());
  w.settle();
  auto sent = w.take_received();
  CHECK(occurrences(sent, "PUB observability.alerts ") == 1);
  CHECK(sent.find(R"({"alert_type":"error_rate","severity":"error","component":"agent",)"
                  R"("message":"3 errors in a window, threshold 3","timestamp":")") != std::string::npos);
  CHECK(w.table_has("now agent error_rate"));
  w.end_window();  // the one that was bad
  CHECK(w.take_received().empty());
  for (int i = 0; i != 4; ++i) w.deliver_event("agent.a1.task.failed", failed);
  w.end_window();  // bad again: nothing new to tell
  CHECK(w.take_received().empty());
  w.end_window();
  sent = w.take_received();
  CHECK(occurrences(sent, "PUB observability.alerts ") == 1);
  CHECK(sent.find(R"("severity":"info","component":"agent","message":"cleared: 0 errors)") != std::string::npos);
  w.end_window();
  CHECK(w.take_received().empty());
  CHECK(w.watcher->figures().alerts_raised == 1);
  CHECK_FALSE(w.table_has("now agent"));
}

TEST_CASE("each rule raises and clears once", "[observer]") {
  struct rule_case {
    std::string name;
    std::vector<std::pair<std::string, std::string>> bad;
    std::vector<std::pair<std::string, std::string>> between;  // no longer bad, not yet good
    std::vector<std::pair<std::string, std::string>> good;
  };
  const auto response = [](double seconds, int status = 200) {
    return std::pair<std::string, std::string>{"api.responses.sent",
                                               R"({"endpoint":"/","status_code":)" + std::to_string(status) +
                                                   R"(,"response_time":)" + std::to_string(seconds) + "}"};
  };
  const auto llm = [](double seconds) {
    return std::pair<std::string, std::string>{"gateway.llm.response",
                                               R"({"provider":"p","model":"m","tokens_used":1,"cost":0,"latency":)" +
                                                   std::to_string(seconds) + "}"};
  };
  const auto rag = [](double seconds) {
    return std::pair<std::string, std::string>{"rag.query.completed",
                                               R"({"query_id":"q","document_count":1,"response_time":)" +
                                                   std::to_string(seconds) + "}"};
  };
  const auto slow = [](double seconds) {
    return std::pair<std::string, std::string>{"database.query.slow", R"({"query":"q","threshold":1,"duration":)" +
                                                                          std::to_string(seconds) + "}"};
  };
  const std::pair<std::string, std::string> hit{"cache.hit", R"({"key":"k","ttl_remaining":1})"};
  const std::pair<std::string, std::string> miss{"cache.miss", R"({"key":"k"})"};
  const std::pair<std::string, std::string> limit{"gateway.rate_limit.exceeded",
                                                  R"({"provider":"p","model":"m","retry_after":1})"};
  const auto link = [](std::string status) {
    return std::pair<std::string, std::string>{"database.connection.status",
                                               R"({"pool_size":1,"status":")" + status + R"("})"};
  };
  const std::vector<rule_case> cases{
      {"slow_latency", {llm(6), llm(6)}, {llm(4.5), llm(4.5)}, {llm(1), llm(1)}},
      {"slow_latency", {response(6), response(6)}, {response(4.5), response(4.5)}, {response(1), response(1)}},
      {"slow_latency", {rag(6), rag(6)}, {rag(4.5), rag(4.5)}, {rag(1), rag(1)}},
      {"error_rate", {response(1, 500), response(1, 599)}, {response(1, 503), response(1, 503)}, {response(1, 499)}},
      {"slow_query", {slow(11)}, {slow(9)}, {slow(2)}},
      {"rate_limit", {limit}, {limit}, {}},
      {"cache_hit_rate", {hit, miss, miss, miss}, {hit, miss, hit, miss, miss}, {hit, hit, hit, miss}},
      {"database_disconnected", {link("disconnected")}, {link("disconnected")}, {link("connected")}},
  };
  for (const auto& c : cases) {
    CAPTURE(c.name);
    observer_options options;
    options.thresholds.errors_per_window = c.name == "error_rate" ? 2 : 0;
    options.thresholds.latency_samples = 2;
    options.thresholds.cache_hit_rate = 0.4;
    options.thresholds.cache_lookups = 4;
    std::vector<std::string> told;
    options.on_alert = [&](const innate::sdk::observability::alert& a) {
      told.push_back(std::string{a.alert_type} +
                     (a.severity == innate::sdk::observability::level::info ? " off" : " on"));
    };
    observed_world w{options};
    for (int round = 1; round <= 2; ++round) {
      for (int i = 0; i != 2; ++i) {
        for (const auto& [subject, payload] : c.bad) w.deliver_event(subject, payload);
        w.watcher->tick(w.env->now());
      }
      w.end_window();
      for (const auto& [subject, payload] : c.between) w.deliver_event(subject, payload);
      w.end_window();
      CHECK(told == std::vector<std::string>{c.name + " on"});
      for (const auto& [subject, payload] : c.good) w.deliver_event(subject, payload);
      w.end_window();
      w.end_window();
      CHECK(told == std::vector<std::string>{c.name + " on", c.name + " off"});
      CHECK(occurrences(w.take_received(), "PUB observability.alerts ") == 2);
      told.clear();
    }
  }
}

TEST_CASE("too few lookups or samples say nothing, and 0 turns a rule off", "[observer]") {
  observer_options options;
  options.thresholds.cache_hit_rate = 0.9;
  options.thresholds.cache_lookups = 5;
  options.thresholds.slow_query = 0;
  options.thresholds.rate_limit_events = 0;
  observed_world w{options};
  for (int i = 0; i != 4; ++i) w.deliver_event("cache.miss", R"({"key":"k"})");
  w.deliver_event("gateway.llm.response", R"({"provider":"p","model":"m","tokens_used":1,"cost":0,"latency":60})");
  w.deliver_event("database.query.slow", R"({"query":"q","duration":1000,"threshold":1})");
  w.deliver_event("gateway.rate_limit.exceeded", R"({"provider":"p","model":"m","retry_after":2})");
  w.end_window();
  CHECK(w.take_received().empty());
}

TEST_CASE("summaries are published when they are due and on demand", "[observer]") {
  observer_options options;
  options.summary_period = 20s;
  options.components = {"cache"};
  observed_world w{options};
  w.deliver("cache.hit 1", R"({"key":"k","ttl_remaining":2})");
  w.end_window();
  CHECK(w.take_received().empty());
  w.end_window();
  const auto sent = w.take_received();
  CHECK(occurrences(sent, "PUB observability.metrics.summary ") == 1);
  CHECK(
      sent.find(R"({"component":"cache","metrics":{"messages":1,"rate":0.000000,"errors":0,"unreadable":0,"unknown":0,)"
                R"("events":{"cache.hit":{"messages":1,"rate":0.000000}},"hits":1,"misses":0,"hit_rate":1.000000},)"
                R"("timestamp":")") != std::string::npos);
  CHECK_FALSE(w.watcher->publish_summaries());
  w.settle();
  CHECK(occurrences(w.take_received(), "PUB observability.metrics.summary ") == 1);
}

TEST_CASE("an onlooker publishes nothing", "[observer]") {
  observer_options options;
  options.publish = false;
  options.summary_period = 1s;
  observed_world w{options};
  w.deliver_event("database.connection.status", R"({"status":"disconnected","pool_size":4})");
  w.end_window();
  CHECK(w.take_received().empty());
  CHECK(w.watcher->figures().alerts_raised == 1);
}

TEST_CASE("run ends when it is told to, with its connection, and with its observer", "[observer]") {
  SECTION("stop") {
    observed_world w;
    w.watcher->stop();
    w.settle();
    CHECK(w.finished == 1);
    CHECK_FALSE(w.failure);
  }
  SECTION("close") {
    observed_world w;
    w.nc.close();
    w.settle();
    CHECK(w.finished == 1);
    CHECK_FALSE(w.failure);
  }
  SECTION("destroyed") {
    observed_world w;
    w.watcher.reset();
    w.settle();
    CHECK(w.finished == 1);
    CHECK_FALSE(w.failure);
  }
  SECTION("run twice") {
    observed_world w;
    w.spawn(w.watcher->run());
    CHECK(w.finished == 1);
    CHECK(w.failure == errc::already_running);
  }
  SECTION("cancelled") {
    scripted_world w;
    w.connect();
    observer o{w.nc};
    asio::cancellation_signal cancel;
    int ended = 0;
    asio::co_spawn(w.io, o.run(), asio::bind_cancellation_slot(cancel.slot(), [&](const std::exception_ptr& e) {
                     ended = e ? 2 : 1;
                   }));
    w.settle();
    cancel.emit(asio::cancellation_type::terminal);
    w.settle();
    CHECK(ended == 2);
  }
  SECTION("refused by the server for one root: the others go on, the reason comes at the end") {
    observed_world w;
    w.say("-ERR 'Permissions Violation for Subscription to \"rag.>\"'\r\n");
    CHECK(w.finished == 0);
    CHECK(w.table_has("rag.>: ended"));
    w.deliver_event("cache.miss", R"({"key":"k"})");
    CHECK(w.count_of("cache.miss") == 1);
    w.watcher->stop();
    w.settle();
    CHECK(w.finished == 1);
    CHECK(w.failure);
  }
}

TEST_CASE("an alert that cannot be sent now is sent later", "[observer]") {
  observed_world w;
  w.server().block();
  while (!w.nc.try_publish("filler", std::string(100'000, 'x'))) continue;
  w.deliver_event("database.connection.status", R"({"status":"disconnected","pool_size":4})");
  w.server().unblock();
  w.settle();
  CHECK(occurrences(w.take_received(), "PUB observability.alerts ") == 0);
  w.watcher->tick(w.env->now());
  w.settle();
  CHECK(occurrences(w.take_received(), "PUB observability.alerts ") == 1);
}
