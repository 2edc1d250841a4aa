// SPDX-License-Identifier: Apache-2.0
/// What other threads hand to a connection: publishes on their way in, in one run of bytes under a short lock.
#pragma once

#include <innate/core/byte_buffer.hpp>
#include <innate/core/operation.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory_resource>
#include <mutex>
#include <string_view>
#include <utility>

namespace innate::inline v0::net {

/// Commands one after the other: the sizes of their four parts, then the parts. `push` is for any thread, the rest is
/// the connection's.
class shared_queue {
 public:
  enum class outcome : std::uint8_t { first, queued, full };

  struct command {
    std::string_view subject, payload, reply, headers;
  };

  explicit shared_queue(std::size_t limit) : x_limit(limit) {}

  /// Whoever is the first has to see to it that `take` is called.
  [[nodiscard]] outcome push(const command& c) {
    const sizes parts{c.subject.size(), c.payload.size(), c.reply.size(), c.headers.size()};
    const std::size_t size = sizeof parts + parts[0] + parts[1] + parts[2] + parts[3];
    const std::lock_guard lock{x_mutex};
    if (size > x_limit - std::min(x_limit, x_waiting.size() + x_held)) return outcome::full;
    char* at = x_waiting.extend(size);
    std::memcpy(at, parts.data(), sizeof parts);
    at += sizeof parts;
    for (const auto part : {c.subject, c.payload, c.reply, c.headers}) at += part.copy(at, part.size());
    return std::exchange(x_posted, true) ? outcome::queued : outcome::first;
  }

  /// Bytes since the beginning: what was pushed up to here has left once as many are `popped`.
  [[nodiscard]] std::uint64_t pushed() {
    const std::lock_guard lock{x_mutex};
    return x_popped + (x_taken.size() - x_at) + x_waiting.size();
  }
  [[nodiscard]] std::uint64_t popped() const noexcept { return x_popped; }

  /// Takes what waits, to be popped; nothing may be left of what was taken before.
  void take() {
    if (x_taken.capacity() > kept_capacity) x_taken.release();
    x_taken.clear();
    x_at = 0;
    const std::lock_guard lock{x_mutex};
    x_taken.swap(x_waiting);
    x_held = x_taken.size();
    x_posted = false;
  }
  /// What was popped so far makes room for others.
  void give_room() {
    const std::lock_guard lock{x_mutex};
    x_held = x_taken.size() - x_at;
  }
  [[nodiscard]] bool empty() const noexcept { return x_at == x_taken.size(); }
  /// Its views live until `take`.
  [[nodiscard]] command pop() noexcept {
    sizes parts;
    std::memcpy(parts.data(), x_taken.data() + x_at, sizeof parts);
    const auto begin = std::exchange(x_at, x_at + sizeof parts);
    const auto next = [&](std::size_t size) {
      return std::string_view{x_taken.data() + std::exchange(x_at, x_at + size), size};
    };
    command c;
    c.subject = next(parts[0]);
    c.payload = next(parts[1]);
    c.reply = next(parts[2]);
    c.headers = next(parts[3]);
    x_popped += x_at - begin;
    return c;
  }

  bool pausing = false;           // somebody waits for room, and goes on with what was taken
  core::operation_list progress;  // wait until more is popped

 private:
  using sizes = std::array<std::size_t, 4>;
  static constexpr std::size_t kept_capacity = std::size_t{256} << 10;

  std::mutex x_mutex;
  core::byte_buffer x_waiting{std::pmr::new_delete_resource()};  // other threads may not use the connection's
  std::size_t x_held = 0;
  bool x_posted = false;
  const std::size_t x_limit;
  core::byte_buffer x_taken{std::pmr::new_delete_resource()};
  std::size_t x_at = 0;
  std::uint64_t x_popped = 0;
};

}  // namespace innate::inline v0::net
