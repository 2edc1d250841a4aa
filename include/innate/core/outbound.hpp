// SPDX-License-Identifier: Apache-2.0
/// What waits to be written: frames pile up on one side while the other is in flight, so bursts coalesce without a
/// timer.
#pragma once

#include <innate/core/outbound_side.hpp>

#include <cstddef>
#include <memory_resource>
#include <span>
#include <string_view>
#include <utility>

namespace innate::inline v0::core {

class outbound {
 public:
  explicit outbound(std::pmr::memory_resource* memory) : x_memory(memory), x_flying(memory), x_waiting(memory) {}

  /// Bytes accepted and not yet handed to the socket.
  [[nodiscard]] std::size_t size() const noexcept { return x_flying.size() - x_written + x_waiting.size(); }
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
  [[nodiscard]] std::size_t gather(std::span<std::string_view> out) noexcept {
    if (x_flying.empty()) x_flying.swap(x_waiting);
    return x_flying.gather(x_written, out);
  }

  /// The socket took `count` more bytes.
  void written(std::size_t count) noexcept {
    x_written += count;
    if (x_written != x_flying.size()) return;
    x_flying.clear();
    x_written = 0;
  }

  /// The link is gone: keeps the publishes whose first byte was never handed to a socket, in order, and drops
  /// everything else (a replay makes the subscriptions anew). Returns how many publishes were cut in half.
  std::size_t link_lost() {
    outbound_side kept{x_memory};
    const auto cut = x_flying.rescue_publishes(x_written, kept);
    x_waiting.rescue_publishes(0, kept);
    x_waiting.swap(kept);
    x_written = 0;
    return cut;
  }

  /// A new link is up: `bytes` leave before anything that waits. Nothing may be in flight.
  void begin_with(std::string_view bytes) { x_flying.append(bytes); }

 private:
  std::pmr::memory_resource* x_memory;
  outbound_side x_flying;
  outbound_side x_waiting;
  std::size_t x_written = 0;  // of x_flying
};

}  // namespace innate::inline v0::core
