// SPDX-License-Identifier: Apache-2.0
/// When something is worth an alert, and when it is over: each crossing is told once.
#pragma once

#include <innate/sdk/observed_metrics.hpp>
#include <innate/sdk/observer_options.hpp>
#include <innate/sdk/text_table.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace innate::inline v0::sdk::observability {

/// One thing that is watched. Raised as soon as a window shows it, cleared only at the end of one that no longer does:
/// there are at most two alerts of a rule in a window.
struct alert_rule {
  std::string_view type{};
  level severity{};
  std::string_view component{};
  bool raised = false;
};

/// When rules are checked. Percentiles take a walk over a histogram, so they are not looked at with every message.
enum class moment { message, tick, window_end };

class alert_rules {
 public:
  explicit alert_rules(const alert_thresholds& thresholds) : x_thresholds(thresholds) {
    for (std::size_t i = 0; i != roots.size(); ++i) x_errors[i] = {"error_rate", level::error, roots[i]};
  }

  /// Calls `tell(const alert_rule&, std::string message)` for each rule that has just been raised or cleared. To be
  /// called when a message was counted, now and then, and before a window is closed.
  template <class Tell>
  void check(const metrics& m, moment at, Tell tell) {
    const bool window_ends = at == moment::window_end;
    for (std::size_t i = 0; i != roots.size(); ++i)
      check_count(x_errors[i], m.components[i].errors.window, x_thresholds.errors_per_window, "errors", window_ends,
                  tell);
    check_count(x_rate_limit, m.rate_limited.window, x_thresholds.rate_limit_events, "rate limits hit", window_ends,
                tell);
    check_database(m, window_ends, tell);
    check_slow_query(m, window_ends, tell);
    check_hit_rate(m, window_ends, tell);
    if (at == moment::message) return;
    for (std::size_t i = 0; i != x_latencies.size(); ++i) check_latency(i, m, window_ends, tell);
  }

  /// Calls `show(const alert_rule&)` for each rule that is raised now.
  template <class Show>
  void each_raised(Show show) const {
    const auto one = [&](const alert_rule& rule) {
      if (rule.raised) show(rule);
    };
    for (const auto& rule : x_errors) one(rule);
    one(x_rate_limit);
    one(x_database);
    one(x_slow_query);
    for (const auto& rule : x_latencies) one(rule);
    one(x_hit_rate);
  }

 private:
  template <class Tell, class Message>
  static void decide(alert_rule& rule, bool crossed, bool over, Tell& tell, Message message) {
    if (rule.raised ? !over : !crossed) return;
    rule.raised = !rule.raised;
    tell(static_cast<const alert_rule&>(rule), (rule.raised ? "" : "cleared: ") + message());
  }

  template <class Tell>
  void check_count(alert_rule& rule, std::uint64_t count, std::uint64_t threshold, std::string_view what,
                   bool window_ends, Tell& tell) {
    if (threshold == 0) return;
    const bool low = static_cast<double>(count) <= x_thresholds.clear_below * static_cast<double>(threshold);
    decide(rule, count >= threshold, window_ends && low && count < threshold, tell, [&] {
      return std::to_string(count) + " " + std::string{what} + " in a window, threshold " + std::to_string(threshold);
    });
  }

  template <class Tell>
  void check_database(const metrics& m, bool window_ends, Tell& tell) {
    const bool down = !m.database_connected;
    decide(x_database, down, window_ends && !down, tell,
           [&] { return std::string{down ? "the database is disconnected" : "the database is connected"}; });
  }

  template <class Tell>
  void check_slow_query(const metrics& m, bool window_ends, Tell& tell) {
    const auto threshold = x_thresholds.slow_query;
    if (!(threshold > 0)) return;
    const auto slowest = m.of(timed::slow_query).window.max();
    decide(x_slow_query, slowest >= threshold, window_ends && slowest < threshold * x_thresholds.clear_below, tell,
           [&] { return "slowest query " + seconds_text(slowest) + ", threshold " + seconds_text(threshold); });
  }

  template <class Tell>
  void check_latency(std::size_t place, const metrics& m, bool window_ends, Tell& tell) {
    const auto threshold = x_thresholds.slow_latency_p99;
    const auto& seen = m.latencies[place];
    if (!(threshold > 0) || seen.window.count() == 0 || seen.window.count() < x_thresholds.latency_samples) return;
    const auto p99 = seen.window.percentile(0.99);
    decide(x_latencies[place], p99 >= threshold, window_ends && p99 < threshold * x_thresholds.clear_below, tell, [&] {
      return "p99 of '" + std::string{seen.subject} + "' is " + seconds_text(p99) + ", threshold " +
             seconds_text(threshold);
    });
  }

  template <class Tell>
  void check_hit_rate(const metrics& m, bool window_ends, Tell& tell) {
    const auto lowest = x_thresholds.cache_hit_rate;
    const auto lookups = m.hits.window + m.misses.window;
    if (!(lowest > 0) || lookups == 0 || lookups < x_thresholds.cache_lookups) return;
    const auto rate = m.window_hit_rate();
    const auto enough = std::min(1.0, lowest / x_thresholds.clear_below);
    decide(x_hit_rate, rate < lowest, window_ends && rate >= enough, tell, [&] {
      return "cache hit rate " + percent_text(rate) + " of " + std::to_string(lookups) + " lookups, minimum " +
             percent_text(lowest);
    });
  }

  alert_thresholds x_thresholds;
  std::array<alert_rule, roots.size()> x_errors{};
  alert_rule x_rate_limit{"rate_limit", level::warning, gateway::definition::name};
  alert_rule x_database{"database_disconnected", level::critical, database::definition::name};
  alert_rule x_slow_query{"slow_query", level::warning, database::definition::name};
  std::array<alert_rule, 3> x_latencies{// in the order of `timed`
                                        alert_rule{"slow_latency", level::warning, gateway::definition::name},
                                        alert_rule{"slow_latency", level::warning, api::definition::name},
                                        alert_rule{"slow_latency", level::warning, rag::definition::name}};
  alert_rule x_hit_rate{"cache_hit_rate", level::warning, cache::definition::name};
};

}  // namespace innate::inline v0::sdk::observability
