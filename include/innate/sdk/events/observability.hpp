// SPDX-License-Identifier: Apache-2.0
/// Events of evaluation and observability.
#pragma once

#include <innate/sdk/events/common.hpp>

#include <array>
#include <string_view>

namespace innate::inline v0::sdk::observability {

enum class level { info, warning, error, critical };
constexpr auto names_of(level) { return std::array<std::string_view, 4>{"info", "warning", "error", "critical"}; }

struct alert {
  std::string_view alert_type{};
  level severity{};
  std::string_view component{};
  std::string_view message{};
  innate::timestamp timestamp{};
  using payload_fields = fields<field<"alert_type", &alert::alert_type>, field<"severity", &alert::severity>,
                                field<"component", &alert::component>, field<"message", &alert::message>,
                                field<"timestamp", &alert::timestamp, when_read::may_be_absent>>;
};
struct summary {
  std::string_view component{};
  raw_json metrics{};
  innate::timestamp timestamp{};
  using payload_fields = fields<field<"component", &summary::component>, field<"metrics", &summary::metrics>,
                                field<"timestamp", &summary::timestamp, when_read::may_be_absent>>;
};

struct alerts : event<"observability.alerts", alert> {
  static constexpr std::string_view description = "System alerts";
  static constexpr std::string_view when = "Thresholds exceeded, errors detected";
};
struct metrics_summary : event<"observability.metrics.summary", summary> {
  static constexpr std::string_view description = "Periodic metrics summaries";
  static constexpr std::string_view when = "Scheduled metrics aggregation";
};

struct definition {
  static constexpr std::string_view name = "observability";
  static constexpr std::string_view title = "Evaluation & Observability";
  using publishes = event_list<alerts, metrics_summary>;
  using handled = handler_list<
      handles_tree<"agent", "agent.*", "Receives ALL agent events", "Log, trace, and collect metrics">,
      handles_tree<"rag", "rag.*", "Receives ALL RAG events", "Log, trace, and collect metrics">,
      handles_tree<"cache", "cache.*", "Receives ALL cache events", "Log, trace, and collect metrics">,
      handles_tree<"api", "api.*", "Receives ALL API events", "Log, trace, and collect metrics">,
      handles_tree<"gateway", "gateway.*", "Receives ALL gateway events", "Log, trace, and collect metrics">,
      handles_tree<"database", "database.*", "Receives ALL database events", "Log, trace, and collect metrics">,
      handles_tree<"component", "component.*", "Receives ALL component events", "Log, trace, and collect metrics">>;
};
static_assert(well_formed<definition>);

}  // namespace innate::inline v0::sdk::observability
