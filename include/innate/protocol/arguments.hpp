// SPDX-License-Identifier: Apache-2.0
/// The words of a control line: split at blanks, numbers read with overflow checks.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string_view>

namespace innate::inline v0::protocol {

class arguments {
 public:
  explicit constexpr arguments(std::string_view line) noexcept : x_line(line) {}

  static constexpr std::size_t most = 6;
  struct words {
    std::array<std::string_view, most> at{};
    std::size_t count = 0;  ///< `most` when there are more than any op takes
  };

  /// Any number of blanks separates words.
  [[nodiscard]] constexpr words split() const noexcept {
    words w;
    const char* at = x_line.data();
    const char* const end = at + x_line.size();
    while (w.count != most) {
      while (at != end && blank(*at)) ++at;
      if (at == end) break;
      const char* const start = at;
      while (at != end && !blank(*at)) ++at;
      w.at[w.count++] = {start, static_cast<std::size_t>(at - start)};
    }
    return w;
  }

  /// Everything, without blanks around it.
  [[nodiscard]] constexpr std::string_view text() const noexcept {
    auto t = x_line;
    while (!t.empty() && blank(t.front())) t.remove_prefix(1);
    while (!t.empty() && blank(t.back())) t.remove_suffix(1);
    return t;
  }

  [[nodiscard]] static constexpr bool blank(char c) noexcept { return c == ' ' || c == '\t'; }

  /// Equal but for the case of ASCII letters; `upper` is upper case.
  [[nodiscard]] static constexpr bool same(std::string_view text, std::string_view upper) noexcept {
    for (std::size_t i = 0; i != upper.size(); ++i) {
      const char c = text[i] >= 'a' && text[i] <= 'z' ? static_cast<char>(text[i] - 'a' + 'A') : text[i];
      if (c != upper[i]) return false;
    }
    return true;
  }

  /// Digits only, no sign; false when empty, not a number, or too large.
  [[nodiscard, gnu::always_inline]] static constexpr bool number(std::string_view digits,
                                                                 std::uint64_t& value) noexcept {
    constexpr std::size_t safe = std::numeric_limits<std::uint64_t>::digits10;  // so many cannot be too large
    if (digits.size() - 1 >= safe) return long_number(digits, value);
    std::uint64_t n = 0;
    const char* at = digits.data();
    do {  // an empty word went the long way
      const auto digit = static_cast<unsigned>(static_cast<unsigned char>(*at)) - '0';
      if (digit > 9) return false;
      n = n * 10 + digit;
    } while (++at != digits.data() + digits.size());
    value = n;
    return true;
  }

 private:
  // Out of line, so that what comes with every message stays small.
  [[nodiscard, gnu::noinline]] static constexpr bool long_number(std::string_view digits,
                                                                 std::uint64_t& value) noexcept {
    if (digits.size() != std::numeric_limits<std::uint64_t>::digits10 + 1) return false;
    std::uint64_t front = 0;
    std::uint64_t last = 0;
    if (!number(digits.substr(0, digits.size() - 1), front) || !number(digits.substr(digits.size() - 1), last))
      return false;
    if (front > (std::numeric_limits<std::uint64_t>::max() - last) / 10) return false;
    value = front * 10 + last;
    return true;
  }

  std::string_view x_line;
};

}  // namespace innate::inline v0::protocol
