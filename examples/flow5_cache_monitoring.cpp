// SPDX-License-Identifier: Apache-2.0
/// Flow 5: lookups in the cache become events, of which observability makes a hit rate.
#include "example.hpp"

#include <innate/sdk/cache_mechanism.hpp>
#include <innate/sdk/observer.hpp>

namespace sdk = innate::sdk;

asio::awaitable<void> cache_monitoring() {
  auto cache_link = co_await innate::connect(example::options());
  auto observer_link = co_await innate::connect(example::options());
  sdk::cache_mechanism cache{cache_link};
  sdk::observer_options options;
  options.components = {"cache"};
  sdk::observer observer{observer_link, options};
  co_await observer_link.flush();
  asio::co_spawn(observer_link.get_executor(), observer.run(), asio::detached);

  cache.put("query-123", "an answer", std::chrono::seconds{300});
  for (const auto* key : {"query-123", "query-123", "query-123", "query-124"})
    std::cout << key << (cache.get(key) ? ": cache.hit\n" : ": cache.miss\n");

  const auto& figures = observer.figures();
  while (figures.lookups() != 4) {
    co_await cache_link.flush();
    co_await observer_link.flush();
  }
  std::cout << "hit rate " << figures.hit_rate() * 100 << " %\n";
  observer_link.close();
}

int main() { return example::run(cache_monitoring()); }
