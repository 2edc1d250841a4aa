// SPDX-License-Identifier: Apache-2.0
/// Message headers (ADR-4): a view over a received block, and a builder that keeps the block encoded.
#pragma once

#include <innate/protocol/errc.hpp>

#include <cstddef>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace innate::inline v0::protocol {

inline constexpr std::string_view header_version = "NATS/1.0";

struct header {
  std::string_view name{};
  std::string_view value{};
};

/// Views `NATS/1.0[ status[ description]]\r\nName: value\r\n…\r\n`; names keep their case, a name may come several
/// times. Reading is tolerant: blanks around values are left out, a line without a colon is passed over.
class headers_view {
 public:
  constexpr headers_view() = default;
  explicit constexpr headers_view(std::string_view block) noexcept : x_block(block) {}

  class iterator {
   public:
    using value_type = header;
    using difference_type = std::ptrdiff_t;
    using iterator_category = std::input_iterator_tag;
    constexpr iterator() = default;
    explicit constexpr iterator(std::string_view lines) noexcept : x_rest(lines) { advance(); }
    [[nodiscard]] constexpr const header& operator*() const noexcept { return x_current; }
    [[nodiscard]] constexpr const header* operator->() const noexcept { return &x_current; }
    constexpr iterator& operator++() noexcept {
      advance();
      return *this;
    }
    constexpr iterator operator++(int) noexcept {
      const auto before = *this;
      advance();
      return before;
    }
    friend constexpr bool operator==(const iterator& a, const iterator& b) noexcept {
      return a.x_current.name.data() == b.x_current.name.data();
    }

   private:
    constexpr void advance() noexcept {
      while (!x_rest.empty()) {
        const auto end = x_rest.find("\r\n");
        const auto line = x_rest.substr(0, end);
        x_rest.remove_prefix(end == x_rest.npos ? x_rest.size() : end + 2);
        const auto colon = line.find(':');
        if (colon == line.npos || colon == 0) continue;
        x_current = {line.substr(0, colon), trim(line.substr(colon + 1))};
        return;
      }
      x_current = {};
    }
    header x_current{};
    std::string_view x_rest{};
  };

  [[nodiscard]] constexpr iterator begin() const noexcept { return iterator{lines()}; }
  [[nodiscard]] constexpr iterator end() const noexcept { return {}; }

  /// The block as it is on the wire; empty when there are no headers.
  [[nodiscard]] constexpr std::string_view raw() const noexcept { return x_block; }
  [[nodiscard]] constexpr bool empty() const noexcept { return begin() == end(); }
  [[nodiscard]] constexpr std::size_t size() const noexcept {
    std::size_t count = 0;
    for (auto i = begin(); i != end(); ++i) ++count;
    return count;
  }
  /// Begins with the version and ends with an empty line.
  [[nodiscard]] constexpr bool valid() const noexcept {
    return x_block.starts_with(header_version) && x_block.ends_with("\r\n\r\n");
  }

  /// The number on the first line (503, 408, …); 0 when there is none.
  [[nodiscard]] constexpr int status() const noexcept {
    const auto line = status_line();
    int code = 0;
    std::size_t digits = 0;
    while (digits != line.size() && digits != 3 && line[digits] >= '0' && line[digits] <= '9')
      code = code * 10 + (line[digits++] - '0');
    return digits == 3 ? code : 0;
  }
  /// The text behind the status, without blanks around it.
  [[nodiscard]] constexpr std::string_view description() const noexcept {
    return status() ? trim(status_line().substr(3)) : std::string_view{};
  }

  /// The first value of `name`, which is compared with its case.
  [[nodiscard]] constexpr std::optional<std::string_view> get(std::string_view name) const noexcept {
    for (const auto& h : *this)
      if (h.name == name) return h.value;
    return std::nullopt;
  }
  [[nodiscard]] std::vector<std::string_view> values(std::string_view name) const {
    std::vector<std::string_view> found;
    for (const auto& h : *this)
      if (h.name == name) found.push_back(h.value);
    return found;
  }

 private:
  [[nodiscard]] static constexpr std::string_view trim(std::string_view s) noexcept {
    while (!s.empty() && (s.front() == ' ' || s.front() == '\t')) s.remove_prefix(1);
    while (!s.empty() && (s.back() == ' ' || s.back() == '\t')) s.remove_suffix(1);
    return s;
  }
  [[nodiscard]] constexpr std::string_view status_line() const noexcept {
    const auto first = x_block.substr(0, x_block.find("\r\n"));
    return first.starts_with(header_version) ? trim(first.substr(header_version.size())) : std::string_view{};
  }
  [[nodiscard]] constexpr std::string_view lines() const noexcept {
    const auto end = x_block.find("\r\n");
    return end == x_block.npos ? std::string_view{} : x_block.substr(end + 2);
  }

  std::string_view x_block;
};

/// Headers to publish. Keeps the encoded block, so publishing them is one copy. Nothing that could end a line or a name
/// gets in: names are printable ASCII without blanks and colons, values have no CR, LF or NUL.
class headers {
 public:
  headers() = default;

  /// Adds a value; values of the same name stay in order. Throws `std::system_error` with `invalid_header`.
  headers& add(std::string_view name, std::string_view value) {
    if (const auto bad = try_add(name, value)) throw std::system_error(bad, "header '" + std::string{name} + "'");
    return *this;
  }
  [[nodiscard]] std::error_code try_add(std::string_view name, std::string_view value) {
    if (!valid_name(name) || !valid_value(value)) return errc::invalid_header;
    if (x_block.empty()) x_block.append(header_version).append("\r\n\r\n");
    x_block.resize(x_block.size() - 2);
    x_block.append(name).append(": ").append(value).append("\r\n\r\n");
    return {};
  }

  /// Replaces all values of `name`.
  headers& set(std::string_view name, std::string_view value) {
    if (!valid_name(name) || !valid_value(value))
      throw std::system_error(make_error_code(errc::invalid_header), "header '" + std::string{name} + "'");
    erase(name);
    return add(name, value);
  }

  void erase(std::string_view name) {
    headers kept;
    for (const auto& h : headers_view{x_block})
      if (h.name != name) kept.add(h.name, h.value);
    x_block.swap(kept.x_block);
  }

  [[nodiscard]] bool empty() const noexcept { return x_block.empty(); }
  [[nodiscard]] std::string_view encoded() const noexcept { return x_block; }
  operator headers_view() const noexcept { return headers_view{x_block}; }

  [[nodiscard]] static constexpr bool valid_name(std::string_view name) noexcept {
    for (const char c : name)
      if (c < 33 || c > 126 || c == ':') return false;
    return !name.empty();
  }
  [[nodiscard]] static constexpr bool valid_value(std::string_view value) noexcept {
    return value.find_first_of(std::string_view{"\r\n\0", 3}) == value.npos;
  }

 private:
  std::string x_block;
};

}  // namespace innate::inline v0::protocol

namespace innate::inline v0 {
using protocol::headers;
using protocol::headers_view;
}  // namespace innate::inline v0
