// SPDX-License-Identifier: Apache-2.0
/// Flow 1: two agents write to each other's inboxes.
#include "example.hpp"

#include <innate/sdk/agent_framework.hpp>

#include <asio/experimental/awaitable_operators.hpp>

using namespace asio::experimental::awaitable_operators;
namespace sdk = innate::sdk;
using inbox = innate::received<sdk::agent::inbox>;

asio::awaitable<void> agents() {
  auto link_a = co_await innate::connect(example::options());
  auto link_b = co_await innate::connect(example::options());

  sdk::agent_framework* self = nullptr;  // agent-b's, which answers
  sdk::agent_options b_options{"agent-b"};
  b_options.on_message = [&self](inbox m) -> asio::awaitable<void> {
    std::cout << "agent-b got '" << m->content << "' from " << m->from_agent << "\n";
    co_await self->send(m->from_agent, "Hello from Agent B", "answer");
  };
  sdk::agent_options a_options{"agent-a"};
  a_options.on_message = [&link_a, &link_b](const inbox& m) {
    std::cout << "agent-a got '" << m->content << "' from " << m->from_agent << "\n";
    link_a.close();
    link_b.close();
  };

  sdk::agent_framework a{link_a, a_options};
  sdk::agent_framework b{link_b, b_options};
  self = &b;
  co_await link_b.flush();  // its inbox is known to the server
  co_await a.send("agent-b", "Hello from Agent A", "task");
  co_await (a.run() && b.run());
}

int main() { return example::run(agents()); }
