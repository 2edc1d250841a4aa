// SPDX-License-Identifier: Apache-2.0
/// monitor: what happens on a server, as observability sees it; an onlooker that publishes nothing.
#include "common.hpp"

#include <innate/sdk/observer.hpp>
#include <innate/sdk/shown_text.hpp>
#include <innate/typed.hpp>

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/steady_timer.hpp>

#include <cstdio>
#include <deque>
#include <exception>
#include <memory>

#include <unistd.h>

namespace cli {

namespace {

namespace obs = innate::sdk::observability;
using obs::json_object;

struct monitor_options {
  std::vector<std::string> components{};
  std::string duration{}, interval = "1s";
  bool json = false;
};

/// The observer and what it shows; shared with the loops that may end after the command.
class view {
 public:
  view(innate::connection& nc, const monitor_options& o, innate::duration interval)
      : x_json(o.json), x_chosen(!o.components.empty()), x_watcher(nc, options_for(o, interval)) {}

  [[nodiscard]] innate::sdk::observer& watcher() noexcept { return x_watcher; }

  /// `from`: who says so; this program, or an observability component on the server.
  void note(const obs::alert& a, std::string_view from) {
    if (x_chosen && !x_watcher.observes(a.component)) return;
    const auto time = a.timestamp == innate::timestamp{} ? innate::timestamp::now() : a.timestamp;
    const auto severity = names_of(a.severity)[static_cast<std::size_t>(a.severity)];
    std::string line;
    if (x_json) {
      line = json_object{}
                 .add_text("from", from)
                 .add_text("alert_type", a.alert_type)
                 .add_text("severity", severity)
                 .add_text("component", a.component)
                 .add_text("message", a.message)
                 .add_text("timestamp", time.text())
                 .text();
    } else {
      const auto text = time.text() + " " + std::string{severity} + " " + std::string{a.component} + " " +
                        std::string{a.alert_type} + ": " + std::string{a.message} + " (" + std::string{from} + ")";
      line = innate::sdk::shown_text(text, 1024);
    }
    if (x_alerts.size() == kept) x_alerts.pop_front();
    x_alerts.push_back(std::move(line));
  }

  void print() {
    const auto text = x_json ? json() : table();
    std::fwrite(text.data(), 1, text.size(), stdout);
    std::fflush(stdout);
    x_printed = received();
    if (x_json || !x_terminal) x_alerts.clear();  // on a terminal the latest stay in sight
  }
  /// Something came, or nothing was ever printed.
  [[nodiscard]] bool has_news() const { return received() != x_printed || !x_alerts.empty(); }

  static constexpr std::string_view own = "monitor";

 private:
  static constexpr std::size_t kept = 256;

  [[nodiscard]] innate::sdk::observer_options options_for(const monitor_options& o, innate::duration interval) {
    innate::sdk::observer_options options;
    options.window = interval;
    options.summary_period = {};
    options.publish = false;
    options.components = o.components;
    options.on_alert = [this](const obs::alert& a) { note(a, own); };
    options.on_window = [this] { print(); };
    return options;
  }

  [[nodiscard]] std::uint64_t received() const {
    std::uint64_t count = 0;
    for (const auto& c : x_watcher.figures().components) count += c.messages.total;
    return count;
  }

  [[nodiscard]] std::string json() const {
    json_object components;
    for (const auto name : obs::roots)
      if (x_watcher.observes(name)) components.add(name, x_watcher.metrics(name));
    std::string alerts = "[";
    for (const auto& a : x_alerts) alerts += (alerts.size() == 1 ? "" : ",") + a;
    std::string odd = "[";
    for (const auto& one : x_watcher.figures().oddities)
      odd += (odd.size() == 1 ? "" : ",") +
             json_object{}.add_text("subject", one.subject).add_text("reason", one.reason).text();
    json_object line;
    line.add_text("timestamp", innate::timestamp::now().text())
        .add("components", components.text())
        .add("alerts", alerts + "]")
        .add("not_understood", odd + "]")
        .add("lost", x_watcher.figures().lost);
    return line.text() + "\n";
  }

  [[nodiscard]] std::string table() const {
    constexpr std::string_view home_and_clear = "\x1b[H\x1b[2J";
    std::string text{x_terminal ? home_and_clear : std::string_view{}};
    text += innate::timestamp::now().text() + "\n" + x_watcher.table();
    const std::size_t most = x_terminal ? 10 : kept;
    for (auto i = x_alerts.size() > most ? x_alerts.size() - most : 0; i != x_alerts.size(); ++i)
      text += "alert " + x_alerts[i] + "\n";
    return text + "\n";
  }

  bool x_json;
  bool x_chosen;  // some components, not all
  bool x_terminal = ::isatty(STDOUT_FILENO) == 1;
  std::deque<std::string> x_alerts{};
  std::uint64_t x_printed = ~std::uint64_t{0};
  innate::sdk::observer x_watcher;
};

asio::awaitable<void> show_alerts(innate::event_subscription<obs::alerts>& from, std::shared_ptr<view> v) {
  while (auto a = co_await from.next()) v->note(**a, "observability");
}

asio::awaitable<void> monitor(innate::connection& nc, std::shared_ptr<monitor_options> o) {
  const auto interval = read_duration(o->interval, "--interval");
  const auto patience = o->duration.empty() ? innate::duration{} : read_duration(o->duration, "--duration");
  if (interval <= innate::duration::zero()) throw failure("option --interval: it must be longer than 0");
  auto v = std::make_shared<view>(nc, *o, interval);
  // Shared with the loop over it, which ends after the command when that fails.
  auto alerts = std::make_shared<innate::event_subscription<obs::alerts>>(nc.subscribe<obs::alerts>());
  asio::co_spawn(nc.get_executor(), show_alerts(*alerts, v), [alerts](const std::exception_ptr&) {});
  co_await nc.flush();
  std::fprintf(stderr, "monitoring %s\n", nc.current_server().c_str());
  asio::steady_timer end{nc.get_executor()};
  if (patience > innate::duration::zero()) {
    end.expires_after(patience);
    end.async_wait([v](std::error_code aborted) {
      if (!aborted) v->watcher().stop();
    });
  }
  co_await v->watcher().run();
  alerts->plain().unsubscribe();
  if (v->has_news()) v->print();
}

}  // namespace

void add_monitor(CLI::App& app, chosen& to) {
  auto o = std::make_shared<monitor_options>();
  auto* c = app.add_subcommand("monitor", "show the events of all components: counts, rates, latencies, alerts");
  c->add_option("--component", o->components,
                "only this component, repeatable: agent, rag, cache, api, gateway, "
                "database, component")
      ->take_all()
      ->allow_extra_args(false);
  c->add_option("--interval", o->interval, "how often to show it, as 500ms or 2s")->capture_default_str();
  c->add_option("--duration", o->duration, "end after this time; without it, when interrupted");
  c->add_flag("--json", o->json, "one JSON object a line, one line an interval");
  c->footer("It sees what is published while it runs. Alerts are its own, by the default thresholds over one interval, "
            "and those that an observability component publishes.");
  c->callback([=, &to] { to.run = [o](innate::connection& nc) { return monitor(nc, o); }; });
}

}  // namespace cli
