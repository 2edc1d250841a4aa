// SPDX-License-Identifier: Apache-2.0
/// Events waiting for `next_event()` and for the callback, bounded: beyond the limit the oldest is dropped and counted.
#pragma once

#include <innate/core/connection_event.hpp>

#include <cstddef>
#include <cstdint>
#include <list>
#include <optional>
#include <utility>

namespace innate::inline v0::core {

class event_queue {
 public:
  event_queue(std::size_t limit, bool callback) : x_limit(limit), x_callback(callback) {}

  void push(connection_event e) {
    if (x_callback) x_for_callback.push_back(e);
    if (x_limit == 0) return;
    if (x_kept.size() == x_limit) {
      x_kept.pop_front();
      ++x_dropped;
    }
    x_kept.push_back(std::move(e));
  }

  [[nodiscard]] bool empty() const noexcept { return x_kept.empty(); }
  [[nodiscard]] std::uint64_t dropped() const noexcept { return x_dropped; }

  [[nodiscard]] std::optional<connection_event> pop() { return take(x_kept); }
  [[nodiscard]] std::optional<connection_event> pop_for_callback() { return take(x_for_callback); }

 private:
  static std::optional<connection_event> take(std::list<connection_event>& from) {
    if (from.empty()) return std::nullopt;
    std::optional<connection_event> e{std::move(from.front())};
    from.pop_front();
    return e;
  }

  std::size_t x_limit;
  bool x_callback;
  std::list<connection_event> x_kept;
  std::list<connection_event> x_for_callback;
  std::uint64_t x_dropped = 0;
};

}  // namespace innate::inline v0::core
