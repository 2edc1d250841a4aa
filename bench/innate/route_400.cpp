// SPDX-License-Identifier: Apache-2.0
// route_400 route [--count N]: 400 templates, a program of its own because they take their time to compile.
#include "routing.hpp"

#include "../support/scenarios.hpp"

namespace {

void route(const bench::arguments& given) { bench::routing::route_through<400>(given.number("count", 1'000'000)); }

}  // namespace

int main(int argc, char** argv) { return bench::run_one_of({{"route", route}}, argc, argv); }
