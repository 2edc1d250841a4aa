// SPDX-License-Identifier: Apache-2.0
/// One side of the outbound double buffer: encoded frames in order, with large owned payloads spliced in between.
#pragma once

#include <innate/core/byte_buffer.hpp>
#include <innate/core/payload.hpp>

#include <cstddef>
#include <memory_resource>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace innate::inline v0::core {

class outbound_side {
 public:
  explicit outbound_side(std::pmr::memory_resource* memory) : x_bytes(memory) {}

  [[nodiscard]] bool empty() const noexcept { return size() == 0; }
  /// Bytes in all, spliced payloads included.
  [[nodiscard]] std::size_t size() const noexcept { return x_bytes.size() + x_spliced; }

  [[nodiscard]] char* extend(std::size_t count) { return x_bytes.extend(count); }
  void append(std::string_view bytes) { x_bytes.append(bytes); }
  [[nodiscard]] char* reserve(std::size_t most) { return x_bytes.reserve(most); }
  void commit(std::size_t count) noexcept { x_bytes.commit(count); }

  void splice(owned_payload payload) {
    const auto size = payload.view().size();
    x_splices.push_back({x_bytes.size(), std::move(payload)});
    x_spliced += size;
  }

  /// Fills `out` with the pieces from position `from` on, in order; returns how many were filled.
  [[nodiscard]] std::size_t gather(std::size_t from, std::span<std::string_view> out) const noexcept {
    std::size_t filled = 0;
    std::size_t position = 0;
    const auto piece = [&](std::string_view bytes) {
      const auto skip = from > position ? from - position : 0;
      position += bytes.size();
      if (skip >= bytes.size()) return true;
      out[filled++] = bytes.substr(skip);
      return filled != out.size();
    };
    std::size_t start = 0;
    for (const auto& s : x_splices) {
      if (!piece(x_bytes.view().substr(start, s.offset - start)) || !piece(s.payload.view())) return filled;
      start = s.offset;
    }
    static_cast<void>(piece(x_bytes.view().substr(start)));
    return filled;
  }

  /// Moves every whole PUB and HPUB frame that begins at or after position `from` to the end of `to`, drops the rest.
  /// Returns how many such frames were cut by `from` and so are lost.
  [[gnu::cold]] std::size_t rescue_publishes(std::size_t from, outbound_side& to) {
    std::size_t cut = 0;
    auto next_splice = x_splices.begin();
    std::size_t position = 0;
    for (std::size_t at = 0; at < x_bytes.size();) {
      const frame f = frame_at(at);
      owned_payload* spliced =
          next_splice != x_splices.end() && next_splice->offset < at + f.size ? &next_splice->payload : nullptr;
      const auto in_bytes = f.size - (spliced ? f.payload : 0);
      const auto split = spliced ? next_splice->offset - at : in_bytes;
      if (f.publish && position >= from) {
        to.append(x_bytes.view().substr(at, split));
        if (spliced) to.splice(std::move(*spliced));
        to.append(x_bytes.view().substr(at + split, in_bytes - split));
      } else if (f.publish && position + f.size > from) {
        ++cut;
      }
      if (spliced) ++next_splice;
      position += f.size;
      at += in_bytes;
    }
    clear();
    return cut;
  }

  /// Moves everything of `from` behind what is here.
  [[gnu::cold]] void take(outbound_side& from) {
    const auto base = x_bytes.size();
    x_bytes.append(from.x_bytes.view());
    for (auto& s : from.x_splices) x_splices.push_back({base + s.offset, std::move(s.payload)});
    x_spliced += from.x_spliced;
    from.clear();
  }

  /// Forgets the content; memory beyond what traffic has lately needed is given back.
  void clear() noexcept {
    if (x_bytes.capacity() > keep_capacity && x_bytes.size() < x_bytes.capacity() / 8) x_bytes.release();
    x_bytes.clear();
    x_splices.clear();
    x_spliced = 0;
  }

  void swap(outbound_side& other) noexcept {
    x_bytes.swap(other.x_bytes);
    x_splices.swap(other.x_splices);
    std::swap(x_spliced, other.x_spliced);
  }

 private:
  static constexpr std::size_t keep_capacity = std::size_t{1} << 20;

  struct splice_point {
    std::size_t offset;  // into x_bytes: the payload goes before the byte there
    owned_payload payload;
  };

  struct frame {
    bool publish = false;
    std::size_t size = 0;     // control line, headers, payload and line ends
    std::size_t payload = 0;  // without headers
  };

  // Reads a frame that our own encoder wrote, so its shape is known: sizes are the last words of the control line.
  [[nodiscard, gnu::cold]] frame frame_at(std::size_t at) const noexcept {
    const auto rest = x_bytes.view().substr(at);
    const auto line = rest.substr(0, rest.find('\r'));
    const bool headers = line.starts_with("HPUB ");
    if (!headers && !line.starts_with("PUB ")) return {false, line.size() + 2, 0};
    const auto last = line.rfind(' ');
    const auto total = number(line.substr(last + 1));
    const auto header = headers ? number(line.substr(line.rfind(' ', last - 1) + 1)) : 0;
    return {true, line.size() + 2 + total + 2, total - header};
  }

  [[nodiscard]] static std::size_t number(std::string_view digits) noexcept {
    std::size_t n = 0;
    for (const char c : digits) {
      if (c < '0' || c > '9') break;
      n = n * 10 + static_cast<std::size_t>(c - '0');
    }
    return n;
  }

  byte_buffer x_bytes;
  std::vector<splice_point> x_splices;
  std::size_t x_spliced = 0;
};

}  // namespace innate::inline v0::core
