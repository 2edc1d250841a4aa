// SPDX-License-Identifier: Apache-2.0
/// Publish, and receive by a wildcard.
#include "example.hpp"

asio::awaitable<void> pub_sub() {
  auto nc = co_await innate::connect(example::options());
  auto sub = nc.subscribe("example.weather.*", {.max_messages = 3});
  for (const std::string city : {"berlin", "lima", "oslo"})
    co_await nc.publish("example.weather." + city, "sunny in " + city);
  while (auto m = co_await sub.next()) std::cout << m->subject() << ": " << m->data() << "\n";
  co_await nc.drain();
}

int main() { return example::run(pub_sub()); }
