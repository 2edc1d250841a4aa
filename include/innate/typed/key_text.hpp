// SPDX-License-Identifier: Apache-2.0
/// The name of a field as it stands in the text of a payload.
#pragma once

#include <innate/meta/fixed_string.hpp>

#include <array>
#include <cstddef>

namespace innate::inline v0::typed {

/// `"name":` with what separates it from the field before it.
template <meta::fixed_string name, bool first>
inline constexpr auto key_text = [] {
  std::array<char, name.size() + 4> text{};
  text[0] = first ? '{' : ',';
  text[1] = '"';
  for (std::size_t i = 0; i != name.size(); ++i) text[2 + i] = name.characters[i];
  text[name.size() + 2] = '"';
  text[name.size() + 3] = ':';
  return text;
}();

}  // namespace innate::inline v0::typed
