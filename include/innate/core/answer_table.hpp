// SPDX-License-Identifier: Apache-2.0
/// Answers the connection waits for: replies to requests, found by the token in their subject, and PONGs.
#pragma once

#include <innate/core/message.hpp>
#include <innate/core/operation.hpp>
#include <innate/core/subscription_state.hpp>

#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace innate::inline v0::core {

/// Names one expected answer; an old ticket never finds a newer answer in the same slot.
struct ticket {
  std::uint32_t slot = 0;
  std::uint32_t use = 0;  // 0: no ticket

  [[nodiscard]] explicit operator bool() const noexcept { return use != 0; }
  friend bool operator==(ticket, ticket) = default;

  [[nodiscard]] std::uint64_t id() const noexcept { return (std::uint64_t{slot} << 32) | use; }
  [[nodiscard]] static ticket from_id(std::uint64_t id) noexcept {
    return {static_cast<std::uint32_t>(id >> 32), static_cast<std::uint32_t>(id)};
  }
};

struct answer {
  bool arrived = false;
  bool by_old_link = false;  // asked before the connection began to migrate
  std::uint8_t pongs = 1;    // that a PING waits for; two when both links were asked
  std::error_code result{};
  message reply{};
  time_point sent_at{};
  time_point arrived_at{};
  operation_list waiters{};   // resumed when the answer arrives
  subscription_ptr stream{};  // replies to a request for many go here instead
  std::string subject{};      // of a request, to attribute a permission violation
};

class answer_table {
 public:
  ticket open() {
    if (x_free.empty()) {
      x_free.push_back(static_cast<std::uint32_t>(x_slots.size()));
      x_slots.push_back(std::make_unique<slot>());
    }
    const auto index = x_free.back();
    x_free.pop_back();
    slot& s = *x_slots[index];
    s.open = true;
    return {index, s.use};
  }

  [[nodiscard]] answer* find(ticket t) noexcept {
    if (!t || t.slot >= x_slots.size()) return nullptr;
    slot& s = *x_slots[t.slot];
    return s.open && s.use == t.use ? &s.value : nullptr;
  }

  /// Forgets the answer; what arrives for it later finds nothing. Its strings keep their memory for the next use.
  void close(ticket t) noexcept {
    if (!find(t)) return;
    slot& s = *x_slots[t.slot];
    s.open = false;
    if (++s.use == 0) s.use = 1;
    answer& a = s.value;
    a.arrived = a.by_old_link = false;
    a.pongs = 1;
    a.result = {};
    a.reply = {};
    a.stream = nullptr;
    a.subject.clear();
    x_free.push_back(t.slot);
  }

  [[nodiscard]] std::size_t open_count() const noexcept { return x_slots.size() - x_free.size(); }

  template <class Visit>
  [[gnu::cold]] void for_each(Visit visit) {
    for (std::size_t i = 0; i < x_slots.size(); ++i) {
      slot& s = *x_slots[i];
      if (s.open) visit(ticket{static_cast<std::uint32_t>(i), s.use}, s.value);
    }
  }

 private:
  struct slot {
    answer value{};
    std::uint32_t use = 1;
    bool open = false;
  };

  std::vector<std::unique_ptr<slot>> x_slots;  // answers stay in place while the table grows
  std::vector<std::uint32_t> x_free;
};

/// The last token of a reply subject: `<slot>-<use>` in base 36.
struct reply_token {
  std::array<char, 16> text{};
  std::size_t size = 0;

  explicit reply_token(ticket t) noexcept {
    char* const end = text.data() + text.size();
    char* at = std::to_chars(text.data(), end, t.slot, 36).ptr;
    *at++ = '-';
    at = std::to_chars(at, end, t.use, 36).ptr;
    size = static_cast<std::size_t>(at - text.data());
  }
  [[nodiscard]] std::string_view view() const noexcept { return {text.data(), size}; }

  /// The ticket a token names; none when it is not of that form.
  [[nodiscard]] static ticket parse(std::string_view token) noexcept {
    ticket t;
    const char* const end = token.data() + token.size();
    const auto slot = std::from_chars(token.data(), end, t.slot, 36);
    if (slot.ec != std::errc{} || slot.ptr == end || *slot.ptr != '-') return {};
    const auto use = std::from_chars(slot.ptr + 1, end, t.use, 36);
    return use.ec == std::errc{} && use.ptr == end ? t : ticket{};
  }
};

}  // namespace innate::inline v0::core
