// SPDX-License-Identifier: Apache-2.0
/// Keeps a link honest: when to send a PING, whose PING a PONG answers, and when the server has gone silent.
///
/// Only time and PONGs move the schedule; neither publishes nor received messages postpone a PING, so a
/// half-open link is noticed under traffic too. A server answers PINGs in order, whoever sent them, hence one
/// queue for keep-alive, flush and round-trip measurements.
#pragma once

#include <innate/core/clock.hpp>
#include <innate/core/ring.hpp>

#include <cstddef>
#include <cstdint>
#include <memory_resource>
#include <optional>

namespace innate::inline v0::core {

class health {
 public:
  enum class action : std::uint8_t {
    none,       ///< not due yet
    send_ping,  ///< write a PING, then call `sent_ping`
    stale,      ///< as many keep-alive PINGs as allowed are unanswered: drop the link
  };

  health(duration interval, std::uint32_t max_out) noexcept : x_interval(interval), x_max_out(max_out) {}

  /// A link is up. PINGs announced while there was none are about to be written to it.
  void start(time_point now) noexcept {
    x_missed = 0;
    x_deadline = after(now, x_interval);
  }
  /// The link is gone: nobody will answer its PINGs.
  void stop() noexcept {
    x_outstanding.clear();
    x_missed = 0;
    x_deadline = never;
  }

  [[nodiscard]] time_point next_deadline() const noexcept { return x_deadline; }

  /// With N allowed, the N+1st interval without any PONG is one too many.
  [[nodiscard]] action on_deadline(time_point now) noexcept {
    if (now < x_deadline) return action::none;
    if (x_missed >= x_max_out) return action::stale;
    ++x_missed;
    x_deadline = after(now, x_interval);
    return action::send_ping;
  }

  /// Every PING that is written has to be announced here, in order. `waiter` is given back by the PONG that
  /// answers it.
  void sent_ping(std::uint64_t waiter) { x_outstanding.emplace_back(waiter); }

  /// The same for a PING that is written before those announced and not yet written, which are all there are.
  void sent_ping_ahead(std::uint64_t waiter) {
    const auto behind = x_outstanding.size();
    x_outstanding.emplace_back(waiter);
    for (std::size_t i = 0; i != behind; ++i) x_outstanding.emplace_back(x_outstanding.pop_front());
  }

  /// The waiter of the oldest unanswered PING; none for a PONG that nobody asked for. Any PONG proves the
  /// link alive.
  [[nodiscard]] std::optional<std::uint64_t> on_pong() noexcept {
    x_missed = 0;
    if (x_outstanding.empty()) return std::nullopt;
    return x_outstanding.pop_front();
  }

  [[nodiscard]] std::size_t outstanding() const noexcept { return x_outstanding.size(); }

 private:
  duration x_interval;
  std::uint32_t x_max_out;
  std::uint32_t x_missed = 0;  // keep-alive PINGs since the last PONG
  time_point x_deadline = never;
  ring<std::uint64_t> x_outstanding{std::pmr::new_delete_resource()};
};

}  // namespace innate::inline v0::core
