// SPDX-License-Identifier: Apache-2.0
/// As much of the protocol as the floor programs and the servers of the benchmarks need.
#pragma once

#include "socket.hpp"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstring>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace bench {

inline constexpr std::string_view info =
    "INFO {\"server_id\":\"bench\",\"version\":\"2.10.0\",\"proto\":1,\"headers\":true,\"max_payload\":8388608}\r\n";

/// Two headers, as all programs send them.
inline constexpr std::string_view header_block =
    "NATS/1.0\r\nTrace-Id: 5f3c9a7e1b2d4c60\r\nContent-Type: application/json\r\n\r\n";

/// Reads until `wanted` stands at the end of what came.
inline void await_text(const socket& s, std::string_view wanted) {
  std::string all;
  char some[4096];
  while (!all.ends_with(wanted)) {
    const auto n = s.read_some(some, sizeof some);
    if (n == 0) throw std::runtime_error("the server closed before '" + std::string{wanted} + "'");
    all.append(some, n);
  }
}

/// A connection after its handshake.
inline socket dial(std::uint16_t port) {
  auto s = connect_to(port);
  await_text(s, "\r\n");
  s.write_all(
      "CONNECT "
      "{\"verbose\":false,\"pedantic\":false,\"headers\":true,\"no_responders\":true,\"lang\":\"raw\"}\r\nPING\r\n");
  await_text(s, "PONG\r\n");
  return s;
}

/// A PING that the server answers when it has everything before.
inline void round_trip(const socket& s) {
  s.write_all("PING\r\n");
  await_text(s, "PONG\r\n");
}

/// Collects frames and writes them to a socket 32 KiB at a time.
class chunk_writer {
 public:
  static constexpr std::size_t chunk = std::size_t{32} << 10;

  explicit chunk_writer(const socket& to) : x_to(to) {}

  [[gnu::always_inline]] void publish(std::string_view subject, std::string_view payload) {
    char size[24];
    frame("PUB ", subject, " ", text_of(size, payload.size()), "\r\n", payload, "\r\n");
  }

  [[gnu::always_inline]] void publish(std::string_view subject, std::string_view headers, std::string_view payload) {
    char header_size[24], size[24];
    frame("HPUB ", subject, " ", text_of(header_size, headers.size()), " ",
          text_of(size, headers.size() + payload.size()), "\r\n", headers, payload, "\r\n");
  }

  [[gnu::noinline]] void append(std::string_view bytes) {
    while (bytes.size() > chunk - x_used) {
      const auto fits = chunk - x_used;
      put(x_bytes + x_used, bytes.substr(0, fits));
      bytes.remove_prefix(fits);
      x_used = chunk;
      flush();
    }
    put(x_bytes + x_used, bytes);
    x_used += bytes.size();
  }

  void flush() {
    if (!x_to.write_all({x_bytes, x_used})) throw std::runtime_error("the server has gone");
    x_used = 0;
  }

 private:
  static std::string_view text_of(char (&into)[24], std::size_t number) {
    return {into, std::to_chars(into, into + sizeof into, number).ptr};
  }

  // Literals stay literals, so that the compiler copies them without a call.
  template <class... Parts>
  [[gnu::always_inline]] void frame(const Parts&... parts) {
    const auto size = (std::string_view{parts}.size() + ...);
    if (size <= chunk - x_used) [[likely]] {
      char* at = x_bytes + x_used;
      ((at = put(at, parts)), ...);
      x_used += size;
    } else {
      (append(parts), ...);
    }
  }

  template <std::size_t N>
  static char* put(char* at, const char (&literal)[N]) {
    std::memcpy(at, literal, N - 1);
    return at + N - 1;
  }
  static char* put(char* at, std::string_view bytes) {
    std::memcpy(at, bytes.data(), bytes.size());
    return at + bytes.size();
  }

  const socket& x_to;
  std::size_t x_used = 0;
  char x_bytes[chunk];
};

/// Finds the ends of MSG and HMSG frames, and nothing else.
class frame_walker {
 public:
  /// Walks `[at, end)` and counts the frames that end there. What is left of a control line stays to be walked again:
  /// returns its beginning.
  const char* walk(const char* at, const char* end) {
    if (x_skip) {
      const auto n = std::min(x_skip, static_cast<std::size_t>(end - at));
      at += n;
      x_skip -= n;
      if (x_skip) return at;
      ++x_frames;
    }
    while (at != end) {
      const auto* const line_end = static_cast<const char*>(std::memchr(at, '\n', static_cast<std::size_t>(end - at)));
      if (!line_end) return at;
      const char kind = *at;
      at = line_end + 1;
      if (kind != 'M' && kind != 'H') continue;
      const auto frame = size_before(line_end - 1) + 2;
      if (static_cast<std::size_t>(end - at) < frame) {
        x_skip = frame - static_cast<std::size_t>(end - at);
        return end;
      }
      at += frame;
      ++x_frames;
    }
    return at;
  }

  [[nodiscard]] std::size_t frames() const noexcept { return x_frames; }

 private:
  // The number whose last digit stands before `at`.
  static std::size_t size_before(const char* at) {
    std::size_t value = 0;
    for (std::size_t scale = 1; *--at != ' '; scale *= 10) value += static_cast<std::size_t>(*at - '0') * scale;
    return value;
  }

  std::size_t x_frames = 0;
  std::size_t x_skip = 0;  // bytes of a payload that have not come yet
};

/// What is read 64 KiB at a time and walked.
class walking_buffer {
 public:
  [[nodiscard]] std::span<char> prepare() noexcept { return std::span{x_bytes}.subspan(x_kept); }
  void commit(std::size_t size) noexcept {
    const char* const end = x_bytes.data() + x_kept + size;
    const char* const rest = x_walker.walk(x_bytes.data(), end);
    x_kept = static_cast<std::size_t>(end - rest);
    std::memmove(x_bytes.data(), rest, x_kept);
  }
  [[nodiscard]] std::size_t frames() const noexcept { return x_walker.frames(); }

 private:
  std::vector<char> x_bytes = std::vector<char>(std::size_t{64} << 10);
  std::size_t x_kept = 0;
  frame_walker x_walker;
};

/// Reads until `frames` more frames have come.
class walking_reader {
 public:
  explicit walking_reader(const socket& from) : x_from(from) {}

  void read_frames(std::size_t frames) {
    for (const auto until = x_buffer.frames() + frames; x_buffer.frames() < until;) {
      const auto room = x_buffer.prepare();
      const auto n = x_from.read_some(room.data(), room.size());
      if (n == 0) throw std::runtime_error("the server has gone");
      x_buffer.commit(n);
    }
  }

 private:
  const socket& x_from;
  walking_buffer x_buffer;
};

}  // namespace bench
