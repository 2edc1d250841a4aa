// SPDX-License-Identifier: Apache-2.0
/// The inside of an observer: counts each message, checks the rules, publishes alerts and summaries.
#pragma once

#include <innate/connection.hpp>
#include <innate/sdk/alert_rules.hpp>
#include <innate/sdk/observed_metrics.hpp>
#include <innate/sdk/observer_options.hpp>
#include <innate/sdk/observer_report.hpp>
#include <innate/sdk/shown_text.hpp>
#include <innate/typed/endpoint.hpp>
#include <innate/typed/router.hpp>

#include <asio/steady_timer.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <deque>
#include <exception>
#include <string>
#include <string_view>
#include <system_error>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

namespace innate::inline v0::sdk::observability {

/// Shared by an observer and the loops that it started, which may end after it.
class observer_state {
 public:
  using router = router_of<observed_events>;

  struct root_subscription {
    std::size_t root = 0;
    subscription messages{};
  };

  observer_state(connection& nc, observer_options options)
      : timer(nc.get_executor()), x_nats(nc), x_options(std::move(options)), x_rules(x_options.thresholds) {
    require(x_options.window > duration::zero(), "the window of an observer is longer than 0");
    require(x_options.summary_period >= duration::zero(), "the summary period of an observer is not negative");
    for (const auto& name : x_options.components)
      require(place_in(roots, name) != roots.size(),
              "there is no component '" + name + "' to observe, but " + listed());
    const auto share = x_options.thresholds.clear_below;
    require(share > 0 && share <= 1, "an alert clears below a share of its threshold, above 0 and at most 1");
    const auto& names = x_options.components;
    for (std::size_t i = 0; i != roots.size(); ++i) {
      x_metrics.observed[i] = names.empty() || std::find(names.begin(), names.end(), roots[i]) != names.end();
      if (x_metrics.observed[i]) subscriptions.push_back({i, nc.subscribe(std::string{roots[i]} + ".>")});
    }
    x_metrics.window_start = x_last_summary = x_options.clock();
  }

  [[nodiscard]] const observability::metrics& figures() {
    std::uint64_t lost = 0;
    for (const auto& s : subscriptions) lost += s.messages.dropped();
    x_metrics.lost = lost;
    return x_metrics;
  }
  [[nodiscard]] const alert_rules& rules() const noexcept { return x_rules; }
  [[nodiscard]] time_point now() const { return x_options.clock(); }
  [[nodiscard]] duration tick_period() const {
    auto period = std::min<duration>(x_options.window, std::chrono::seconds{1});
    if (x_options.summary_period > duration::zero()) period = std::min(period, x_options.summary_period);
    return std::max<duration>(period, std::chrono::milliseconds{1});
  }

  template <typed_event E>
  void take(std::size_t root, const received<E>& ev) {
    if constexpr (std::is_same_v<E, any_status>) {
      // A query requires no field, so a status that cannot be read looks like one; only a request is.
      if (!ev.has_reply() && std::holds_alternative<agent::status_query>(*ev)) {
        decoded<agent::status_change> status;
        return refuse(root, ev.message(), status.template decode<typename E::codec_type>(ev.message()));
      }
    }
    x_metrics.components[root].messages.add();
    x_metrics.events[place_of<E>].messages.add();
    learn(x_metrics, ev);
    log([&] { return shown_text(ev.subject(), 256) + " " + shown_text(ev.message().data(), 512); });
    check(moment::message);
  }

  /// Counts what is in no catalogue, or is not what the catalogue says.
  void refuse(std::size_t root, const message& m, const error& why) {
    auto& component = x_metrics.components[root];
    const auto place = router::find(m.subject());
    component.messages.add();
    if (place == router::npos) {
      ++component.unknown;
      odd(m.subject(), "unknown: no event of the catalogue has this subject");
      return;
    }
    ++component.unreadable;
    x_metrics.events[place].messages.add();
    ++x_metrics.events[place].unreadable;
    odd(m.subject(), "unreadable: " + shown_text(why.detail.empty() ? why.code.message() : why.detail, 512));
  }

  void tick(time_point at) {
    send_alerts();
    const bool window_ends = at - x_metrics.window_start >= x_options.window;
    check(window_ends ? moment::window_end : moment::tick);
    if (window_ends) {
      x_metrics.close_window(at);
      if (x_options.on_window) x_options.on_window();
    }
    if (x_options.summary_period > duration::zero() && at - x_last_summary >= x_options.summary_period) {
      x_last_summary = at;
      if (x_options.publish) static_cast<void>(publish_summaries());
    }
  }

