// SPDX-License-Identifier: Apache-2.0
/// A moment in UTC with microseconds, as payloads carry it: `2026-11-24T04:05:06.123456Z` (RFC 3339).
#pragma once

#include <innate/typed/timestamp_text.hpp>

#include <array>
#include <chrono>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace innate::inline v0 {

class timestamp {
 public:
  using time_point = std::chrono::sys_time<std::chrono::microseconds>;
  static constexpr std::size_t text_size = typed::timestamp_text::size;

  constexpr timestamp() noexcept = default;  ///< 1970-01-01T00:00:00.000000Z
  constexpr timestamp(time_point t) noexcept : x_time(t) {}

  [[nodiscard]] static timestamp now() noexcept {
    return std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now());
  }

  [[nodiscard]] constexpr time_point time() const noexcept { return x_time; }
  friend constexpr auto operator<=>(timestamp, timestamp) noexcept = default;

  /// Only years 0 to 9999 have a text.
  [[nodiscard]] constexpr bool has_text() const noexcept {
    using namespace std::chrono;
    return x_time >= sys_days{year{0} / 1 / 1} && x_time < sys_days{year{10000} / 1 / 1};
  }

  /// Writes `text_size` bytes, returns the end. Only when `has_text()`.
  constexpr char* format(char* at) const noexcept {
    using namespace std::chrono;
    const auto day = floor<days>(x_time);
    const year_month_day date{day};
    typed::timestamp_text::put(at, static_cast<unsigned>(static_cast<int>(date.year())), unsigned{date.month()},
                               unsigned{date.day()}, static_cast<std::uint64_t>((x_time - day).count()));
    return at + text_size;
  }

  [[nodiscard]] std::string text() const {
    std::array<char, text_size> out{};
    return has_text() ? std::string{out.data(), format(out.data())} : std::string{"out of range"};
  }

  /// Reads RFC 3339; also with a blank for the `T`, with any number of fraction digits (beyond microseconds they are
  /// cut off), and without an offset, which means UTC, as Python's `isoformat()` writes it.
  [[nodiscard]] static constexpr std::optional<timestamp> parse(std::string_view text) noexcept {
    if (text.size() == text_size) {
      if (const auto written = typed::timestamp_text::get(text.data(), made_of)) return written;
    }
    reader r{text};
    const auto y = r.number(4);
    r.expect('-');
    const auto mo = r.number(2);
    r.expect('-');
    const auto d = r.number(2);
    if (!r.take('T') && !r.take('t')) r.expect(' ');
    const auto h = r.number(2);
    r.expect(':');
    const auto mi = r.number(2);
    r.expect(':');
    const auto s = r.number(2);
    const auto fraction = r.take('.') ? r.micros() : 0;
    const auto offset = r.offset();
    if (!r.good || !r.rest.empty()) return std::nullopt;
    const auto local = made_of(y, mo, d, h, mi, s, fraction);
    return local ? std::optional{timestamp{local->x_time - offset}} : std::nullopt;
  }

 private:
  static constexpr std::optional<timestamp> made_of(unsigned y, unsigned mo, unsigned d, unsigned h, unsigned mi,
                                                    unsigned s, unsigned micros) noexcept {
    using namespace std::chrono;
    const year_month_day date{year{static_cast<int>(y)}, month{mo}, day{d}};
    if (!date.ok() || h > 23 || mi > 59 || s > 60) return std::nullopt;
    return timestamp{sys_days{date} + seconds{(h * 60 + mi) * 60 + s} + microseconds{micros}};
  }

  struct reader {
    std::string_view rest;
    bool good = true;

    constexpr bool take(char c) noexcept {
      if (rest.empty() || rest.front() != c) return false;
      rest.remove_prefix(1);
      return true;
    }
    constexpr void expect(char c) noexcept { good = take(c) && good; }
    [[nodiscard]] constexpr bool digit() const noexcept {
      return !rest.empty() && rest.front() >= '0' && rest.front() <= '9';
    }
    constexpr unsigned next_digit() noexcept {
      const auto value = static_cast<unsigned>(rest.front() - '0');
      rest.remove_prefix(1);
      return value;
    }
    constexpr unsigned number(int count) noexcept {
      unsigned value = 0;
      for (; count != 0 && digit(); --count) value = value * 10 + next_digit();
      good = good && count == 0;
      return value;
    }
    constexpr unsigned micros() noexcept {
      good = good && digit();
      unsigned value = 0;
      unsigned unit = 100'000;
      for (; digit(); unit /= 10) value += next_digit() * unit;
      return value;
    }
    constexpr std::chrono::minutes offset() noexcept {
      if (rest.empty() || take('Z') || take('z')) return {};
      const bool behind = take('-');
      if (!behind) expect('+');
      const auto h = number(2);
      expect(':');
      const auto m = number(2);
      good = good && h < 24 && m < 60;
      const auto total = std::chrono::hours{h} + std::chrono::minutes{m};
      return behind ? -total : total;
    }
  };

  time_point x_time{};
};

}  // namespace innate::inline v0
