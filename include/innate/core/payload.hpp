// SPDX-License-Identifier: Apache-2.0
/// Payloads as publishing takes them: a view of any contiguous bytes, or bytes handed over to be sent in place.
#pragma once

#include <innate/core/message.hpp>

#include <concepts>
#include <cstddef>
#include <ranges>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace innate::inline v0 {

/// Bytes to publish, not owned; only has to live until the call that takes it returns. Made from strings, string
/// literals (without their NUL) and contiguous ranges of `char`, `unsigned char` or `std::byte`.
class payload_view {
 public:
  constexpr payload_view() = default;
  constexpr payload_view(std::string_view text) noexcept : x_bytes(text) {}
  constexpr payload_view(const char* text) noexcept : x_bytes(text) {}
  constexpr payload_view(const std::string& text) noexcept : x_bytes(text) {}

  template <std::ranges::contiguous_range Range>
    requires(!std::convertible_to<const Range&, std::string_view> && std::ranges::sized_range<Range> &&
             (std::same_as<std::ranges::range_value_t<Range>, std::byte> ||
              std::same_as<std::ranges::range_value_t<Range>, unsigned char> ||
              std::same_as<std::ranges::range_value_t<Range>, char>))
  payload_view(const Range& range) noexcept
      : x_bytes(reinterpret_cast<const char*>(std::ranges::data(range)), std::ranges::size(range)) {}

  [[nodiscard]] constexpr std::string_view view() const noexcept { return x_bytes; }
  [[nodiscard]] constexpr std::size_t size() const noexcept { return x_bytes.size(); }

 private:
  std::string_view x_bytes;
};

/// Bytes handed over with `std::move`: large ones are written from where they are instead of being copied. A received
/// message can be handed over too; its payload is forwarded and its slab stays alive until it is sent.
class owned_payload {
 public:
  explicit owned_payload(std::string&& bytes) noexcept : x_text(std::move(bytes)) {}
  explicit owned_payload(std::vector<std::byte>&& bytes) noexcept : x_raw(std::move(bytes)) {}
  explicit owned_payload(message forwarded) noexcept : x_message(std::move(forwarded)) {}

  [[nodiscard]] std::size_t size() const noexcept { return view().size(); }
  [[nodiscard]] std::string_view view() const noexcept {
    if (!x_raw.empty()) return payload_view{x_raw}.view();
    return x_text.empty() ? x_message.data() : std::string_view{x_text};
  }

 private:
  // At most one holds anything. (g++ 12 warns of uninitialised members when a variant of these is moved.)
  std::string x_text{};
  std::vector<std::byte> x_raw{};
  message x_message{};
};

}  // namespace innate::inline v0
