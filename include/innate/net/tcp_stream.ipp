// SPDX-License-Identifier: Apache-2.0
/// tcp_stream and dial_tcp: what they do with Asio's sockets.
#pragma once

#include <innate/core/shuffle.hpp>
#include <innate/net/tcp_stream.hpp>

#include <asio/as_tuple.hpp>
#include <asio/deferred.hpp>
#include <asio/error.hpp>
#include <asio/this_coro.hpp>

#include <array>
#include <memory>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#if !defined(ASIO_WINDOWS)
#include <fcntl.h>
#endif

namespace innate::inline v0::net {

using buffer_array = std::array<asio::const_buffer, max_write_pieces>;

[[nodiscard]] inline buffer_array buffers(std::span<const std::string_view> pieces) noexcept {
  buffer_array many;
  for (std::size_t i = 0; i != pieces.size(); ++i) many[i] = {pieces[i].data(), pieces[i].size()};
  return many;
}

INNATE_COLD tcp_stream::tcp_stream(asio::ip::tcp::socket socket) : x_socket(std::move(socket)) {
  std::error_code ignored;  // a socket that blocks can do everything but `try_write`
  static_cast<void>(x_socket.non_blocking(true, ignored));
}

INNATE_DECL asio::awaitable<io_result> tcp_stream::read_some(asio::mutable_buffer into) {
  const auto [error, size] = co_await x_socket.async_read_some(into, asio::as_tuple(asio::deferred));
  co_return io_result{error, size};
}

INNATE_DECL asio::awaitable<io_result> tcp_stream::write_some(std::span<const std::string_view> pieces) {
  const auto many = buffers(pieces);
  const auto [error, size] =
      co_await x_socket.async_write_some(std::span{many.data(), pieces.size()}, asio::as_tuple(asio::deferred));
  co_return io_result{error, size};
}

INNATE_DECL io_result tcp_stream::try_write(std::span<const std::string_view> pieces) {
  if (!x_socket.non_blocking()) return {};
  io_result taken;
  if (pieces.size() == 1) {
    taken.size = x_socket.write_some(asio::const_buffer{pieces[0].data(), pieces[0].size()}, taken.error);
  } else {
    const auto many = buffers(pieces);
    taken.size = x_socket.write_some(std::span{many.data(), pieces.size()}, taken.error);
  }
  if (taken.error == asio::error::would_block || taken.error == asio::error::try_again) taken.error = {};
  return taken;
}

INNATE_DECL void tcp_stream::close() noexcept {
  std::error_code ignored;
  static_cast<void>(x_socket.close(ignored));
}

/// Opens it so that programs this one starts do not inherit it: they would keep the link alive after it is closed here.
[[gnu::cold]] inline void keep_from_children(asio::ip::tcp::socket& socket, const asio::ip::tcp& protocol) {
  std::error_code failed;
  static_cast<void>(socket.open(protocol, failed));
#if !defined(ASIO_WINDOWS)
  if (!failed) static_cast<void>(::fcntl(socket.native_handle(), F_SETFD, FD_CLOEXEC));
#endif
}

/// The endpoints of a host; a numeric address needs no resolver, which would start a thread.
[[gnu::cold]] inline asio::awaitable<std::error_code> resolve(const core::server_url& url,
                                                              std::vector<asio::ip::tcp::endpoint>& endpoints) {
  using asio::ip::tcp;
  std::error_code not_numeric;
  const auto address = asio::ip::make_address(url.host, not_numeric);
  if (!not_numeric) {
    endpoints.push_back({address, url.port});
    co_return std::error_code{};
  }
  tcp::resolver resolver{co_await asio::this_coro::executor};
  const auto [failed, found] =
      co_await resolver.async_resolve(url.host, std::to_string(url.port), asio::as_tuple(asio::deferred));
  for (const auto& entry : found) endpoints.push_back(entry.endpoint());
  co_return failed;
}

INNATE_COLD asio::awaitable<dial_result> dial_tcp(core::server_url url, bool randomize, std::uint64_t seed) {
  using asio::ip::tcp;
  const auto executor = co_await asio::this_coro::executor;
  std::vector<tcp::endpoint> endpoints;
  if (const auto unknown = co_await resolve(url, endpoints))
    co_return dial_result{unknown, "cannot resolve host '" + url.host + "'"};
  if (core::splitmix64 random{seed}; randomize) core::shuffle(endpoints, random);

  dial_result failed{asio::error::host_not_found, "host '" + url.host + "' has no address"};
  for (const auto& endpoint : endpoints) {
    tcp::socket socket{executor};
    keep_from_children(socket, endpoint.protocol());
    const auto [error] = co_await socket.async_connect(endpoint, asio::as_tuple(asio::deferred));
    if (!error) {
      std::error_code ignored;
      static_cast<void>(socket.set_option(tcp::no_delay{true}, ignored));
      co_return dial_result{std::make_unique<tcp_stream>(std::move(socket))};
    }
    failed.error = error;
    failed.detail = "cannot connect to " + endpoint.address().to_string() + " port " + std::to_string(url.port);
    if (error == asio::error::operation_aborted) break;
  }
  co_return failed;
}

}  // namespace innate::inline v0::net
