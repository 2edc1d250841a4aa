// SPDX-License-Identifier: Apache-2.0
/// `main` of the benchmark programs: the first word names a scenario, the others are its arguments.
#pragma once

#include "arguments.hpp"

#include <cstddef>
#include <cstdio>
#include <exception>
#include <stdexcept>
#include <string>
#include <string_view>

namespace bench {

struct named_scenario {
  std::string_view name;
  void (*run)(const arguments&);
};

/// 0 when one of them was run, 1 when stderr says what is wrong.
template <std::size_t N>
int run_one_of(const named_scenario (&all)[N], int argc, char** argv) {
  try {
    const std::string_view wanted = argc > 1 ? argv[1] : "";
    for (const auto& [name, run] : all) {
      if (name != wanted) continue;
      run(arguments{argc, argv, 2});
      return 0;
    }
    std::string names;
    for (const auto& s : all) names.append(" ").append(s.name);
    throw std::runtime_error("there is no scenario '" + std::string{wanted} + "'; there are:" + names);
  } catch (const std::exception& thrown) {
    std::fprintf(stderr, "%s: %s\n", argv[0], thrown.what());
    return 1;
  }
}

}  // namespace bench
