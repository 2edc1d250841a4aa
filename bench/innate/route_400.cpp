// SPDX-License-Identifier: Apache-2.0
// route_400 route [--count N]: 400 templates, a program of its own because they take their time to compile.
#include "routing.hpp"

#include "../support/arguments.hpp"

#include <exception>

int main(int argc, char** argv) try {
  const bench::arguments given{argc, argv, 2};
  bench::routing::route_through<400>(given.number("count", 1'000'000));
  return 0;
} catch (const std::exception& thrown) {
  std::fprintf(stderr, "route_400: %s\n", thrown.what());
  return 1;
}
