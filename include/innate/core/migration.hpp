// SPDX-License-Identifier: Apache-2.0
/// How a connection moves from a server in lame duck to another, step by step, once it has a link to both.
///
/// | step        | ends with                                       | then                                            |
/// |-------------|-------------------------------------------------|-------------------------------------------------|
/// | switching   | PONG on the old link, behind the last publish   | `release`: publishes that were held             |
/// | pausing     | the pause is over                               | `hand_over`: SUBs of what left the old link     |
/// | confirming  | PONG on the new link, behind these SUBs         | `report`: the gap is over                       |
/// | overlapping | the overlap is over                             | `withdraw`: UNSUB on the old link of the rest   |
/// | withdrawing | PONG on the old link, behind these UNSUBs       | nothing: the old link lingers                   |
/// | lingering   | the overlap again, and no answer awaited there  | `leave`                                         |
///
/// Without a pause `hand_over` follows at once, and puts its SUBs before the held publishes.
/// A server that does not answer within `patience` has failed: `old_silent`, `new_silent`. Either link may be lost in
/// any step; the other one then goes on alone.
#pragma once

#include <innate/core/clock.hpp>

#include <cstdint>

namespace innate::inline v0::core {

class migration {
 public:
  enum class step : std::uint8_t { none, switching, pausing, confirming, overlapping, withdrawing, lingering };
  enum class action : std::uint8_t { none, release, hand_over, report, withdraw, leave, old_silent, new_silent };

  /// `pause`: between the end of deliveries by the old link and SUB on the new one.
  migration(duration pause, duration overlap, duration patience) noexcept
      : x_pause(pause), x_overlap(overlap), x_patience(patience) {}

  [[nodiscard]] step current() const noexcept { return x_step; }
  [[nodiscard]] bool active() const noexcept { return x_step != step::none; }
  [[nodiscard]] time_point began() const noexcept { return x_began; }
  /// Only requests keep the old link.
  [[nodiscard]] bool overdue() const noexcept { return x_step == step::lingering && x_deadline == never; }
  [[nodiscard]] time_point next_deadline() const noexcept { return x_deadline; }

  /// Both links are up. The caller writes a PING to the old one.
  void begin(time_point now) noexcept {
    x_began = now;
    x_alone = false;
    enter(step::switching, after(now, x_patience));
  }

  /// The old link answered the PING of this step.
  [[nodiscard]] action on_old_pong(time_point now) noexcept {
    if (x_step == step::switching) return end_switching(now);
    if (x_step == step::withdrawing) enter(step::lingering, after(now, x_overlap));
    return action::none;
  }

  /// The new link answered the PING of this step.
  [[nodiscard]] action on_new_pong(time_point now) noexcept {
    if (x_step != step::confirming) return action::none;
    if (x_alone)
      stop();
    else
      enter(step::overlapping, after(now, x_overlap));
    return action::report;
  }

  /// `awaited`: requests that may still be answered by the old link.
  [[nodiscard]] action on_deadline(time_point now, bool awaited) noexcept {
    if (now < x_deadline) return action::none;
    switch (x_step) {
    case step::none: break;
    case step::switching:
    case step::withdrawing: x_deadline = never; return action::old_silent;
    case step::confirming: x_deadline = never; return action::new_silent;
    case step::pausing: enter(step::confirming, after(now, x_patience)); return action::hand_over;
    case step::overlapping: enter(step::withdrawing, after(now, x_patience)); return action::withdraw;
    case step::lingering:
      x_deadline = never;
      if (!awaited) stop();
      return awaited ? action::none : action::leave;
    }
    return action::none;
  }

  /// The last request that was awaited from the old link has ended.
  [[nodiscard]] action on_last_answer() noexcept {
    if (!overdue()) return action::none;
    stop();
    return action::leave;
  }

  /// The old link is gone. What waited for it need not wait any more.
  [[nodiscard]] action on_old_lost(time_point now) noexcept {
    x_alone = true;
    if (x_step == step::switching) return end_switching(now);
    if (x_step != step::pausing && x_step != step::confirming) stop();
    return action::none;
  }

  /// The new link is gone, and the old one takes everything back; the caller writes SUBs and a PING to it. That PONG
  /// comes as one of the new link.
  void on_new_lost(time_point now) noexcept {
    x_alone = true;
    enter(step::confirming, after(now, x_patience));
  }

  /// Both links are gone.
  void stop() noexcept { enter(step::none, never); }

 private:
  action end_switching(time_point now) noexcept {
    if (x_pause > duration::zero()) {
      enter(step::pausing, after(now, x_pause));
      return action::release;
    }
    enter(step::confirming, after(now, x_patience));
    return action::hand_over;
  }

  void enter(step s, time_point deadline) noexcept {
    x_step = s;
    x_deadline = deadline;
  }

  duration x_pause;
  duration x_overlap;
  duration x_patience;
  step x_step = step::none;
  bool x_alone = false;  // one link is left
  time_point x_began{};
  time_point x_deadline = never;
};

}  // namespace innate::inline v0::core
