// SPDX-License-Identifier: Apache-2.0
/// What observability has counted: messages, rates, latencies, errors, cache lookups, and what it did not understand.
#pragma once

#include <innate/core/clock.hpp>
#include <innate/sdk/histogram.hpp>
#include <innate/sdk/observed_events.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

namespace innate::inline v0::sdk::observability {

struct counter {
  std::uint64_t total = 0;
  std::uint64_t window = 0;  ///< in the current window
  double rate = 0;           ///< a second, in the last complete window

  void add() noexcept {
    ++total;
    ++window;
  }
  void close(double seconds) noexcept {
    rate = seconds > 0 ? static_cast<double>(window) / seconds : 0;
    window = 0;
  }
};

/// What is timed, in the order of `metrics::latencies`.
enum class timed : std::size_t { llm, api, rag, slow_query };
inline constexpr std::size_t timed_count = 4;

struct latency {
  std::string_view subject{};
  histogram all{};
  histogram window{};

  void record(double seconds) noexcept {
    all.record(seconds);
    window.record(seconds);
  }
};

struct event_metrics {
  counter messages{};
  std::uint64_t unreadable = 0;  ///< of these, payloads that are not the event's
};

struct component_metrics {
  counter messages{};  ///< everything received, understood or not
  counter errors{};
  std::uint64_t unreadable = 0;
  std::uint64_t unknown = 0;  ///< subjects that are in no catalogue
};

/// A message that was not understood; the subject is shortened.
struct oddity {
  std::string subject{};
  std::string reason{};
};

/// Plain data, without I/O and without a clock of its own.
struct metrics {
  std::array<event_metrics, observed_subjects.size()> events{};
  std::array<component_metrics, roots.size()> components{};
  std::array<bool, roots.size()> observed{};  ///< whether the component is subscribed to
  std::array<latency, timed_count> latencies{
      latency{subject_of<gateway::llm_response>}, latency{subject_of<api::responses_sent>},
      latency{subject_of<rag::query_completed>}, latency{subject_of<database::query_slow>}};
  counter hits{};
  counter misses{};
  counter rate_limited{};
  bool database_connected = true;
  std::uint64_t tokens = 0;  ///< of LLM responses
  double cost = 0;
  std::deque<oddity> oddities{};  ///< the latest, at most `kept_oddities`
  std::uint64_t alerts_raised = 0;
  std::uint64_t lost = 0;    ///< messages dropped because they came faster than they were taken
  std::uint64_t unsent = 0;  ///< alerts and summaries that could not be published
  time_point window_start{};
  bool had_window = false;

  static constexpr std::size_t kept_oddities = 8;

  [[nodiscard]] latency& of(timed what) noexcept { return latencies[static_cast<std::size_t>(what)]; }
  [[nodiscard]] const latency& of(timed what) const noexcept { return latencies[static_cast<std::size_t>(what)]; }

  [[nodiscard]] std::uint64_t lookups() const noexcept { return hits.total + misses.total; }
  /// Share of all cache lookups that hit; 0 without lookups.
  [[nodiscard]] double hit_rate() const noexcept { return share(hits.total, misses.total); }
  [[nodiscard]] double window_hit_rate() const noexcept { return share(hits.window, misses.window); }

  /// A second: in the last complete window, or before that since the start.
  [[nodiscard]] double rate(const counter& c, time_point now) const noexcept {
    if (had_window) return c.rate;
    const double elapsed = std::chrono::duration<double>(now - window_start).count();
    return elapsed > 0 ? static_cast<double>(c.window) / elapsed : 0;
  }

  void note_oddity(std::string subject, std::string reason) {
    if (oddities.size() == kept_oddities) oddities.pop_front();
    oddity one;
    one.subject = std::move(subject);
    one.reason = std::move(reason);
    oddities.push_back(std::move(one));
  }

  void close_window(time_point now) noexcept {
    const double elapsed = std::chrono::duration<double>(now - window_start).count();
    for (auto& e : events) e.messages.close(elapsed);
    for (auto& c : components) {
      c.messages.close(elapsed);
      c.errors.close(elapsed);
    }
    for (auto& l : latencies) l.window.clear();
    hits.close(elapsed);
    misses.close(elapsed);
    rate_limited.close(elapsed);
    window_start = now;
    had_window = true;
  }

 private:
  static double share(std::uint64_t part, std::uint64_t rest) noexcept {
    return part + rest == 0 ? 0 : static_cast<double>(part) / static_cast<double>(part + rest);
  }
};

/// What an event means for the figures; one that has no more to say than that it came means nothing.
template <typed_event E>
void learn(metrics& m, const received<E>& ev) {
  const auto failed = [&] { m.components[root_of(subject_of<E>)].errors.add(); };
  if constexpr (std::is_same_v<E, any_status>) {
    const auto* change = std::get_if<agent::status_change>(&*ev);
    if (change && !ev.has_reply() && change->status == agent::state::error) failed();
  } else if constexpr (std::is_same_v<E, agent::task_failed>) {
    failed();
  } else if constexpr (std::is_same_v<E, cache::hit>) {
    m.hits.add();
  } else if constexpr (std::is_same_v<E, cache::miss>) {
    m.misses.add();
  } else if constexpr (std::is_same_v<E, api::responses_sent>) {
    m.of(timed::api).record(ev->response_time);
    if (ev->status_code >= 500 && ev->status_code <= 599) failed();
  } else if constexpr (std::is_same_v<E, rag::query_completed>) {
    m.of(timed::rag).record(ev->response_time);
  } else if constexpr (std::is_same_v<E, gateway::llm_response>) {
    m.of(timed::llm).record(ev->latency);
    m.tokens += ev->tokens_used;
    m.cost += ev->cost;
  } else if constexpr (std::is_same_v<E, gateway::rate_limit_exceeded>) {
    m.rate_limited.add();
    failed();
  } else if constexpr (std::is_same_v<E, database::connection_status>) {
    m.database_connected = ev->status == database::link::connected;
    if (!m.database_connected) failed();
  } else if constexpr (std::is_same_v<E, database::query_slow>) {
    m.of(timed::slow_query).record(ev->duration);
  }
}

}  // namespace innate::inline v0::sdk::observability
