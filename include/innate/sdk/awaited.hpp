// SPDX-License-Identifier: Apache-2.0
/// Coroutines that wait for a value by name: a task's result by its id, a query's answer, work in a queue.
#pragma once

#include <innate/core/clock.hpp>
#include <innate/protocol/errc.hpp>

#include <asio/any_io_executor.hpp>
#include <asio/as_tuple.hpp>
#include <asio/awaitable.hpp>
#include <asio/steady_timer.hpp>
#include <asio/use_awaitable.hpp>

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace innate::inline v0::sdk {

/// Belongs to one executor. Must outlive whoever waits.
template <class Value>
class awaited {
  struct waiter {
    explicit waiter(const asio::any_io_executor& executor) : wake(executor) {}
    asio::steady_timer wake;
    std::optional<Value> value{};
  };

 public:
  explicit awaited(asio::any_io_executor executor) : x_executor(std::move(executor)) {}

  /// Somebody waits for `name` from here on, as long as the ticket lives.
  class ticket {
   public:
    ticket(awaited& owner, std::string name)
        : x_owner(&owner), x_place(owner.x_waiting.emplace(std::move(name), owner.x_executor)) {}
    ticket(const ticket&) = delete;
    ticket& operator=(const ticket&) = delete;
    ~ticket() { x_owner->x_waiting.erase(x_place); }

    /// The value once `deliver` brings it. Throws `timeout` after `patience`, `operation_aborted` when cancelled.
    [[nodiscard]] asio::awaitable<Value> value(duration patience) {
      waiter& w = x_place->second;
      if (!w.value) {
        w.wake.expires_after(std::chrono::duration_cast<std::chrono::steady_clock::duration>(patience));
        const auto [woken] = co_await w.wake.async_wait(asio::as_tuple(asio::use_awaitable));
        if (!w.value)
          throw std::system_error(woken ? std::error_code{woken} : make_error_code(errc::timeout), x_place->first);
      }
      co_return std::move(*w.value);
    }

   private:
    awaited* x_owner;
    typename std::multimap<std::string, waiter, std::less<>>::iterator x_place;
  };

  [[nodiscard]] bool expects(std::string_view name) const { return x_waiting.find(name) != x_waiting.end(); }

  /// Gives the value to all who wait for it; the first one counts. False when nobody does.
  bool deliver(std::string_view name, const Value& value) {
    bool waited_for = false;
    const auto [first, last] = x_waiting.equal_range(name);
    for (auto place = first; place != last; ++place) {
      if (place->second.value) continue;
      place->second.value.emplace(value);
      place->second.wake.cancel();
      waited_for = true;
    }
    return waited_for;
  }

 private:
  asio::any_io_executor x_executor;
  std::multimap<std::string, waiter, std::less<>> x_waiting;
};

}  // namespace innate::inline v0::sdk
