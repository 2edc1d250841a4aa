// SPDX-License-Identifier: Apache-2.0
/// How long to wait before the next round over the server pool: exponential with jitter, capped, or the
/// user's function.
#pragma once

#include <innate/core/clock.hpp>
#include <innate/core/options.hpp>

#include <algorithm>
#include <cstdint>

namespace innate::inline v0::core {

/// Reads its options at each call; they must outlive it. Throws only what `reconnect_options::delay` throws.
class backoff {
 public:
  explicit backoff(const reconnect_options& how) noexcept : x_how(how) {}

  /// The wait after `round` full rounds of the pool: none after no round, then `wait` doubled with each
  /// further round up to `max_wait`, plus a random share of the jitter. `random`: 64 random bits. `tls`: the
  /// pool holds a TLS server.
  [[nodiscard]] duration wait_for(std::uint32_t round, std::uint64_t random, bool tls) const {
    if (round == 0) return duration::zero();
    if (x_how.delay) return std::max(x_how.delay(round), duration::zero());
    const duration steady = grown(round);
    const duration extra = share(tls ? x_how.jitter_tls : x_how.jitter, random);
    return extra > duration::max() - steady ? duration::max() : steady + extra;
  }

 private:
  [[nodiscard]] duration grown(std::uint32_t round) const noexcept {
    const duration cap = std::max(x_how.max_wait, duration::zero());
    duration wait = std::clamp(x_how.wait, duration::zero(), cap);
    if (wait == duration::zero()) return wait;
    for (std::uint32_t i = 1; i < round && wait < cap; ++i) wait = wait > cap / 2 ? cap : wait * 2;
    return wait;
  }

  [[nodiscard]] static duration share(duration most, std::uint64_t random) noexcept {
    if (most <= duration::zero()) return duration::zero();
    const auto range = static_cast<std::uint64_t>(most.count()) + 1;
    return duration{static_cast<duration::rep>(random % range)};
  }

  const reconnect_options& x_how;
};

}  // namespace innate::inline v0::core
