// SPDX-License-Identifier: Apache-2.0
/// Figures as people read them: numbers with a unit, columns that line up.
#pragma once

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace innate::inline v0::sdk {

/// Without locale; `null` when it is infinite or not a number, so that it may stand in JSON.
[[nodiscard]] inline std::string number_text(double value, int decimals) {
  if (!std::isfinite(value)) return "null";
  std::array<char, 400> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed, decimals).ptr;
  return {text.data(), end};
}

[[nodiscard]] inline std::string percent_text(double share) { return number_text(share * 100, 1) + "%"; }

/// `1.50s`, `12.0ms`, `250.0us`.
[[nodiscard]] inline std::string seconds_text(double seconds) {
  if (seconds >= 1) return number_text(seconds, 2) + "s";
  if (seconds >= 1e-3) return number_text(seconds * 1e3, 1) + "ms";
  return number_text(seconds * 1e6, 1) + "us";
}

/// Rows of cells; the first column is aligned to the left, the others to the right.
class text_table {
 public:
  void add(std::vector<std::string> row) { x_rows.push_back(std::move(row)); }

  [[nodiscard]] std::size_t size() const noexcept { return x_rows.size(); }

  /// Each row a line that ends in a line feed.
  [[nodiscard]] std::string text() const {
    std::vector<std::size_t> widths;
    for (const auto& row : x_rows) {
      widths.resize(std::max(widths.size(), row.size()));
      for (std::size_t i = 0; i != row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
    }
    std::string out;
    for (const auto& row : x_rows) {
      for (std::size_t i = 0; i != row.size(); ++i) {
        const std::string blanks(widths[i] - row[i].size(), ' ');
        if (i != 0) out += "  ";
        out += i == 0 && row.size() != 1 ? row[i] + blanks : i == 0 ? row[i] : blanks + row[i];
      }
      out += '\n';
    }
    return out;
  }

 private:
  std::vector<std::vector<std::string>> x_rows;
};

}  // namespace innate::inline v0::sdk
