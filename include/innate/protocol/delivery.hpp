// SPDX-License-Identifier: Apache-2.0
/// Reads a MSG, HMSG, PUB or HPUB that is plainly written, in one pass: the way almost all bytes come.
///
/// Plainly: upper case, single blanks, CRLF. Anything else, be it wrong, unusual, without the end of its control line
/// or beyond a limit, is left to the parser's general way, which alone decides what it means.
#pragma once

#include <innate/protocol/arguments.hpp>
#include <innate/protocol/limits.hpp>
#include <innate/protocol/op.hpp>
#include <innate/protocol/word_ends.hpp>

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace innate::inline v0::protocol {

class delivery {
 public:
  /// The size of the frame that `all` begins with, which `to` (without a reply) describes when it is there whole; 0:
  /// not for this reader.
  [[nodiscard, gnu::always_inline]] static std::size_t from_server(std::string_view all, const limits& bounds,
                                                                   op& to) noexcept {
    if (begins(all, "MSG ")) return read<op_kind::msg>(all, bounds, to);
    return begins(all, "HMSG ") ? read<op_kind::hmsg>(all, bounds, to) : 0;
  }
  [[nodiscard]] static std::size_t from_client(std::string_view all, const limits& bounds, op& to) noexcept {
    if (begins(all, "PUB ")) return read<op_kind::pub>(all, bounds, to);
    return begins(all, "HPUB ") ? read<op_kind::hpub>(all, bounds, to) : 0;
  }

  /// The size of the frame that `all` begins with, once its control line has been read: `line` bytes with their end,
  /// then `total` bytes of which the first `header` are headers, both of which `to` has when they are there; 0: not for
  /// this reader.
  [[nodiscard, gnu::always_inline]] static std::size_t complete(std::string_view all, std::size_t line,
                                                                std::uint64_t header, std::uint64_t total,
                                                                const limits& bounds, op& to) noexcept {
    if (header > total || total > bounds.payload || line - 2 > bounds.control_line) return 0;
    const auto end = line + static_cast<std::size_t>(total);
    if (all.size() < end + 2) return end + 2;
    if (std::memcmp(all.data() + end, "\r\n", 2) != 0) return 0;
    to.header = {all.data() + line, static_cast<std::size_t>(header)};
    to.payload = {all.data() + line + header, static_cast<std::size_t>(total - header)};
    return end + 2;
  }

 private:
  // One comparison; `starts_with` calls a function that may throw.
  template <std::size_t N>
  [[nodiscard, gnu::always_inline]] static bool begins(std::string_view all, const char (&verb)[N]) noexcept {
    return all.size() >= N - 1 && std::memcmp(all.data(), verb, N - 1) == 0;
  }

  /// Takes one word after another off a control line.
  class words {
   public:
    words(std::string_view all, std::size_t begin) noexcept
        : x_all(all), x_begin(begin), x_block{begin, word_ends::find(all, begin)} {}

    /// The byte behind the next word, which may be empty; 0 when that is not there yet.
    [[gnu::always_inline]] char take(std::string_view& word) noexcept {
      if (x_block.ends == 0) {
        x_block = later(x_all, x_block.begin);
        if (x_block.ends == 0) return '\0';
      }
      const auto end = x_block.begin + static_cast<std::size_t>(std::countr_zero(x_block.ends));
      x_block.ends &= x_block.ends - 1;
      word = {x_all.data() + x_begin, end - x_begin};
      x_begin = end + 1;
      return x_all[end];
    }

    /// After the last word, which was followed by CR: the size of the line when LF comes next, which is to be seen.
    [[nodiscard]] std::size_t line_size() const noexcept { return x_begin + 1; }

   private:
    struct block {
      std::size_t begin;
      std::uint64_t ends;  // of words in it, those not reached yet; counting zeros of 64 bits needs no extension
    };

    // The block of a long line's next word end. Values in and out, and not inlined, so that the rest stays in
    // registers.
    [[nodiscard, gnu::noinline]] static block later(std::string_view all, std::size_t begin) noexcept {
      block next{begin, 0};
      while (next.ends == 0 && all.size() - next.begin > word_ends::block) {
        next.begin += word_ends::block;
        next.ends = word_ends::find(all, next.begin);
      }
      return next;
    }

    std::string_view x_all;
    std::size_t x_begin;  // of the next word
    block x_block;
  };

  /// `subject [sid] [reply] [header size] size`
  template <op_kind Kind>
  [[nodiscard]] static std::size_t read(std::string_view all, const limits& bounds, op& to) noexcept {
    constexpr bool numbered = Kind == op_kind::msg || Kind == op_kind::hmsg;
    constexpr bool headers = Kind == op_kind::hmsg || Kind == op_kind::hpub;
    words line{all, headers ? 5 : 4};
    std::string_view word;
    if (line.take(to.subject) != ' ' || to.subject.empty()) return 0;
    if constexpr (numbered) {
      if (line.take(word) != ' ' || !arguments::number(word, to.sid)) return 0;
    }
    std::string_view header_size;
    if constexpr (headers) {
      if (line.take(header_size) != ' ') return 0;
    }
    char after = line.take(word);
    if (after == ' ') {  // one word more: the first of these was the reply subject
      to.reply = headers ? header_size : word;
      if (to.reply.empty()) return 0;
      header_size = word;
      after = line.take(word);
    }
    if (after != '\r') return 0;
    const auto line_size = line.line_size();
    std::uint64_t header = 0;
    std::uint64_t total = 0;
    if (!arguments::number(word, total)) return 0;
    if (headers && !arguments::number(header_size, header)) return 0;
    if (all.size() < line_size || all[line_size - 1] != '\n') return 0;
    to.kind = Kind;
    return complete(all, line_size, header, total, bounds, to);
  }
};

}  // namespace innate::inline v0::protocol
