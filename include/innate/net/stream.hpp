// SPDX-License-Identifier: Apache-2.0
/// A connected byte stream as the connection drives it: TCP, TLS, in memory, or a user's own.
#pragma once

#include <asio/awaitable.hpp>
#include <asio/buffer.hpp>
#include <asio/ip/tcp.hpp>

#include <cstddef>
#include <span>
#include <string_view>
#include <system_error>

namespace innate::inline v0 {

/// Outcome of one read or write; both may be partial. End of stream is an error.
struct io_result {
  std::error_code error{};
  std::size_t size = 0;
};

/// At most one read and one write are outstanding at a time. Both complete on the executor that dialed, and end with an
/// error after `close`. Errors are returned, not thrown.
class stream {
 public:
  stream() = default;
  stream(const stream&) = delete;
  stream& operator=(const stream&) = delete;
  virtual ~stream() = default;

  /// Completes when at least one byte has arrived.
  virtual asio::awaitable<io_result> read_some(asio::mutable_buffer into) = 0;

  /// Completes when at least one byte of `pieces` (at most `max_write_pieces`, in order) has been taken.
  virtual asio::awaitable<io_result> write_some(std::span<const std::string_view> pieces) = 0;

  /// Takes at once what it can of `pieces` (as in `write_some`), without waiting; nothing, when that is nothing or
  /// cannot be told. Not while a `write_some` is outstanding.
  virtual io_result try_write(std::span<const std::string_view> pieces) {
    static_cast<void>(pieces);
    return {};
  }

  /// The socket whose bytes are those of the stream, so that who reads much may read from it without a coroutine for
  /// every read; null, when there is none.
  [[nodiscard]] virtual asio::ip::tcp::socket* socket() noexcept { return nullptr; }

  /// Ends the stream at once; outstanding operations fail. May be called more than once.
  virtual void close() noexcept = 0;
};

inline constexpr std::size_t max_write_pieces = 64;

}  // namespace innate::inline v0
