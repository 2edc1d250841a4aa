// SPDX-License-Identifier: Apache-2.0
/// Headers: several values of one name, read back with their case.
#include "example.hpp"

asio::awaitable<void> send_headers() {
  auto nc = co_await innate::connect(example::options());
  auto sub = nc.subscribe("example.headers");
  innate::headers h;
  h.add("Trace-Id", "42").add("Hop", "a").add("Hop", "b");
  co_await nc.publish("example.headers", "body", {.reply = {}, .headers = h});
  const auto m = co_await sub.next();
  for (const auto& [name, value] : m->headers()) std::cout << name << " = " << value << "\n";
  co_await nc.drain();
}

int main() { return example::run(send_headers()); }
