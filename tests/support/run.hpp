// SPDX-License-Identifier: Apache-2.0
/// Runs one coroutine as a test, with a deadline over all of it.
#pragma once

#include <innate/innate.hpp>

#include <asio/co_spawn.hpp>
#include <asio/io_context.hpp>

#include <chrono>
#include <exception>
#include <stdexcept>
#include <utility>

namespace test {

/// Rethrows what the coroutine throws; throws when it has not ended in time.
template <class Body>
void run(Body body, std::chrono::seconds patience = std::chrono::seconds{30}) {
  asio::io_context io;
  bool ended = false;
  std::exception_ptr failed;
  asio::co_spawn(io, body(), [&](std::exception_ptr thrown) {
    failed = std::move(thrown);
    ended = true;
    io.stop();
  });
  io.run_for(patience);
  if (failed) std::rethrow_exception(failed);
  if (!ended) throw std::runtime_error("the test did not end in time");
}

/// The code an awaited operation fails with; empty when it succeeds.
template <class T>
asio::awaitable<std::error_code> code_of(asio::awaitable<T> operation) {
  try {
    static_cast<void>(co_await std::move(operation));
  } catch (const std::system_error& e) {
    co_return e.code();
  }
  co_return std::error_code{};
}
template <>
inline asio::awaitable<std::error_code> code_of(asio::awaitable<void> operation) {
  try {
    co_await std::move(operation);
  } catch (const std::system_error& e) {
    co_return e.code();
  }
  co_return std::error_code{};
}

/// Options that reconnect quickly.
[[nodiscard]] inline innate::options quick(std::string_view servers) {
  innate::options o{servers};
  o.reconnect.wait = std::chrono::milliseconds{20};
  o.reconnect.max_wait = std::chrono::milliseconds{100};
  o.reconnect.jitter = std::chrono::milliseconds{5};
  return o;
}

/// Waits for an event of this kind.
inline asio::awaitable<innate::connection_event> event_of(innate::connection& nc, innate::event_kind kind) {
  while (auto e = co_await nc.next_event())
    if (e->kind == kind) co_return *e;
  throw std::runtime_error("the connection closed before the event came");
}

}  // namespace test
