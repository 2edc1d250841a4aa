// SPDX-License-Identifier: Apache-2.0
/// What waits to be written: frames pile up on one side while the other is in flight, so bursts coalesce without a
/// timer.
#pragma once

#include <innate/core/byte_buffer.hpp>
#include <innate/core/outbound_side.hpp>

#include <cstddef>
#include <memory_resource>
#include <span>
#include <string_view>
#include <utility>

namespace innate::inline v0::core {

class outbound {
 public:
  explicit outbound(std::pmr::memory_resource* memory)
      : x_memory(memory), x_flying(memory), x_waiting(memory), x_ahead(memory) {}

  /// Bytes accepted and not yet handed to the socket.
  [[nodiscard]] std::size_t size() const noexcept { return x_leaving + x_waiting.size(); }
  [[nodiscard]] bool empty() const noexcept { return size() == 0; }

  /// Room for one whole frame of `count` bytes, to be filled by the caller at once.
  [[nodiscard]] char* append(std::size_t count) { return x_waiting.extend(count); }
  void append(std::string_view bytes) { x_waiting.append(bytes); }
  /// The same when only an upper bound of the size is known before: what was used of it is committed at once.
  [[nodiscard]] char* reserve(std::size_t most) { return x_waiting.reserve(most); }
  void commit(std::size_t count) noexcept { x_waiting.commit(count); }
  /// Puts an owned payload after the last appended byte; the frame's line end is appended next.
  void splice(owned_payload payload) { x_waiting.splice(std::move(payload)); }

  /// Pieces to write next, at most `out.size()`; 0 when there is nothing. They stay valid until `written` covers them.
  [[nodiscard]] std::size_t gather(std::span<std::string_view> out) {
    if (x_flying.empty()) take_off();
    return x_flying.gather(x_written, out);
  }

  /// The socket took `count` more bytes.
  void written(std::size_t count) noexcept {
    x_written += count;
    x_leaving -= count;
    if (x_written != x_flying.size()) return;
    x_flying.clear();
    x_written = 0;
    if (x_waiting.empty()) x_waiting.swap(x_flying);  // what comes next finds this memory in the cache
  }

  /// The link is gone: keeps the publishes whose first byte was never handed to a socket, in order, and drops
  /// everything else (a replay makes the subscriptions anew). Returns how many publishes were cut in half.
  std::size_t link_lost() {
    outbound_side kept{x_memory};
    const auto cut = x_flying.rescue_publishes(x_written, kept);
    x_waiting.rescue_publishes(0, kept);
    x_waiting.swap(kept);
    x_written = x_leaving = 0;
    x_ahead.clear();
    x_held = false;
    return cut;
  }
  /// The same when there is another link: what is kept leaves on `other`, before all that waits there, or behind it.
  std::size_t move_before(outbound& other) {
    const auto cut = link_lost();
    x_waiting.take(other.x_waiting);
    x_waiting.swap(other.x_waiting);
    return cut;
  }
  std::size_t move_behind(outbound& other) {
    const auto cut = link_lost();
    other.x_waiting.take(x_waiting);
    return cut;
  }

  /// `bytes` leave before anything that waits.
  void begin_with(std::string_view bytes) {
    x_ahead.append(bytes);
    x_leaving += bytes.size();
  }

  /// What is appended stays until `release`, but for what `begin_with` gets.
  void hold() noexcept { x_held = true; }
  void release() noexcept { x_held = false; }
  [[nodiscard]] bool held() const noexcept { return x_held; }

 private:
  void take_off() {
    if (x_ahead.size() != 0) {
      x_flying.append(x_ahead.view());
      x_ahead.clear();
    } else if (!x_held) {
      x_flying.swap(x_waiting);
      x_leaving += x_flying.size();
    }
  }

  std::pmr::memory_resource* x_memory;
  outbound_side x_flying;
  outbound_side x_waiting;
  byte_buffer x_ahead;
  std::size_t x_written = 0;  // of x_flying
  std::size_t x_leaving = 0;  // the rest of it, and x_ahead
  bool x_held = false;
};

}  // namespace innate::inline v0::core
