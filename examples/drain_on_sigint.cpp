// SPDX-License-Identifier: Apache-2.0
/// A worker that finishes what it has begun when it is interrupted: kill -INT ends it with status 0.
#include "example.hpp"

#include <csignal>

asio::awaitable<void> worker() {
  auto nc = co_await innate::connect(example::options());
  auto tasks = nc.subscribe("example.jobs", {.queue = "workers"});
  asio::signal_set signals{nc.get_executor(), SIGINT, SIGTERM};
  signals.async_wait([&](std::error_code aborted, int) {
    if (!aborted) nc.drain([](std::error_code) {});
  });
  co_await nc.flush();
  std::cout << "ready" << std::endl;
  int done = 0;
  while (auto m = co_await tasks.next()) ++done;
  std::cout << "drained after " << done << " jobs\n";
}

int main() { return example::run(worker()); }
