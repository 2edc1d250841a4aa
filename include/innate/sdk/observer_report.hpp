// SPDX-License-Identifier: Apache-2.0
/// What observability has counted, as a table for people and as JSON for programs.
#pragma once

#include <innate/protocol/json.hpp>
#include <innate/sdk/alert_rules.hpp>
#include <innate/sdk/observed_metrics.hpp>
#include <innate/sdk/text_table.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace innate::inline v0::sdk::observability {

/// Members of one JSON object, in the order they are added.
class json_object {
 public:
  /// `json` is a value already.
  json_object& add(std::string_view name, std::string_view json) {
    x_text += x_text.size() == 1 ? "" : ",";
    protocol::append_json_string(x_text, name);
    x_text += ':';
    x_text += json;
    return *this;
  }
  json_object& add(std::string_view name, std::uint64_t value) { return add(name, std::to_string(value)); }
  json_object& add(std::string_view name, double value) { return add(name, number_text(value, 6)); }
  json_object& add_text(std::string_view name, std::string_view text) {
    std::string quoted;
    protocol::append_json_string(quoted, text);
    return add(name, quoted);
  }
  [[nodiscard]] std::string text() const { return x_text + "}"; }

 private:
  std::string x_text = "{";
};

[[nodiscard]] inline std::string latency_json(const histogram& h) {
  return json_object{}
      .add("count", h.count())
      .add("p50", h.percentile(0.5))
      .add("p90", h.percentile(0.9))
      .add("p99", h.percentile(0.99))
      .add("max", h.max())
      .text();
}

/// The `metrics` of a component's summary; seconds are of everything since the start, rates a second.
[[nodiscard]] inline std::string metrics_json(const metrics& m, std::size_t root, time_point now) {
  const auto& c = m.components[root];
  json_object events;
  for (std::size_t i = 0; i != observed_subjects.size(); ++i) {
    const auto& e = m.events[i];
    if (root_of(observed_subjects[i]) != root || e.messages.total == 0) continue;
    json_object one;
    one.add("messages", e.messages.total).add("rate", m.rate(e.messages, now));
    if (e.unreadable) one.add("unreadable", e.unreadable);
    events.add(observed_subjects[i], one.text());
  }
  json_object out;
  out.add("messages", c.messages.total)
      .add("rate", m.rate(c.messages, now))
      .add("errors", c.errors.total)
      .add("unreadable", c.unreadable)
      .add("unknown", c.unknown)
      .add("events", events.text());
  for (const auto& l : m.latencies)
    if (root_of(l.subject) == root) {
      out.add(l.subject == subject_of<database::query_slow> ? "slow_queries" : "latency", latency_json(l.all));
    }
  if (roots[root] == cache::definition::name)
    out.add("hits", m.hits.total).add("misses", m.misses.total).add("hit_rate", m.hit_rate());
  if (roots[root] == gateway::definition::name)
    out.add("tokens_used", m.tokens).add("cost", m.cost).add("rate_limit_exceeded", m.rate_limited.total);
  if (roots[root] == database::definition::name) out.add("connected", m.database_connected ? "true" : "false");
  return out.text();
}

/// Everything at a glance; events that never came are left out.
[[nodiscard]] inline std::string table_text(const metrics& m, const alert_rules& rules, time_point now) {
  const auto rate = [&](const counter& c) { return number_text(m.rate(c, now), 1); };
  text_table components;
  components.add({"component", "messages", "per second", "errors", "unreadable", "unknown"});
  text_table events;
  events.add({"event", "messages", "per second", "unreadable"});
  for (std::size_t root = 0; root != roots.size(); ++root) {
    if (!m.observed[root]) continue;
    const auto& c = m.components[root];
    components.add({std::string{roots[root]}, std::to_string(c.messages.total), rate(c.messages),
                    std::to_string(c.errors.total), std::to_string(c.unreadable), std::to_string(c.unknown)});
  }
  for (std::size_t i = 0; i != observed_subjects.size(); ++i) {
    const auto& e = m.events[i];
    if (e.messages.total == 0) continue;
    events.add({std::string{observed_subjects[i]}, std::to_string(e.messages.total), rate(e.messages),
                std::to_string(e.unreadable)});
  }
  text_table latencies;
  latencies.add({"latency", "count", "p50", "p90", "p99", "max"});
  for (const auto& l : m.latencies) {
    if (l.all.count() == 0) continue;
    latencies.add({std::string{l.subject}, std::to_string(l.all.count()), seconds_text(l.all.percentile(0.5)),
                   seconds_text(l.all.percentile(0.9)), seconds_text(l.all.percentile(0.99)),
                   seconds_text(l.all.max())});
  }
  std::string out = components.text() + "\n";
  for (const auto* part : {&events, &latencies})
    if (part->size() != 1) out += part->text() + "\n";
  out += "cache: " + std::to_string(m.hits.total) + " hits, " + std::to_string(m.misses.total) + " misses, hit rate " +
         (m.lookups() ? percent_text(m.hit_rate()) : "unknown") + "\n";
  out += "alerts: " + std::to_string(m.alerts_raised) + " raised";
  rules.each_raised(
      [&](const alert_rule& rule) { out += "; now " + std::string{rule.component} + " " + std::string{rule.type}; });
  out += "\n";
  if (m.lost) out += "lost: " + std::to_string(m.lost) + " messages came faster than they were taken\n";
  if (m.unsent) out += "unsent: " + std::to_string(m.unsent) + " alerts and summaries could not be published\n";
  if (!m.oddities.empty()) out += "not understood, the latest:\n";
  for (const auto& one : m.oddities) out += "  " + one.subject + ": " + one.reason + "\n";
  return out;
}

}  // namespace innate::inline v0::sdk::observability
