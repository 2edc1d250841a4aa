// SPDX-License-Identifier: Apache-2.0
/// A received message: views of subject, reply, headers and payload that live as long as any copy of it.
#pragma once

#include <innate/core/slab.hpp>
#include <innate/protocol/headers.hpp>
#include <innate/protocol/op.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <utility>

namespace innate::inline v0 {

/// Copying bumps an atomic count; no bytes move. The views it returns stay valid while this message or a copy of it
/// lives. It may be kept after its connection is gone and released on any thread. A default-constructed message is
/// empty in every part.
class message {
 public:
  message() = default;

  /// A slice of `memory`, which holds every byte that `o` views. Inlined, because then it is made where it is queued.
  [[gnu::always_inline]] message(core::slab_ref memory, const protocol::op& o) noexcept
      : x_memory(std::move(memory)),
        x_subject(slice(o.subject)),
        x_reply(slice(o.reply)),
        x_header(slice(o.header)),
        x_payload(slice(o.payload)) {}

  [[nodiscard]] std::string_view subject() const noexcept { return view(x_subject); }
  [[nodiscard]] std::string_view reply() const noexcept { return view(x_reply); }
  [[nodiscard]] bool has_reply() const noexcept { return x_reply.size != 0; }

  /// The payload as text; `bytes()` is the same as bytes.
  [[nodiscard]] std::string_view data() const noexcept { return view(x_payload); }
  [[nodiscard]] std::span<const std::byte> bytes() const noexcept {
    return std::as_bytes(std::span{data().data(), data().size()});
  }

  [[nodiscard]] bool has_headers() const noexcept { return x_header.size != 0; }
  [[nodiscard]] protocol::headers_view headers() const noexcept { return protocol::headers_view{view(x_header)}; }
  /// Inline status of the header block (503 no responders, 408 timeout, …), 0 when there is none.
  [[nodiscard]] int status() const noexcept { return has_headers() ? headers().status() : 0; }

  /// Header and payload bytes: what counts against pending limits.
  [[nodiscard]] std::size_t size() const noexcept { return std::size_t{x_header.size} + x_payload.size; }

  /// A copy in memory of its own, so that a small message does not keep a whole receive slab alive.
  [[nodiscard]] message detach() const {
    if (!x_memory) return {};
    message copy;
    const auto total = std::size_t{x_subject.size} + x_reply.size + x_header.size + x_payload.size;
    copy.x_memory = x_memory.pool().acquire_exact(total);
    std::uint32_t at = 0;
    const auto append = [&](part p) {
      if (p.size) std::memcpy(copy.x_memory.data() + at, x_memory.data() + p.offset, p.size);
      const part placed{at, p.size};
      at += p.size;
      return placed;
    };
    copy.x_subject = append(x_subject);
    copy.x_reply = append(x_reply);
    copy.x_header = append(x_header);
    copy.x_payload = append(x_payload);
    return copy;
  }

 private:
  struct part {
    std::uint32_t offset = 0;
    std::uint32_t size = 0;
  };

  [[nodiscard]] part slice(std::string_view v) const noexcept {
    if (v.empty()) return {};
    return {static_cast<std::uint32_t>(v.data() - x_memory.data()), static_cast<std::uint32_t>(v.size())};
  }
  [[nodiscard]] std::string_view view(part p) const noexcept {
    return p.size ? std::string_view{x_memory.data() + p.offset, p.size} : std::string_view{};
  }

  core::slab_ref x_memory;
  part x_subject;
  part x_reply;
  part x_header;
  part x_payload;
};

}  // namespace innate::inline v0
