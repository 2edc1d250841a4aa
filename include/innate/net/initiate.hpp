// SPDX-License-Identifier: Apache-2.0
/// The two faces of every operation over one body: an awaitable that throws, and an initiating function for any token.
#pragma once

#include <innate/protocol/error.hpp>

#include <asio/any_io_executor.hpp>
#include <asio/async_result.hpp>
#include <asio/awaitable.hpp>
#include <asio/co_spawn.hpp>
#include <asio/deferred.hpp>
#include <asio/error.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>

#include <concepts>
#include <exception>
#include <system_error>
#include <utility>

namespace innate::inline v0::net {

/// What a body ends with: a value, or an error with its detail.
template <class T>
struct outcome {
  outcome() {}
  outcome(innate::error why) : failure(std::move(why)) {}
  outcome(std::error_code why) : failure(why) {}

  innate::error failure{};
  T value{};
};

template <>
struct outcome<void> {
  outcome() {}
  outcome(innate::error why) : failure(std::move(why)) {}
  outcome(std::error_code why) : failure(why) {}

  innate::error failure{};
};

/// Ends with the value; throws `std::system_error` with the detail in `what()`.
template <class T>
[[gnu::cold]] asio::awaitable<T> or_throw(asio::awaitable<outcome<T>> body) {
  auto done = co_await std::move(body);
  if (done.failure.code) throw_error(done.failure);
  if constexpr (!std::is_void_v<T>) co_return std::move(done.value);
}

/// What a coroutine that is one of the two faces itself completes with: `done` as it is, or its value.
template <class Done, class T>
[[nodiscard]] Done complete_as(outcome<T> done) {
  if constexpr (std::same_as<Done, outcome<T>>) {
    return done;
  } else {
    if (done.failure.code) throw_error(done.failure);
    return std::move(done.value);
  }
}

/// Done when it is awaited: the cheapest coroutine there is.
[[nodiscard]] inline asio::awaitable<void> nothing() { co_return; }

[[nodiscard]] inline std::error_code code_of(const std::exception_ptr& thrown, std::error_code otherwise) {
  if (!thrown) return otherwise;
  try {
    std::rethrow_exception(thrown);
  } catch (const std::system_error& e) {
    return e.code();
  }
}

/// True when the coroutine that asks was cancelled, even if what it last waited for was finished as well.
[[nodiscard]] inline asio::awaitable<bool> was_cancelled() {
  const auto state = co_await asio::this_coro::cancellation_state;
  co_return state.cancelled() != asio::cancellation_type::none;
}

// A body started by a token is a coroutine of its own; all types of cancellation shall reach it.
template <class T>
asio::awaitable<outcome<T>> cancellable(asio::awaitable<outcome<T>> body) {
  co_await asio::this_coro::reset_cancellation_state(asio::enable_total_cancellation());
  co_return co_await std::move(body);
}

/// Signature `void(std::error_code, T)`, or `void(std::error_code)` for `outcome<void>`.
template <class T, class Token>
auto initiate(const asio::any_io_executor& executor, asio::awaitable<outcome<T>> body, Token&& token) {
  if constexpr (std::is_void_v<T>) {
    return asio::co_spawn(executor, cancellable<T>(std::move(body)),
                          asio::deferred([](const std::exception_ptr& thrown, outcome<T> done) {
                            return asio::deferred.values(code_of(thrown, done.failure.code));
                          }))(std::forward<Token>(token));
  } else {
    return asio::co_spawn(executor, cancellable<T>(std::move(body)),
                          asio::deferred([](const std::exception_ptr& thrown, outcome<T> done) {
                            return asio::deferred.values(code_of(thrown, done.failure.code), std::move(done.value));
                          }))(std::forward<Token>(token));
  }
}

}  // namespace innate::inline v0::net
