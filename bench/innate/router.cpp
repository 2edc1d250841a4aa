// SPDX-License-Identifier: Apache-2.0
// route [--count N] [--templates 4|40]
#include "routing.hpp"
#include "scenario.hpp"

namespace bench {

scenario route(const arguments& given) {
  const auto count = given.number("count", 1'000'000);
  switch (given.number("templates", 4)) {
  case 4: routing::route_through<4>(count); break;
  case 40: routing::route_through<40>(count); break;
  default: unknown("templates", given.text("templates", ""));
  }
  co_return;
}

}  // namespace bench
