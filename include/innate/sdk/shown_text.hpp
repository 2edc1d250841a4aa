// SPDX-License-Identifier: Apache-2.0
/// Text of others made safe to show and to send: what exceptions say, payloads in a log.
#pragma once

#include <innate/typed/utf8.hpp>

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

namespace innate::inline v0::sdk {

/// At most `most` bytes of `text`, on one line and without what could steer a terminal; UTF-8 stays UTF-8.
[[nodiscard]] inline std::string shown_text(std::string_view text, std::size_t most) {
  std::string out;
  while (!text.empty()) {
    const auto size = typed::utf8_sequence(text);
    if (out.size() + std::max<std::size_t>(size, 1) > most) return out += "...";
    const auto byte = static_cast<unsigned char>(text.front());
    // U+0080 to U+009F are control characters too
    const bool control =
        byte < 0x20 || byte == 0x7F || (size == 2 && byte == 0xC2 && static_cast<unsigned char>(text[1]) < 0xA0);
    if (size == 0 || control)
      out += '?';
    else
      out += text.substr(0, size);
    text.remove_prefix(std::max<std::size_t>(size, 1));
  }
  return out;
}

}  // namespace innate::inline v0::sdk
