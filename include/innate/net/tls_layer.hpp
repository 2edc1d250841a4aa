// SPDX-License-Identifier: Apache-2.0
/// What the connection needs of a TLS library: somebody who puts TLS over a connected stream.
#pragma once

#include <innate/core/url.hpp>
#include <innate/net/stream.hpp>
#include <innate/protocol/error.hpp>

#include <asio/awaitable.hpp>

#include <memory>
#include <string_view>

namespace innate::inline v0 {

/// A stream over another one. Reads and writes fail until hands are shaken.
class secure_stream : public stream {
 public:
  /// Completes when both sides have proved who they are; the error says which check failed.
  virtual asio::awaitable<error> shake_hands() = 0;
};

/// Shared by the connections that were given the same options, on any thread; must not change with use.
class tls_layer {
 public:
  tls_layer() = default;
  tls_layer(const tls_layer&) = delete;
  tls_layer& operator=(const tls_layer&) = delete;
  virtual ~tls_layer() = default;

  /// Called at every attempt, so that certificates may change on disk. `received` is what came over `plain` already and
  /// belongs to TLS.
  [[nodiscard]] virtual result<std::unique_ptr<secure_stream>>
  wrap(std::unique_ptr<stream> plain, const core::server_url& url, std::string_view received) = 0;
};

}  // namespace innate::inline v0
