// SPDX-License-Identifier: Apache-2.0
/// TCP: the stream, and dialing that tries every address of a host.
#pragma once

#include <innate/core/url.hpp>
#include <innate/meta/decl.hpp>
#include <innate/net/dial_result.hpp>
#include <innate/net/stream.hpp>

#include <asio/awaitable.hpp>
#include <asio/buffer.hpp>
#include <asio/ip/tcp.hpp>

#include <cstdint>
#include <span>
#include <string_view>

namespace innate::inline v0::net {

class tcp_stream final : public stream {
 public:
  explicit tcp_stream(asio::ip::tcp::socket socket);

  asio::awaitable<io_result> read_some(asio::mutable_buffer into) override;
  asio::awaitable<io_result> write_some(std::span<const std::string_view> pieces) override;
  io_result try_write(std::span<const std::string_view> pieces) override;
  asio::ip::tcp::socket* socket() noexcept override { return &x_socket; }
  void close() noexcept override;

 private:
  asio::ip::tcp::socket x_socket;
};

/// Resolves the host anew and tries each address until one accepts; reports the last failure.
[[nodiscard]] INNATE_DECL asio::awaitable<dial_result> dial_tcp(core::server_url url, bool randomize,
                                                                std::uint64_t seed);

}  // namespace innate::inline v0::net

#if !defined(INNATE_SEPARATE_COMPILATION)
#include <innate/net/tcp_stream.ipp>
#endif
