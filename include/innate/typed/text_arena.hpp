// SPDX-License-Identifier: Apache-2.0
/// Owns the few texts of a payload that could not stay where they were, because they had escapes.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

namespace innate::inline v0::typed {

/// Moving it moves no text. Allocates nothing until asked to.
class text_arena {
 public:
  [[nodiscard]] char* allocate(std::size_t size) {
    return x_blocks.emplace_back(std::make_unique_for_overwrite<char[]>(size)).get();
  }

 private:
  std::vector<std::unique_ptr<char[]>> x_blocks;
};

}  // namespace innate::inline v0::typed
