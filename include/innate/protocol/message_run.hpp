// SPDX-License-Identifier: Apache-2.0
/// Reads one more MSG of a run on one subject: its control line begins as the one before it did, so that only the size
/// is left to be read.
///
/// Order contract: `next` where a run is `known`; a message that it did not read is read in another way, and learnt
/// when `wants_another` says so.
#pragma once

#include <innate/meta/eight_bytes.hpp>
#include <innate/protocol/delivery.hpp>
#include <innate/protocol/limits.hpp>
#include <innate/protocol/op.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace innate::inline v0::protocol {

class message_run {
 public:
  [[nodiscard, gnu::always_inline]] bool known() const noexcept { return x_size > 0; }

  /// The size of the frame that `all` begins with, which `to` (without a reply) describes when it is there whole; 0:
  /// not one of the run, or not for this reader. Not inlined, because what is mixed should not pay for it.
  [[nodiscard, gnu::noinline]] std::size_t next(std::string_view all, const limits& bounds, op& to) noexcept {
    if (all.size() < enough || !begins(all.data())) return 0;
    const char* const first_digit = all.data() + x_size;
    const char* at = first_digit;
    std::uint64_t total = 0;
    for (unsigned digit = 0; (digit = digit_of(*at)) <= 9;) {
      total = total * 10 + digit;
      if (++at == first_digit + most_digits) return 0;
    }
    if (at == first_digit || std::memcmp(at, "\r\n", 2) != 0) return 0;
    const auto line = static_cast<std::size_t>(at - all.data()) + 2;
    const auto size = delivery::complete(all, line, 0, total, bounds, to);
    if (size == 0) return 0;
    to.kind = op_kind::msg;
    to.subject = {all.data() + verb_size, x_subject_size};
    to.sid = x_sid;
    x_useful = true;
    return size;
  }

  /// False for most messages where no two in a row are alike, so that looking for runs would be in vain.
  [[nodiscard, gnu::always_inline]] bool wants_another() noexcept { return x_size >= 0 || ++x_size == 0; }

  /// `all` began with `o`, which was there whole and was read in another way.
  void learn(std::string_view all, const op& o) noexcept {
    const bool in_vain = x_size > 0 && !x_useful;
    x_useful = false;
    x_size = -pause;
    if (in_vain || o.kind != op_kind::msg || !o.reply.empty()) return;
    const char* at = o.payload.data() - 2;
    while (at[-1] != ' ') --at;
    if (at - all.data() > most) return;
    x_size = at - all.data();
    all.copy(x_beginning.data(), static_cast<std::size_t>(x_size));
    x_subject_size = o.subject.size();
    x_sid = o.sid;
  }

 private:
  static constexpr std::size_t verb_size = std::string_view{"MSG "}.size();
  static constexpr std::ptrdiff_t most = 48;  // bytes of a line's beginning
  static constexpr std::size_t most_digits = 8;
  static constexpr std::ptrdiff_t pause = 32;                    // messages
  static constexpr std::size_t enough = most + most_digits + 2;  // bytes, so that none behind them is read unasked

  [[nodiscard]] static unsigned digit_of(char c) noexcept {
    return static_cast<unsigned>(static_cast<unsigned char>(c)) - '0';
  }

  // Eight bytes at a time, which "MSG a 1 " has, the last ones first, because there the lines differ.
  [[nodiscard]] bool begins(const char* text) const noexcept {
    using meta::eight_bytes::load;
    for (std::ptrdiff_t i = x_size - 8; load(text + i) == load(x_beginning.data() + i); i -= 8) {
      if (i <= 8) return load(text) == load(x_beginning.data());
    }
    return false;
  }

  std::ptrdiff_t x_size = 0;  // of the beginning; 0: none is known; below: none is wanted for so many messages
  std::size_t x_subject_size = 0;
  std::uint64_t x_sid = 0;
  std::array<char, most> x_beginning{};
  bool x_useful = false;  // since it was learnt
};

}  // namespace innate::inline v0::protocol
