// SPDX-License-Identifier: Apache-2.0
// expect: a callback takes an innate::message and returns void or asio::awaitable<void>
#include <innate/sdk/client.hpp>

void use(innate::sdk::nats_client& client) {
#if defined(FIXED)
  client.subscribe("a.*", [](const innate::message&) {});
  client.subscribe("a.*", [](innate::message) -> asio::awaitable<void> { co_return; });
#else
  client.subscribe("a.*", [](const innate::message& m) { return m.data().size(); });
#endif
}
