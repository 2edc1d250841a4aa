// SPDX-License-Identifier: Apache-2.0
/// A service that answers, a client that asks, and what asking nobody gives.
#include "example.hpp"

asio::awaitable<void> serve(innate::connection& nc, innate::subscription& requests) {
  while (auto m = co_await requests.next()) co_await nc.respond(*m, "hello " + std::string{m->data()});
}

asio::awaitable<void> request_reply() {
  auto nc = co_await innate::connect(example::options());
  auto requests = nc.subscribe("example.greet");
  asio::co_spawn(nc.get_executor(), serve(nc, requests), asio::detached);
  const auto reply = co_await nc.request("example.greet", "joe", {.timeout = std::chrono::seconds{2}});
  std::cout << reply.data() << "\n";
  std::error_code failed;
  try {
    co_await nc.request("example.nobody", "?");
  } catch (const std::system_error& e) {
    failed = e.code();
  }
  std::cout << "asking nobody: " << failed.message() << "\n";
  co_await nc.drain();
}

int main() { return example::run(request_reply()); }
