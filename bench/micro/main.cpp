// SPDX-License-Identifier: Apache-2.0
/// micro: nanoseconds and bytes a second by Google Benchmark; `micro --names` lists the operations, `micro --run NAME
/// TIMES` only runs one, for a tool that counts instructions (bench/micro/instructions).
#include "operations.hpp"

#include <benchmark/benchmark.h>

#include <charconv>
#include <cstdint>
#include <cstdio>
#include <string_view>

namespace {

constexpr std::size_t batch = 1000;

void measure(benchmark::State& state, const micro::operation& o) {
  while (state.KeepRunningBatch(batch)) o.run(batch);
  if (o.bytes != 0) state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(o.bytes));
}

int run_one(const std::vector<micro::operation>& all, std::string_view name, std::string_view times) {
  std::size_t count = 0;
  std::from_chars(times.data(), times.data() + times.size(), count);
  for (const auto& o : all) {
    if (o.name != name) continue;
    o.run(count);
    return 0;
  }
  std::fprintf(stderr, "micro: there is no operation '%.*s'\n", static_cast<int>(name.size()), name.data());
  return 2;
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<micro::operation> all;
  micro::add_wire(all);
  micro::add_subjects(all);
  micro::add_json(all);
  const std::string_view first = argc > 1 ? argv[1] : "";
  if (first == "--names") {
    for (const auto& o : all) std::puts(o.name.c_str());
    return 0;
  }
  if (first == "--run" && argc == 4) return run_one(all, argv[2], argv[3]);
  for (const auto& o : all)
    benchmark::RegisterBenchmark(o.name.c_str(), [o](benchmark::State& state) { measure(state, o); });
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::RunSpecifiedBenchmarks();
}
