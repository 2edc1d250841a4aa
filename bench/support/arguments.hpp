// SPDX-License-Identifier: Apache-2.0
/// Command lines of the benchmark programs: `--name value` pairs, each with a default.
#pragma once

#include <charconv>
#include <cstdint>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>

namespace bench {

class arguments {
 public:
  /// Reads pairs from `first` on.
  arguments(int argc, char** argv, int first = 1) {
    for (int i = first; i < argc; i += 2) {
      const std::string_view name{argv[i]};
      if (!name.starts_with("--") || i + 1 == argc)
        throw std::runtime_error("not a pair '--name value': " + std::string{name});
      x_values[std::string{name.substr(2)}] = argv[i + 1];
    }
  }

  [[nodiscard]] std::string text(const std::string& name, std::string_view otherwise) const {
    const auto found = x_values.find(name);
    return found == x_values.end() ? std::string{otherwise} : found->second;
  }

  [[nodiscard]] std::uint64_t number(const std::string& name, std::uint64_t otherwise) const {
    const auto found = x_values.find(name);
    if (found == x_values.end()) return otherwise;
    const std::string_view digits{found->second};
    std::uint64_t value = 0;
    const auto [end, failed] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (failed != std::errc{} || end != digits.data() + digits.size())
      throw std::runtime_error("--" + name + " is not a number: " + std::string{digits});
    return value;
  }

  [[nodiscard]] std::uint16_t port() const { return static_cast<std::uint16_t>(number("port", 4222)); }

 private:
  std::map<std::string, std::string> x_values;
};

}  // namespace bench
