// SPDX-License-Identifier: Apache-2.0
/// How long things took, in fixed memory: percentiles that are off by less than 2 %, recording that never allocates.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>

namespace innate::inline v0::sdk {

/// Counts nanoseconds in buckets whose width grows with the value: each power of two has 32 of them. Times are
/// rounded to a nanosecond; beyond about 4.8 hours only the maximum is told apart.
class histogram {
 public:
  /// What is negative or not a number counts as 0.
  void record(double seconds) noexcept {
    const double value = seconds > 0 ? seconds : 0;
    const double nanoseconds = value * 1e9;
    const auto whole = nanoseconds < largest ? static_cast<std::uint64_t>(std::llround(nanoseconds)) : top;
    ++x_buckets[place_of(std::min(whole, top))];
    ++x_count;
    x_sum += value;
    x_min = std::min(x_min, value);
    x_max = std::max(x_max, value);
  }

  [[nodiscard]] std::uint64_t count() const noexcept { return x_count; }
  /// In seconds, and exact; 0 when nothing was recorded.
  [[nodiscard]] double min() const noexcept { return x_count ? x_min : 0; }
  [[nodiscard]] double max() const noexcept { return x_max; }
  [[nodiscard]] double mean() const noexcept { return x_count ? x_sum / static_cast<double>(x_count) : 0; }

  /// Seconds that the share `p` of all values does not exceed: 0.5 is the median. 0 when nothing was recorded.
  [[nodiscard]] double percentile(double p) const noexcept {
    if (x_count == 0) return 0;
    const double rank = std::ceil(std::clamp(p, 0.0, 1.0) * static_cast<double>(x_count));
    const auto wanted = std::max<std::uint64_t>(1, static_cast<std::uint64_t>(rank));
    if (wanted >= x_count) return x_max;
    std::uint64_t seen = 0;
    std::size_t place = 0;
    while (place + 1 != x_buckets.size() && (seen += x_buckets[place]) < wanted) ++place;
    return std::clamp(middle_of(place) * 1e-9, x_min, x_max);
  }

  void clear() noexcept { *this = histogram{}; }

 private:
  static constexpr unsigned exact_bits = 6;      // below 2^6 each value has a bucket of its own
  static constexpr std::size_t per_octave = 32;  // half a bucket is 1/64 of the value at most
  static constexpr unsigned bits = 44;
  static constexpr std::uint64_t top = (std::uint64_t{1} << bits) - 1;
  static constexpr double largest = static_cast<double>(top);
  static constexpr std::size_t size = (std::size_t{1} << exact_bits) + (bits - exact_bits) * per_octave;

  static constexpr std::size_t place_of(std::uint64_t value) noexcept {
    const auto width = static_cast<unsigned>(std::bit_width(value));
    if (width <= exact_bits) return static_cast<std::size_t>(value);
    const auto octave = width - exact_bits - 1;
    const auto within = static_cast<std::size_t>(value >> (octave + 1)) - per_octave;
    return (std::size_t{1} << exact_bits) + octave * per_octave + within;
  }
  static constexpr double middle_of(std::size_t place) noexcept {
    constexpr auto exact = std::size_t{1} << exact_bits;
    if (place < exact) return static_cast<double>(place);
    const auto octave = (place - exact) / per_octave;
    const auto within = (place - exact) % per_octave + per_octave;
    const auto width = std::uint64_t{1} << (octave + 1);
    return static_cast<double>(within * width) + static_cast<double>(width - 1) / 2;
  }

  std::array<std::uint64_t, size> x_buckets{};
  std::uint64_t x_count = 0;
  double x_sum = 0;
  double x_min = std::numeric_limits<double>::infinity();
  double x_max = 0;
};

}  // namespace innate::inline v0::sdk
