// SPDX-License-Identifier: Apache-2.0
/// Members of a queue group share the messages: each goes to one of them.
#include "example.hpp"

#include <array>

asio::awaitable<void> work(innate::subscription& tasks, int& done) {
  while (auto m = co_await tasks.next()) ++done;
}

asio::awaitable<void> queue_group() {
  auto nc = co_await innate::connect(example::options());
  std::array<innate::subscription, 3> members;
  std::array<int, 3> done{};
  for (std::size_t i = 0; i != members.size(); ++i) {
    members[i] = nc.subscribe("example.tasks", {.queue = "workers"});
    asio::co_spawn(nc.get_executor(), work(members[i], done[i]), asio::detached);
  }
  for (int i = 0; i != 300; ++i) co_await nc.publish("example.tasks", std::to_string(i));
  co_await nc.flush();
  co_await nc.drain();  // ends when all that was delivered has been consumed
  for (const int n : done) std::cout << "a member did " << n << "\n";
  if (done[0] + done[1] + done[2] != 300) throw std::runtime_error("tasks got lost");
}

int main() { return example::run(queue_group()); }
