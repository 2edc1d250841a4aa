// SPDX-License-Identifier: Apache-2.0
/// Finds a subscription by its sid with one indexed load, however many there are.
#pragma once

#include <innate/core/subscription_state.hpp>

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace innate::inline v0::core {

/// A sid names a slot and the use of it: `slot + 1` in the low 24 bits, the number of earlier uses above. So a
/// message that was on its way when its subscription ended can never reach the slot's next owner.
class subscription_table {
 public:
  /// Enters `state` and gives it its sid.
  std::uint64_t insert(subscription_ptr state) {
    if (x_free.empty()) {
      x_free.push_back(static_cast<std::uint32_t>(x_slots.size()));
      x_slots.emplace_back();
    }
    const auto index = x_free.back();
    x_free.pop_back();
    slot& s = x_slots[index];
    state->sid = (s.uses << slot_bits) | (std::uint64_t{index} + 1);
    s.state = std::move(state);
    ++x_count;
    return s.state->sid;
  }

  [[nodiscard]] subscription_state* find(std::uint64_t sid) const noexcept {
    const slot* s = slot_of(sid);
    return s ? s->state.get() : nullptr;
  }

  /// A handle that keeps the subscription alive; null when there is none.
  [[nodiscard]] subscription_ptr share(std::uint64_t sid) const noexcept {
    const slot* s = slot_of(sid);
    return s ? s->state : nullptr;
  }

  /// Takes the subscription out; the returned handle may be the last one.
  subscription_ptr remove(std::uint64_t sid) {
    const slot* found = slot_of(sid);
    if (!found || !found->state) return nullptr;
    const auto index = static_cast<std::uint32_t>(found - x_slots.data());
    slot& s = x_slots[index];
    auto state = std::move(s.state);
    ++s.uses;
    state->sid = 0;
    x_free.push_back(index);
    --x_count;
    return state;
  }

  [[nodiscard]] std::size_t size() const noexcept { return x_count; }

  /// Calls `visit(state)` for every subscription; it may remove the one it is called with.
  template <class Visit>
  [[gnu::cold]] void for_each(Visit visit) {
    for (std::size_t i = 0; i < x_slots.size(); ++i) {
      if (const auto state = x_slots[i].state) visit(*state);
    }
  }

 private:
  static constexpr unsigned slot_bits = 24;
  static constexpr std::uint64_t slot_mask = (std::uint64_t{1} << slot_bits) - 1;

  struct slot {
    subscription_ptr state;
    std::uint64_t uses = 0;
  };

  [[nodiscard]] const slot* slot_of(std::uint64_t sid) const noexcept {
    const auto position = sid & slot_mask;
    if (position == 0 || position > x_slots.size()) return nullptr;
    const slot& s = x_slots[position - 1];
    return s.uses == sid >> slot_bits ? &s : nullptr;
  }

  std::vector<slot> x_slots;
  std::vector<std::uint32_t> x_free;
  std::size_t x_count = 0;
};

}  // namespace innate::inline v0::core
