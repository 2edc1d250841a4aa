// SPDX-License-Identifier: Apache-2.0
// The innate client of the benchmarks: innate_client SCENARIO --port N …
#include "scenario.hpp"

#include "../support/scenarios.hpp"

namespace {

template <bench::scenario (*Scenario)(const bench::arguments&)>
void in_loop(const bench::arguments& given) {
  asio::io_context io{1};
  auto done = asio::co_spawn(io, Scenario(given), asio::use_future);
  io.run();
  done.get();
}

}  // namespace

int main(int argc, char** argv) {
  return bench::run_one_of({{"publish", in_loop<bench::publish>},
                            {"receive", in_loop<bench::receive>},
                            {"dispatch", in_loop<bench::dispatch>},
                            {"subscriptions", in_loop<bench::subscriptions>},
                            {"idle", in_loop<bench::idle>},
                            {"fan_out", in_loop<bench::fan_out>},
                            {"request", in_loop<bench::request>},
                            {"shared", in_loop<bench::shared>},
                            {"typed_publish", in_loop<bench::typed_publish>},
                            {"typed_receive", in_loop<bench::typed_receive>},
                            {"route", in_loop<bench::route>}},
                           argc, argv);
}
