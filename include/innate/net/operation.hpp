// SPDX-License-Identifier: Apache-2.0
/// A core operation that a coroutine waits for: it stores who waits, and honours cancellation.
#pragma once

#include <innate/core/operation.hpp>

#include <asio/any_completion_handler.hpp>
#include <asio/any_io_executor.hpp>
#include <asio/associated_cancellation_slot.hpp>
#include <asio/async_result.hpp>
#include <asio/cancellation_type.hpp>
#include <asio/post.hpp>
#include <asio/use_awaitable.hpp>

#include <utility>

namespace innate::inline v0::net {

class operation;

/// Every suspended operation of a connection. When the event loop goes away it must drop them, because a waiting
/// coroutine owns the connection that holds its handler.
class suspended_operations {
 public:
  suspended_operations() = default;
  suspended_operations(const suspended_operations&) = delete;
  suspended_operations& operator=(const suspended_operations&) = delete;

  inline void drop_all() noexcept;

 private:
  friend class operation;
  operation* x_first = nullptr;
};

/// What an operation asks of the connection it belongs to.
class operation_owner {
 public:
  virtual void cancel(core::operation& op) noexcept = 0;
  virtual void forget(core::operation& op) noexcept = 0;
  [[nodiscard]] virtual const asio::any_io_executor& executor() const noexcept = 0;
  suspended_operations suspended{};

 protected:
  ~operation_owner() = default;
};

/// Lives in the frame of the coroutine that waits.
class operation final : public core::operation {
 public:
  explicit operation(operation_owner& owner) : x_owner(owner) {}
  ~operation() {
    leave();
    x_owner.forget(*this);
  }

  /// Completes once the engine has finished this operation; `result` then says how. Every type of per-operation
  /// cancellation ends the wait with `operation_aborted` unless it was finished before.
  auto finished() {
    return asio::async_initiate<const asio::use_awaitable_t<>, void()>(
        [this](auto handler) { suspend(std::move(handler)); }, asio::use_awaitable);
  }

  void resume() noexcept override {
    if (!x_handler) return;
    leave();
    if (auto slot = asio::get_associated_cancellation_slot(x_handler); slot.is_connected()) slot.clear();
    // Wrapped, so that Asio does not type-erase the handler's executor, which would allocate at every wait.
    asio::post(x_owner.executor(), [waiting = std::move(x_handler)]() mutable { std::move(waiting)(); });
  }

 private:
  friend class suspended_operations;

  template <class Handler>
  void suspend(Handler handler) {
    if (done) {
      asio::post(x_owner.executor(), std::move(handler));
      return;
    }
    x_handler = std::move(handler);  // which puts a slot of its own between us and the waiting coroutine's
    if (auto slot = asio::get_associated_cancellation_slot(x_handler); slot.is_connected()) {
      slot.assign([this](asio::cancellation_type) { x_owner.cancel(*this); });
    }
    enter();
  }

  void enter() noexcept {
    x_linked = true;
    x_previous = nullptr;
    x_next = std::exchange(x_owner.suspended.x_first, this);
    if (x_next) x_next->x_previous = this;
  }
  void leave() noexcept {
    if (!std::exchange(x_linked, false)) return;
    (x_previous ? x_previous->x_next : x_owner.suspended.x_first) = x_next;
    if (x_next) x_next->x_previous = x_previous;
  }

  operation_owner& x_owner;
  asio::any_completion_handler<void()> x_handler;
  operation* x_previous = nullptr;
  operation* x_next = nullptr;
  bool x_linked = false;
};

inline void suspended_operations::drop_all() noexcept {
  while (x_first) {
    operation& op = *x_first;
    op.leave();
    const auto dropped = std::move(op.x_handler);  // destroys the coroutine, and `op` with it
  }
}

}  // namespace innate::inline v0::net
