// SPDX-License-Identifier: Apache-2.0
/// The deadlines of all pending operations in one binary heap, so that a connection needs a single timer.
#pragma once

#include <innate/core/clock.hpp>
#include <innate/core/operation.hpp>

#include <cstddef>
#include <utility>
#include <vector>

namespace innate::inline v0::core {

class timer_queue {
 public:
  /// When the earliest operation expires; `never` when there is none.
  [[nodiscard]] time_point next() const noexcept { return x_heap.empty() ? never : x_heap.front()->deadline; }

  /// Operations without a deadline are not kept. The operation must be removed before it dies.
  void add(operation& op) {
    if (op.deadline == never) return;
    x_heap.push_back(&op);
    op.timer_index = x_heap.size() - 1;
    sift_up(op.timer_index);
  }

  void remove(operation& op) noexcept {
    const auto at = op.timer_index;
    if (at == operation::not_timed) return;
    op.timer_index = operation::not_timed;
    operation* last = x_heap.back();
    x_heap.pop_back();
    if (last == &op) return;
    place(last, at);
    sift_up(at);
    sift_down(last->timer_index);
  }

  /// The next operation whose deadline is not after `now`, removed; null when there is none.
  [[nodiscard]] operation* pop_expired(time_point now) noexcept {
    if (x_heap.empty() || x_heap.front()->deadline > now) return nullptr;
    operation* op = x_heap.front();
    remove(*op);
    return op;
  }

 private:
  void place(operation* op, std::size_t at) noexcept {
    x_heap[at] = op;
    op->timer_index = at;
  }

  void sift_up(std::size_t at) noexcept {
    operation* op = x_heap[at];
    while (at && op->deadline < x_heap[(at - 1) / 2]->deadline) {
      place(x_heap[(at - 1) / 2], at);
      at = (at - 1) / 2;
    }
    place(op, at);
  }

  void sift_down(std::size_t at) noexcept {
    operation* op = x_heap[at];
    while (true) {
      auto child = at * 2 + 1;
      if (child >= x_heap.size()) break;
      if (child + 1 < x_heap.size() && x_heap[child + 1]->deadline < x_heap[child]->deadline) ++child;
      if (x_heap[child]->deadline >= op->deadline) break;
      place(x_heap[child], at);
      at = child;
    }
    place(op, at);
  }

  std::vector<operation*> x_heap;
};

}  // namespace innate::inline v0::core
