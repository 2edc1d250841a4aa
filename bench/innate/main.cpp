// SPDX-License-Identifier: Apache-2.0
// The innate client of the benchmarks: innate_client SCENARIO --port N …
#include "scenario.hpp"

#include <array>
#include <cstdio>
#include <exception>

namespace {

struct entry {
  std::string_view name;
  bench::scenario (*run)(const bench::arguments&);
};

constexpr std::array scenarios{
    entry{"publish", bench::publish},
    entry{"receive", bench::receive},
    entry{"dispatch", bench::dispatch},
    entry{"subscriptions", bench::subscriptions},
    entry{"idle", bench::idle},
    entry{"fan_out", bench::fan_out},
    entry{"request", bench::request},
    entry{"shared", bench::shared},
    entry{"typed_publish", bench::typed_publish},
    entry{"typed_receive", bench::typed_receive},
    entry{"route", bench::route},
};

}  // namespace

int main(int argc, char** argv) try {
  const std::string_view wanted = argc > 1 ? argv[1] : "";
  for (const auto& [name, run] : scenarios) {
    if (name != wanted) continue;
    const bench::arguments given{argc, argv, 2};
    asio::io_context io{1};
    auto done = asio::co_spawn(io, run(given), asio::use_future);
    io.run();
    done.get();
    return 0;
  }
  throw std::runtime_error("there is no scenario '" + std::string{wanted} + "'");
} catch (const std::exception& thrown) {
  std::fprintf(stderr, "innate_client: %s\n", thrown.what());
  return 1;
}
