// SPDX-License-Identifier: Apache-2.0
/// Flow 3: the API submits tasks, one of three agents executes each, and the results come back to who waits.
#include "example.hpp"

#include <innate/sdk/agent_framework.hpp>
#include <innate/sdk/api_backend.hpp>

#include <asio/experimental/awaitable_operators.hpp>

#include <map>

using namespace asio::experimental::awaitable_operators;
namespace sdk = innate::sdk;

using links = std::vector<innate::connection>;

sdk::agent_options agent(int number) {
  sdk::agent_options options{"agent-" + std::to_string(number)};
  options.execute = [](const sdk::work& task) -> asio::awaitable<std::string> {
    co_return "{\"summary of\":" + task.params + "}";  // JSON
  };
  return options;
}

asio::awaitable<void> submit(sdk::api_backend& api, links& all) {
  for (auto& link : all) co_await link.flush();  // all subscriptions are made
  std::map<std::string, int> done_by;
  for (int i = 0; i != 30; ++i) {
    const auto params = "{\"chapter\":" + std::to_string(i) + "}";
    const auto task = co_await api.submit("agent_task", params, std::chrono::seconds{10});
    if (task.status != "completed") throw std::runtime_error(task.error);
    if (i == 0) std::cout << "task " << task.task_id << " " << task.status << ": " << task.result << "\n";
    ++done_by[task.agent_id];
  }
  for (const auto& [id, count] : done_by) std::cout << id << " did " << count << " tasks\n";
  for (auto& link : all) link.close();
}

asio::awaitable<void> async_task() {
  links all;
  for (int i = 0; i != 4; ++i) all.push_back(co_await innate::connect(example::options()));
  sdk::agent_framework one{all[0], agent(1)};
  sdk::agent_framework two{all[1], agent(2)};
  sdk::agent_framework three{all[2], agent(3)};
  sdk::api_backend api{all[3]};
  co_await (one.run() && two.run() && three.run() && api.run() && submit(api, all));
}

int main() { return example::run(async_task()); }
