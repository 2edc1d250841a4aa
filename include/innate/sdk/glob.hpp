// SPDX-License-Identifier: Apache-2.0
/// Globs over cache keys: `*` stands for any run of characters, `?` for one; everything else for itself.
#pragma once

#include <cstddef>
#include <string_view>

namespace innate::inline v0::sdk {

/// Linear in memory, at most pattern times text in time; no recursion.
[[nodiscard]] constexpr bool glob_matches(std::string_view pattern, std::string_view text) noexcept {
  std::size_t p = 0;
  std::size_t t = 0;
  std::size_t star = pattern.npos;  // where to go on after a mismatch
  std::size_t from = 0;
  while (t != text.size()) {
    if (p != pattern.size() && pattern[p] == '*') {
      star = ++p;
      from = t;
    } else if (p != pattern.size() && (pattern[p] == '?' || pattern[p] == text[t])) {
      ++p;
      ++t;
    } else if (star != pattern.npos) {
      p = star;
      t = ++from;
    } else {
      return false;
    }
  }
  while (p != pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

}  // namespace innate::inline v0::sdk
