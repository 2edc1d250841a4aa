// SPDX-License-Identifier: Apache-2.0
/// One wait of a user (for a message, for room, for a reply, …): what it waits on, until when, and how it ended.
///
/// Order contract: an operation sits in at most one `operation_list`; the engine ends it exactly once with `finish`,
/// which moves it to the list of finished ones; whoever entered the engine resumes those before returning to the event
/// loop.
#pragma once

#include <innate/core/clock.hpp>

#include <cstddef>
#include <limits>
#include <system_error>
#include <utility>

namespace innate::inline v0::core {

class operation;
class message_sink;

/// When a wait that has ended goes on.
enum class turn : bool {
  later,  ///< as a handler of its own, after all that runs now
  now,    ///< before `resume` returns
};

/// Intrusive first-in first-out list of operations; never owns. One pointer, because every subscription has two.
class operation_list {
 public:
  operation_list() = default;
  operation_list(const operation_list&) = delete;
  operation_list& operator=(const operation_list&) = delete;
  ~operation_list() {
    while (x_first) remove(*x_first);
  }

  [[nodiscard]] bool empty() const noexcept { return x_first == nullptr; }
  [[nodiscard]] operation* front() const noexcept { return x_first; }
  /// The one that is in it; null when there are more or none.
  [[nodiscard]] inline operation* only() const noexcept;
  inline void push_back(operation& op) noexcept;
  inline void remove(operation& op) noexcept;

 private:
  operation* x_first = nullptr;  // whose previous is the last
};

class operation {
 public:
  static constexpr std::size_t not_timed = std::numeric_limits<std::size_t>::max();

  operation() = default;
  operation(const operation&) = delete;
  operation& operator=(const operation&) = delete;
  virtual ~operation() { unlink(); }

  /// Hands the result to the waiting user; called once, with the operation in no list.
  virtual void resume(turn when) noexcept = 0;

  std::error_code result{};
  bool done = false;
  time_point deadline = never;
  std::size_t timer_index = not_timed;  // place in the timer queue
  message_sink* sink = nullptr;         // takes what comes while this waits, which then goes on waiting

 private:
  friend class operation_list;
  void unlink() noexcept {
    if (x_list) x_list->remove(*this);
  }

  operation_list* x_list = nullptr;
  operation* x_previous = nullptr;
  operation* x_next = nullptr;
};

inline operation* operation_list::only() const noexcept { return x_first && !x_first->x_next ? x_first : nullptr; }

inline void operation_list::push_back(operation& op) noexcept {
  op.unlink();
  op.x_list = this;
  op.x_next = nullptr;
  if (x_first) {
    op.x_previous = std::exchange(x_first->x_previous, &op);
    op.x_previous->x_next = &op;
  } else {
    x_first = op.x_previous = &op;
  }
}

inline void operation_list::remove(operation& op) noexcept {
  if (&op != x_first) op.x_previous->x_next = op.x_next;
  (op.x_next ? op.x_next : x_first)->x_previous = op.x_previous;
  if (&op == x_first) x_first = op.x_next;
  op.x_list = nullptr;
  op.x_previous = op.x_next = nullptr;
}

}  // namespace innate::inline v0::core