  /// One of each component observed; gives the first failure.
  std::error_code publish_summaries() {
    std::error_code first;
    for (std::size_t i = 0; i != roots.size(); ++i) {
      if (!x_metrics.observed[i]) continue;
      const auto text = metrics_json(figures(), i, now());
      const summary s{roots[i], raw_json{text}, timestamp::now()};
      const auto failed = publish<metrics_summary>(s);
      if (failed) ++x_metrics.unsent;
      if (!first) first = failed;
    }
    return first;
  }

  /// A subscription has ended, for a reason or because it was told to.
  void ended(std::size_t root, const std::exception_ptr& thrown) {
    --active;
    if (active == 0) timer.cancel();
    if (!thrown) return;
    if (!failure) failure = thrown;
    try {
      std::rethrow_exception(thrown);
    } catch (const std::exception& e) {
      odd(std::string{roots[root]} + ".>", std::string{"ended: "} + e.what());
    }
  }

  void unsubscribe() {
    for (auto& s : subscriptions) s.messages.unsubscribe();
  }
  /// The observer is gone, and the connection may follow.
  void abandon() {
    x_abandoned = true;
    x_options.log = {};
    x_options.on_alert = {};
    x_options.on_window = {};
    subscriptions.clear();
    timer.cancel();
  }
  [[nodiscard]] bool is_abandoned() const noexcept { return x_abandoned; }

  asio::steady_timer timer;
  std::vector<root_subscription> subscriptions{};
  std::size_t active = 0;  // loops
  bool running = false;
  std::exception_ptr failure{};

 private:
  struct owned_alert {
    std::string_view type{};  // of a rule: a literal, as is the component
    std::string_view component{};
    level severity{};
    std::string message{};
    innate::timestamp time{};
  };

  static std::string listed() {
    std::string all;
    for (const auto root : roots) all.append(all.empty() ? "" : ", ").append(root);
    return all;
  }

  static void require(bool good, const std::string& otherwise) {
    if (!good) throw std::system_error(errc::invalid_option, otherwise);
  }

  template <typed_event E>
  std::error_code publish(const typename E::payload_type& payload) {
    if (x_abandoned) return errc::connection_closed;
    return x_nats.template try_publish<E>(payload);
  }

  template <class Line>
  void log(Line line) {
    if (x_options.log) x_options.log(line());
  }

  void odd(std::string_view subject, std::string reason) {
    auto shown = shown_text(subject, 128);
    log([&] { return shown + " " + reason; });
    x_metrics.note_oddity(std::move(shown), std::move(reason));
  }

  void check(moment at) {
    x_rules.check(x_metrics, at, [this](const alert_rule& rule, std::string message) {
      owned_alert a;
      a.type = rule.type;
      a.component = rule.component;
      a.severity = rule.raised ? rule.severity : level::info;
      a.message = std::move(message);
      a.time = timestamp::now();
      if (rule.raised) ++x_metrics.alerts_raised;
      tell(std::move(a));
    });
  }

  void tell(owned_alert a) {
    log([&] {
      return "alert " + std::string{names_of(a.severity)[static_cast<std::size_t>(a.severity)]} + " " +
             std::string{a.component} + " " + std::string{a.type} + ": " + a.message;
    });
    if (x_options.on_alert) x_options.on_alert(payload_of(a));
    if (!x_options.publish) return;
    constexpr std::size_t most_waiting = 64;
    if (x_waiting.size() == most_waiting) {
      x_waiting.pop_front();
      ++x_metrics.unsent;
    }
    x_waiting.push_back(std::move(a));
    send_alerts();
  }

  /// What cannot be sent now is tried again with the next tick: an alert is told once, so it must not be lost.
  void send_alerts() {
    while (!x_waiting.empty() && !publish<alerts>(payload_of(x_waiting.front()))) x_waiting.pop_front();
  }

  [[nodiscard]] static alert payload_of(const owned_alert& a) {
    return {a.type, a.severity, a.component, a.message, a.time};
  }

  endpoint<definition> x_nats;
  observer_options x_options;
  alert_rules x_rules;
  observability::metrics x_metrics{};
  std::deque<owned_alert> x_waiting{};
  time_point x_last_summary{};
  bool x_abandoned = false;
};

}  // namespace innate::inline v0::sdk::observability
