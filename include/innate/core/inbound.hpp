// SPDX-License-Identifier: Apache-2.0
/// Turns what a socket delivers into ops whose bytes live in shared slabs.
///
/// Life of the buffer: `[begin, end)` of the current slab holds what is not parsed yet. When that is nothing and no
/// message holds the slab any more, reading starts over in it, where it is still in the cache. When the slab is full,
/// or a message needs more than is left of it, the unparsed rest moves to the start of another slab: the same one if no
/// message holds it, else one from the pool, made to measure for a large message, which is then read in place.
#pragma once

#include <innate/core/slab.hpp>
#include <innate/protocol/limits.hpp>
#include <innate/protocol/parser.hpp>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <span>
#include <string_view>
#include <utility>

namespace innate::inline v0::core {

class inbound {
 public:
  inbound(slab_pool& pool, protocol::limits limits) : x_pool(pool), x_parser(protocol::parser::role::client, limits) {}

  /// Where to read the next bytes to; never empty.
  [[nodiscard]] std::span<char> prepare() {
    if (x_begin == x_end && released()) x_begin = x_end = 0;
    const auto unparsed = x_end - x_begin;
    const auto wanted = std::max(x_need, unparsed + (unparsed < min_room ? min_room : 1));
    if (x_slab.capacity() - x_begin < wanted) {
      const bool measured = x_need > unparsed + 1;  // else a control line, whose end is somewhere
      move_rest(measured ? wanted : std::max(wanted, unparsed * 2));
    }
    return {x_slab.data() + x_end, x_slab.capacity() - x_end};
  }

  void commit(std::size_t count) noexcept { x_end += count; }

  /// The next message, if it is there whole and plainly written, as almost all are; else `next` tells what is there.
  [[nodiscard, gnu::always_inline]] bool next_delivery(protocol::op& o) noexcept {
    const auto unparsed = x_end - x_begin;
    if (unparsed == 0) return false;
    o.reply = {};
    const auto size = x_parser.parse_delivery({x_slab.data() + x_begin, unparsed}, o);
    if (size == 0 || size > unparsed) {
      x_need = size;
      return false;
    }
    x_begin += size;
    return true;
  }

  /// The next op; `need` when more bytes have to be read first. Views in it are slices of what `lend` gives.
  [[nodiscard]] protocol::parse_result next() noexcept {
    const auto unparsed = x_end - x_begin;
    if (unparsed == 0) {
      x_need = 0;
      return {};
    }
    if (unparsed < x_need) return {};
    const auto r = x_parser.parse({x_slab.data() + x_begin, unparsed});
    x_need = r.kind == protocol::parse_result::kind_type::need ? r.need : 0;
    x_begin += r.consumed;
    return r;
  }

  /// Everything that is not parsed yet, for another reader of the stream. The view lives until the next call.
  [[nodiscard]] std::string_view take_rest() noexcept {
    const std::string_view rest =
        x_slab ? std::string_view{x_slab.data() + x_begin, x_end - x_begin} : std::string_view{};
    x_begin = x_end = x_need = 0;
    x_parser.reset();
    return rest;
  }

  /// A reference to the memory that the last op is in.
  [[nodiscard]] slab_ref lend() noexcept { return x_slab.lend(); }

  /// Forgets everything unparsed: a new link starts.
  void reset() noexcept {
    x_begin = x_end = x_need = 0;
    x_slab = slab_lender{};
    x_parser.reset();
  }

 private:
  // Less is not worth a system call, unless as much would have to be moved for it.
  static constexpr std::size_t min_room = 2048;

  /// True when no message holds the current slab.
  [[nodiscard]] bool released() const noexcept { return !x_slab || x_slab.unique(); }

  void move_rest(std::size_t wanted) {
    const auto unparsed = x_end - x_begin;
    if (x_slab.capacity() >= wanted && released()) {
      if (unparsed) std::memmove(x_slab.data(), x_slab.data() + x_begin, unparsed);
    } else {
      slab_lender fresh{x_pool.acquire(wanted)};
      if (unparsed) std::memcpy(fresh.data(), x_slab.data() + x_begin, unparsed);
      x_slab = std::move(fresh);
    }
    x_begin = 0;
    x_end = unparsed;
  }

  slab_pool& x_pool;
  protocol::parser x_parser;
  slab_lender x_slab;
  std::size_t x_begin = 0;
  std::size_t x_end = 0;
  std::size_t x_need = 0;  // bytes from x_begin on that the parser waits for
};

}  // namespace innate::inline v0::core
