// SPDX-License-Identifier: Apache-2.0
/// Round trips of requests, kept whole and read as percentiles.
#pragma once

#include "stopwatch.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <vector>

namespace bench {

class latencies {
 public:
  using clock = std::chrono::steady_clock;

  explicit latencies(std::size_t expected) { x_all.reserve(expected); }

  void add(clock::duration taken) { x_all.push_back(taken); }

  void report(json_line& line) {
    std::sort(x_all.begin(), x_all.end());
    line.add("p50_us", percentile(50)).add("p90_us", percentile(90)).add("p99_us", percentile(99));
  }

 private:
  [[nodiscard]] double percentile(std::size_t p) const {
    if (x_all.empty()) return 0;
    const std::chrono::duration<double, std::micro> taken = x_all[(x_all.size() - 1) * p / 100];
    return taken.count();
  }

  std::vector<clock::duration> x_all;
};

}  // namespace bench
