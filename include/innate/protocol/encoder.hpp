// SPDX-License-Identifier: Apache-2.0
/// Writes control lines of both directions into memory that the caller has sized: exact sizes first, then bytes.
///
/// `x_size` functions give the length of the control line with its CRLF, never of a payload; `write_x` returns the end
/// of what it wrote. Nothing is checked here: subjects, headers and sizes are validated before.
#pragma once

#include <innate/meta/eight_bytes.hpp>

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace innate::inline v0::protocol {

inline constexpr std::string_view ping_line = "PING\r\n";
inline constexpr std::string_view pong_line = "PONG\r\n";
inline constexpr std::string_view ok_line = "+OK\r\n";
inline constexpr std::size_t ping_size = ping_line.size();
inline constexpr std::size_t pong_size = pong_line.size();

namespace wire {

[[nodiscard]] constexpr std::size_t digits(std::uint64_t n) noexcept {
  std::size_t count = 1;
  for (; n >= 10; n /= 10) ++count;
  return count;
}

inline char* put(char* out, std::string_view bytes) noexcept {
  const auto size = bytes.size();
  if (size - 8 <= 8) {  // most words, without a call: the first eight bytes and the last, which may overlap
    meta::eight_bytes::store(out, meta::eight_bytes::load(bytes.data()));
    meta::eight_bytes::store(out + size - 8, meta::eight_bytes::load(bytes.data() + size - 8));
  } else if (size != 0) {
    std::memcpy(out, bytes.data(), size);
  }
  return out + size;
}
inline char* put(char* out, std::uint64_t n) noexcept {  // sizes of small messages without a call
  if (n >= 100) return std::to_chars(out, out + 20, n).ptr;
  if (n >= 10) *out++ = static_cast<char>('0' + n / 10);
  *out = static_cast<char>('0' + n % 10);
  return out + 1;
}
inline char* word(char* out, std::string_view bytes) noexcept {
  *out = ' ';
  return put(out + 1, bytes);
}
inline char* word(char* out, std::uint64_t n) noexcept {
  *out = ' ';
  return put(out + 1, n);
}
inline char* end_line(char* out) noexcept { return put(out, std::string_view{"\r\n"}); }

/// Size of a word that is left out when it is empty.
[[nodiscard]] constexpr std::size_t optional_word(std::string_view bytes) noexcept {
  return bytes.empty() ? 0 : 1 + bytes.size();
}

}  // namespace wire

// ---- client to server

[[nodiscard]] constexpr std::size_t pub_size(std::string_view subject, std::string_view reply,
                                             std::size_t payload) noexcept {
  return 4 + subject.size() + wire::optional_word(reply) + 1 + wire::digits(payload) + 2;
}
inline char* write_pub(char* out, std::string_view subject, std::string_view reply, std::size_t payload) noexcept {
  out = wire::word(wire::put(out, std::string_view{"PUB"}), subject);
  if (!reply.empty()) out = wire::word(out, reply);
  return wire::end_line(wire::word(out, std::uint64_t{payload}));
}

/// `total` is header block and payload together.
[[nodiscard]] constexpr std::size_t hpub_size(std::string_view subject, std::string_view reply, std::size_t header,
                                              std::size_t total) noexcept {
  return 5 + subject.size() + wire::optional_word(reply) + 1 + wire::digits(header) + 1 + wire::digits(total) + 2;
}
inline char* write_hpub(char* out, std::string_view subject, std::string_view reply, std::size_t header,
                        std::size_t total) noexcept {
  out = wire::word(wire::put(out, std::string_view{"HPUB"}), subject);
  if (!reply.empty()) out = wire::word(out, reply);
  return wire::end_line(wire::word(wire::word(out, std::uint64_t{header}), std::uint64_t{total}));
}

[[nodiscard]] constexpr std::size_t sub_size(std::string_view subject, std::string_view queue,
                                             std::uint64_t sid) noexcept {
  return 4 + subject.size() + wire::optional_word(queue) + 1 + wire::digits(sid) + 2;
}
inline char* write_sub(char* out, std::string_view subject, std::string_view queue, std::uint64_t sid) noexcept {
  out = wire::word(wire::put(out, std::string_view{"SUB"}), subject);
  if (!queue.empty()) out = wire::word(out, queue);
  return wire::end_line(wire::word(out, sid));
}

/// `max` 0 ends the subscription at once.
[[nodiscard]] constexpr std::size_t unsub_size(std::uint64_t sid, std::uint64_t max) noexcept {
  return 6 + wire::digits(sid) + (max ? 1 + wire::digits(max) : 0) + 2;
}
inline char* write_unsub(char* out, std::uint64_t sid, std::uint64_t max) noexcept {
  out = wire::word(wire::put(out, std::string_view{"UNSUB"}), sid);
  if (max) out = wire::word(out, max);
  return wire::end_line(out);
}

[[nodiscard]] inline std::string connect_line(std::string_view json) {
  return std::string{"CONNECT "}.append(json).append("\r\n");
}

// ---- both ways

inline char* write_ping(char* out) noexcept { return wire::put(out, ping_line); }
inline char* write_pong(char* out) noexcept { return wire::put(out, pong_line); }

// ---- server to client

[[nodiscard]] constexpr std::size_t msg_size(std::string_view subject, std::uint64_t sid, std::string_view reply,
                                             std::size_t payload) noexcept {
  return 4 + subject.size() + 1 + wire::digits(sid) + wire::optional_word(reply) + 1 + wire::digits(payload) + 2;
}
inline char* write_msg(char* out, std::string_view subject, std::uint64_t sid, std::string_view reply,
                       std::size_t payload) noexcept {
  out = wire::word(wire::word(wire::put(out, std::string_view{"MSG"}), subject), sid);
  if (!reply.empty()) out = wire::word(out, reply);
  return wire::end_line(wire::word(out, std::uint64_t{payload}));
}

[[nodiscard]] constexpr std::size_t hmsg_size(std::string_view subject, std::uint64_t sid, std::string_view reply,
                                              std::size_t header, std::size_t total) noexcept {
  return 5 + subject.size() + 1 + wire::digits(sid) + wire::optional_word(reply) + 1 + wire::digits(header) + 1 +
         wire::digits(total) + 2;
}
inline char* write_hmsg(char* out, std::string_view subject, std::uint64_t sid, std::string_view reply,
                        std::size_t header, std::size_t total) noexcept {
  out = wire::word(wire::word(wire::put(out, std::string_view{"HMSG"}), subject), sid);
  if (!reply.empty()) out = wire::word(out, reply);
  return wire::end_line(wire::word(wire::word(out, std::uint64_t{header}), std::uint64_t{total}));
}

[[nodiscard]] inline std::string info_line(std::string_view json) {
  return std::string{"INFO "}.append(json).append("\r\n");
}
[[nodiscard]] inline std::string err_line(std::string_view text) {
  return std::string{"-ERR '"}.append(text).append("'\r\n");
}

}  // namespace innate::inline v0::protocol
