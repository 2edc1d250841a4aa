// SPDX-License-Identifier: Apache-2.0
/// A core operation that a coroutine waits for: it stores who waits, and honours cancellation.
#pragma once

#include <innate/core/operation.hpp>

#include <asio/any_io_executor.hpp>
#include <asio/associated_cancellation_slot.hpp>
#include <asio/async_result.hpp>
#include <asio/cancellation_signal.hpp>
#include <asio/cancellation_type.hpp>
#include <asio/deferred.hpp>
#include <asio/dispatch.hpp>
#include <asio/post.hpp>

#include <memory>
#include <new>
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

/// The completion handler of a wait, kept in place whatever its type: a wait costs no memory.
class parked_handler {
 public:
  parked_handler() = default;
  parked_handler(const parked_handler&) = delete;
  parked_handler& operator=(const parked_handler&) = delete;
  ~parked_handler() { drop(); }

  [[nodiscard]] explicit operator bool() const noexcept { return x_leave != nullptr; }

  template <class Handler>
  void park(Handler handler) {
    static_assert(sizeof(Handler) <= sizeof(x_memory) && alignof(Handler) <= alignof(void*));
    ::new (static_cast<void*>(x_memory)) Handler(std::move(handler));
    x_leave = &leave<Handler>;
  }
  /// Resumes the coroutine that waits, which may destroy this.
  void resume(const asio::any_io_executor& executor, core::turn when) noexcept {
    std::exchange(x_leave, nullptr)(x_memory, &executor, when);
  }
  /// Destroys the coroutine that waits, and this with it.
  void drop() noexcept {
    if (x_leave) std::exchange(x_leave, nullptr)(x_memory, nullptr, core::turn::now);
  }

 private:
  template <class Handler>
  static void leave(void* memory, const asio::any_io_executor* executor, core::turn when) noexcept {
    auto* parked = static_cast<Handler*>(memory);
    Handler handler{std::move(*parked)};
    std::destroy_at(parked);
    if (!executor) return;
    // Wrapped, so that Asio does not type-erase the handler's executor, which would allocate at every wait.
    auto go_on = [waiting = std::move(handler)]() mutable { std::move(waiting)(); };
    if (when == core::turn::now) {
      asio::dispatch(*executor, std::move(go_on));
    } else {
      asio::post(*executor, std::move(go_on));
    }
  }

  void (*x_leave)(void*, const asio::any_io_executor*, core::turn) noexcept = nullptr;
  alignas(void*) unsigned char x_memory[4 * sizeof(void*)];
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
    return asio::async_initiate<const asio::deferred_t&, void()>([this](auto handler) { suspend(std::move(handler)); },
                                                                 asio::deferred);
  }

  void resume(core::turn when) noexcept override {
    if (!x_handler) return;
    leave();
    if (x_slot.is_connected()) x_slot.clear();
    x_handler.resume(x_owner.executor(), when);
  }

 private:
  friend class suspended_operations;

  template <class Handler>
  void suspend(Handler handler) {
    if (done) {
      asio::post(x_owner.executor(), std::move(handler));
      return;
    }
    x_slot = asio::get_associated_cancellation_slot(handler);
    if (x_slot.is_connected()) x_slot.assign([this](asio::cancellation_type) { x_owner.cancel(*this); });
    x_handler.park(std::move(handler));
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
  parked_handler x_handler;
  asio::cancellation_slot x_slot;
  operation* x_previous = nullptr;
  operation* x_next = nullptr;
  bool x_linked = false;
};

inline void suspended_operations::drop_all() noexcept {
  while (x_first) {
    operation& op = *x_first;
    op.leave();
    op.x_handler.drop();  // destroys the coroutine, and `op` with it
  }
}

}  // namespace innate::inline v0::net
