// SPDX-License-Identifier: Apache-2.0
/// A connection belongs to one executor; other threads publish and request through a shared handle.
#include "example.hpp"

#include <thread>
#include <vector>

asio::awaitable<void> receive(innate::subscription& sub, int expected) {
  for (int i = 0; i != expected; ++i) co_await sub.next();
}

asio::awaitable<void> from_threads() {
  auto nc = co_await innate::connect(example::options());
  auto sub = nc.subscribe("example.threads");
  const auto shared = nc.share();
  std::vector<std::jthread> threads;
  for (int t = 0; t != 4; ++t)
    threads.emplace_back([shared] {
      for (int i = 0; i != 100; ++i)
        if (shared.try_publish("example.threads", "x")) std::abort();
    });
  co_await receive(sub, 400);
  std::cout << "400 messages from 4 threads\n";
  co_await nc.drain();
}

int main() { return example::run(from_threads()); }
