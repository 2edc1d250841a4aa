// SPDX-License-Identifier: Apache-2.0
/// Lets the work of a component go on when an event about it cannot be published; failures are counted.
#pragma once

#include <asio/awaitable.hpp>
#include <asio/error.hpp>

#include <cstddef>
#include <system_error>
#include <utility>

namespace innate::inline v0::sdk {

class best_effort {
 public:
  /// Completes with what publishing failed with, if it did. Throws `operation_aborted` when cancelled.
  [[nodiscard]] asio::awaitable<std::error_code> operator()(asio::awaitable<void> publishing) {
    std::error_code failed;
    try {
      co_await std::move(publishing);
    } catch (const std::system_error& e) {
      if (e.code() == asio::error::operation_aborted) throw;
      failed = e.code();
    }
    x_failures += failed ? 1U : 0U;
    co_return failed;
  }

  [[nodiscard]] std::size_t failures() const noexcept { return x_failures; }

 private:
  std::size_t x_failures = 0;
};

}  // namespace innate::inline v0::sdk
