// SPDX-License-Identifier: Apache-2.0
/// When observability raises alerts, how often it sums up, and whom it tells.
#pragma once

#include <innate/core/clock.hpp>
#include <innate/sdk/events/observability.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace innate::inline v0::sdk {

/// What is seen within one window is held against these; 0 turns a rule off.
struct alert_thresholds {
  double slow_latency_p99 = 5;           ///< seconds, for LLM responses, API responses and RAG queries each
  std::uint64_t latency_samples = 10;    ///< a window with fewer says nothing about latency
  std::uint64_t errors_per_window = 10;  ///< of one component
  double cache_hit_rate = 0.2;           ///< share of lookups that hit, from 0 to 1
  std::uint64_t cache_lookups = 20;      ///< a window with fewer says nothing about the hit rate
  double slow_query = 10;                ///< seconds, the slowest query
  std::uint64_t rate_limit_events = 1;   ///< `gateway.rate_limit.exceeded`
  /// An alert clears at the end of a window below this share of its threshold (a minimum: above threshold / share), so
  /// that a value that swings around the threshold is told once.
  double clear_below = 0.8;
};

struct observer_options {
  alert_thresholds thresholds{};
  duration window = std::chrono::seconds{10};          ///< for rates and thresholds
  duration summary_period = std::chrono::seconds{60};  ///< 0: only on demand
  /// Whether alerts and summaries are published; a mere onlooker does not.
  bool publish = true;
  /// Roots to observe (`agent`, `rag`, …); all of them when empty.
  std::vector<std::string> components{};
  /// Gets a line for each event, alert and message that could not be understood; control bytes are replaced.
  std::function<void(std::string_view)> log{};
  /// Gets each alert, raised or cleared; the views end with the call.
  std::function<void(const observability::alert&)> on_alert{};
  /// Called when a window has ended and its rates are known.
  std::function<void()> on_window{};
  std::function<time_point()> clock = [] { return time_point{std::chrono::steady_clock::now()}; };
};

}  // namespace innate::inline v0::sdk
