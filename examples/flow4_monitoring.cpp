// SPDX-License-Identifier: Apache-2.0
/// Flow 4: observability hears every event of all components, and raises an alert when a threshold is crossed.
#include "example.hpp"

#include <innate/sdk/events.hpp>
#include <innate/sdk/observer.hpp>

namespace sdk = innate::sdk;
using namespace innate::literals;

asio::awaitable<void> monitoring() {
  auto link = co_await innate::connect(example::options());
  auto components = co_await innate::connect(example::options());
  sdk::observer_options options;
  options.log = [](std::string_view line) { std::cout << line << "\n"; };
  options.thresholds.errors_per_window = 2;
  sdk::observer observer{link, options};
  auto alerts = components.subscribe<sdk::observability::alerts>();
  co_await link.flush();
  co_await components.flush();
  asio::co_spawn(link.get_executor(), observer.run(), asio::detached);

  for (const auto* id : {"task-1", "task-2"}) {
    const sdk::agent::task_error failed{"a1", id, "out of paper", innate::timestamp::now()};
    co_await components.publish<sdk::agent::task_failed>("agent_id"_p = "a1", failed);
  }
  const auto alert = co_await alerts.next();
  std::cout << "\nalert of " << (*alert)->component << ": " << (*alert)->message << "\n\n" << observer.table();
  link.close();
}

int main() { return example::run(monitoring()); }
