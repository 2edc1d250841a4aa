// SPDX-License-Identifier: Apache-2.0
/// What a client manager has to know of a client, whatever it is a client of.
#pragma once

#include <asio/awaitable.hpp>

namespace innate::inline v0::sdk {

class managed_client {
 public:
  managed_client() = default;
  managed_client(const managed_client&) = delete;
  managed_client& operator=(const managed_client&) = delete;
  virtual ~managed_client() = default;

  /// Completes when the client can be used; throws why it cannot.
  [[nodiscard]] virtual asio::awaitable<void> connect() = 0;
  /// Completes when it has let go of everything it held.
  [[nodiscard]] virtual asio::awaitable<void> close() = 0;
};

}  // namespace innate::inline v0::sdk
