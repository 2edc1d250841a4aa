// SPDX-License-Identifier: Apache-2.0
#include "support/nats_server.hpp"
#include "support/run.hpp"

#include <innate/sdk/observer.hpp>
#include <innate/typed.hpp>

#include <catch2/catch_test_macros.hpp>

#include <asio/post.hpp>
#include <asio/use_awaitable.hpp>

#include <optional>
#include <string>

using innate::errc;
using innate::raw_json;
using innate::sdk::observer;
using innate::sdk::observer_options;
using namespace innate::literals;
using namespace std::chrono_literals;
using test::code_of;
using test::quick;
namespace sdk = innate::sdk;

namespace {

struct ending {
  bool ended = false;
  bool failed = false;
};

/// Runs the observer beside the test; what `into` says is final once `ended`.
void start(innate::connection& nc, observer& watcher, ending& into) {
  asio::co_spawn(nc.get_executor(), watcher.run(), [&into](const std::exception_ptr& thrown) {
    into.ended = true;
    into.failed = thrown != nullptr;
  });
}

/// Lets everything else go on until `reached`; the deadline is the test's.
template <class Condition>
asio::awaitable<void> until(Condition reached) {
  while (!reached()) co_await asio::post(asio::use_awaitable);
}

}  // namespace

TEST_CASE("an observer hears all components on a real server, alerts and sums up", "[server][observer]") {
  test::nats_server server;
  test::run([&]() -> asio::awaitable<void> {
    auto watching = co_await innate::connect(quick(server.url()));
    auto others = co_await innate::connect(quick(server.url()));
    observer_options options;
    options.thresholds.errors_per_window = 2;
    observer watcher{watching, options};
    ending run;
    start(watching, watcher, run);
    co_await watching.flush();
    auto alerts = others.subscribe<sdk::observability::alerts>();
    auto summaries = others.subscribe<sdk::observability::metrics_summary>();

    const auto now = innate::timestamp::now();
    const sdk::agent::completion done{"a1", "t1", raw_json{R"({"answer":42})"}, now};
    const sdk::agent::task_error failed{"a1", "t2", "no", now};
    const sdk::cache::hit_payload hit{"k", 300, "memory", now};
    const sdk::cache::miss_payload miss{"k", "memory", now};
    const sdk::gateway::completion answer{"p", "m", 12, 0.75, 0.5, now};
    const sdk::database::slow_query slow{"select 1", 2, 1, now};
    const sdk::invalidation forget{"rag.*", "document_updated"};
    co_await others.publish<sdk::agent::task_completed>("agent_id"_p = "a1", done);
    for (int i = 0; i != 3; ++i) co_await others.publish<sdk::agent::task_failed>("agent_id"_p = "a1", failed);
    co_await others.publish<sdk::cache::hit>(hit);
    co_await others.publish<sdk::cache::hit>(hit);
    co_await others.publish<sdk::cache::hit>(hit);
    co_await others.publish<sdk::cache::miss>(miss);
    co_await others.publish<sdk::gateway::llm_response>(answer);
    co_await others.publish<sdk::database::query_slow>(slow);
    co_await others.publish<sdk::rag::cache_invalidate>(forget);
    co_await others.publish<sdk::cache::component_invalidate>(forget);
    co_await others.publish("api.nobody.knows", "{}");
    co_await others.publish("api.responses.sent", "{");
    co_await others.flush();

    const auto alert = co_await alerts.next();
    REQUIRE(alert);
    CHECK((*alert)->alert_type == "error_rate");
    CHECK((*alert)->component == "agent");
    CHECK((*alert)->severity == sdk::observability::level::error);

    const auto received = [&] {
      std::uint64_t count = 0;
      for (const auto& c : watcher.figures().components) count += c.messages.total;
      return count;
    };
    co_await until([&] { return received() == 14; });
    CHECK(watcher.figures().hit_rate() == 0.75);
    CHECK(watcher.figures().of(sdk::observability::timed::llm).all.max() == 0.75);
    const auto table = watcher.table();
    for (const std::string line :
         {"agent.{agent_id}.task.completed", "3 hits, 1 misses, hit rate 75.0%", "now agent error_rate",
          "api.nobody.knows: unknown", "api.responses.sent: unreadable"}) {
      CAPTURE(table);
      CHECK(table.find(line) != std::string::npos);
    }

    CHECK_FALSE(watcher.publish_summaries());
    int summed_up = 0;
    while (summed_up != 7) {
      const auto summary = co_await summaries.next();
      REQUIRE(summary);
      ++summed_up;
      if ((*summary)->component != "cache") continue;
      CHECK((*summary)->metrics.text.find(R"("hits":3,"misses":1,"hit_rate":0.750000)") != std::string::npos);
    }
    CHECK(alerts.plain().pending_messages() == 0);

    co_await watching.drain();
    co_await until([&] { return run.ended; });
    CHECK_FALSE(run.failed);
  });
}

TEST_CASE("where an observer runs, a request to nobody times out instead of having no responders",
          "[server][observer]") {
  test::nats_server server;
  test::run([&]() -> asio::awaitable<void> {
    auto watching = co_await innate::connect(quick(server.url()));
    auto others = co_await innate::connect(quick(server.url()));
    const sdk::agent::status_query query{"r1"};
    const auto alone = co_await code_of(others.request<sdk::agent::status_request>("agent_id"_p = "gone", query));
    CHECK(alone == errc::no_responders);
    observer watcher{watching};
    ending run;
    start(watching, watcher, run);
    co_await watching.flush();
    const innate::request_options brief{.timeout = 20ms, .headers = {}};
    const auto watched =
        co_await code_of(others.request<sdk::agent::status_request>(brief, "agent_id"_p = "gone", query));
    CHECK(watched == errc::timeout);
    watcher.stop();
    co_await until([&] { return run.ended; });
    CHECK_FALSE(run.failed);
  });
}
