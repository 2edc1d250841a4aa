// SPDX-License-Identifier: Apache-2.0
/// One subscription: its identity, its bounded queue of undelivered messages, who waits for them, and how it ended.
#pragma once

#include <innate/core/local_ptr.hpp>
#include <innate/core/message.hpp>
#include <innate/core/message_sink.hpp>
#include <innate/core/operation.hpp>
#include <innate/core/ring.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <memory_resource>
#include <new>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>

namespace innate::inline v0 {

/// What happens to a message that does not fit the pending limits of its subscription.
enum class overflow_policy : std::uint8_t {
  drop_new,     ///< the arriving message is dropped
  drop_oldest,  ///< the messages waiting longest make room
  keep_latest,  ///< only the newest message is ever kept; replacing one is not an overflow
};

/// How a subscription moves when its connection migrates to another server. A member of a queue group has no choice: it
/// is on both links for a while, which loses nothing and gives nothing twice. One that ends by itself after a number of
/// messages is always handed over.
enum class migration_policy : std::uint8_t {
  hand_over,  ///< off the old link, then on the new one: at most once, with a gap that an event reports
  overlap,    ///< on both links for a while: at least once; what comes meanwhile comes twice
};

/// Parameters of `subscribe`, all optional. Zero limits mean the connection's defaults.
struct subscribe_options {
  std::string_view queue{};          ///< queue group: each message goes to one member
  std::uint64_t max_messages = 0;    ///< ends by itself after so many messages; 0: never
  std::size_t pending_messages = 0;  ///< undelivered messages kept
  std::size_t pending_bytes = 0;     ///< undelivered header and payload bytes kept
  overflow_policy overflow = overflow_policy::drop_new;
  bool report_gaps = true;  ///< `next()` fails once with `slow_consumer` where messages were dropped
  migration_policy on_migration = migration_policy::hand_over;
};

}  // namespace innate::inline v0

namespace innate::inline v0::core {

struct subscription_limits {
  std::size_t bytes = std::numeric_limits<std::size_t>::max();
  std::uint32_t messages = ring<message>::most;
  overflow_policy overflow = overflow_policy::drop_new;
  bool report_gaps = true;
};

/// Whoever runs an engine. A subscription that somebody uses keeps it alive; the engine lets go of the subscription
/// when that ends, at the latest with its handle, so that the two do not keep each other.
class engine_owner {
 protected:
  engine_owner() = default;
  ~engine_owner() = default;
};

class subscription_state;
using subscription_ptr = local_ptr<subscription_state>;

/// Small, because there may be very many: its names follow it in one piece of memory, and what only a consumer needs
/// that falls behind comes when one does.
class subscription_state final : public locally_counted {
 public:
  enum class phase : std::uint8_t { open, draining, ended };
  /// Where it is while its connection migrates.
  enum class place : std::uint8_t {
    new_link,      ///< there only; so is every one while there is a single link
    both_links,    ///< subscribed on both
    leaving,       ///< the old link was told UNSUB; what it still delivers counts
    handing_over,  ///< the same, and the new link does not know it yet
  };

  // What every message touches comes first, to lie together in the cache.
  operation_list consumers;  // wait for `ready()`
  std::uint64_t sid = 0;     // 0: not in the subscription table
  migration_policy on_migration = migration_policy::hand_over;
  place where = place::new_link;

 private:
  phase x_phase = phase::open;
  bool x_slow = false;
  bool x_miscounted = false;
  std::uint64_t x_delivered = 0;
  std::uint64_t x_max = 0;
  ring<message> x_ring;
  std::size_t x_pending_bytes = 0;
  subscription_limits x_limits;

 public:
  operation_list closed_watchers;       // wait for `finished()`
  std::shared_ptr<engine_owner> owner;  // for its users; the engine's own have none

  [[nodiscard]] static subscription_ptr make(std::string_view subject, std::string_view queue,
                                             subscription_limits limits, std::pmr::memory_resource* memory) {
    return subscription_ptr{new (names_size{subject.size() + queue.size()})
                                subscription_state{subject, queue, limits, memory}};
  }
  static void operator delete(void* memory) noexcept { ::operator delete(memory); }

  [[nodiscard]] std::string_view subject() const noexcept { return {names(), x_subject_size}; }
  [[nodiscard]] std::string_view queue() const noexcept { return {names() + x_subject_size, x_queue_size}; }
  [[nodiscard]] std::size_t pending_messages() const noexcept { return x_ring.size(); }
  [[nodiscard]] std::size_t pending_bytes() const noexcept { return x_pending_bytes; }
  [[nodiscard]] std::uint64_t delivered() const noexcept { return x_delivered; }
  [[nodiscard]] std::uint64_t dropped() const noexcept { return x_losses ? x_losses->dropped : 0; }
  [[nodiscard]] phase current_phase() const noexcept { return x_phase; }
  [[nodiscard]] std::error_code reason() const noexcept { return x_reason; }

  /// True when nothing will ever come out of `pop` or `take_gap` again.
  [[nodiscard]] bool finished() const noexcept { return x_phase == phase::ended && x_ring.empty() && gap() == 0; }

  /// True when a consumer need not wait: a message, a gap to report, or the end.
  [[nodiscard]] bool ready() const noexcept { return !x_ring.empty() || x_phase == phase::ended || gap_is_next(); }

  /// True when `pop` gives one.
  [[nodiscard]] bool message_is_next() const noexcept { return !x_ring.empty() && !gap_is_next(); }

  /// Whoever takes messages as they come, past the queue; null when they have to be queued.
  [[nodiscard]] message_sink* direct_consumer() const noexcept {
    const operation* only = consumers.only();
    return only && x_ring.empty() ? only->sink : nullptr;
  }
  void delivered_directly() noexcept { ++x_delivered; }

  /// Queues a message of `size` bytes off the wire, made in its place `from` these; false when one had to be dropped.
  template <class... From>
  bool deliver(std::size_t size, From&&... from) {
    ++x_delivered;
    if (x_limits.overflow != overflow_policy::keep_latest && has_room(size)) {
      queue_up(size, std::forward<From>(from)...);
      return true;
    }
    const auto dropped_before = dropped();
    if (make_room(size)) queue_up(size, std::forward<From>(from)...);
    return dropped() == dropped_before;
  }

  /// The next message in order; empty when there is none now or a gap comes first.
  [[nodiscard]] std::optional<message> pop() {
    std::optional<message> m;
    if (!message_is_next()) return m;
    if (gap() != 0) --x_losses->gap_after;
    x_pending_bytes -= x_ring.front().size();
    m.emplace(std::move(x_ring.front()));
    x_ring.drop_front();
    if (x_slow && x_ring.size() <= x_limits.messages / 2 && x_pending_bytes <= x_limits.bytes / 2) x_slow = false;
    return m;
  }

  /// How many messages were dropped at this point of the stream; reported once, 0 when there is no gap here.
  [[nodiscard]] std::uint64_t take_gap() noexcept { return gap_is_next() ? std::exchange(x_losses->gap, 0) : 0; }

  /// True once for every time the consumer falls behind; it has caught up when half of its limits are free again.
  [[nodiscard]] bool become_slow() noexcept { return !std::exchange(x_slow, true); }

  /// Drops since the last call, for the event that tells of them.
  [[nodiscard]] std::uint64_t take_unreported_drops() noexcept {
    return x_losses ? std::exchange(x_losses->unreported, 0) : 0;
  }

  /// The total after which the subscription ends, counted from its start; 0: never.
  void set_max(std::uint64_t max) noexcept { x_max = max; }
  [[nodiscard]] bool limited() const noexcept { return x_max != 0; }
  [[nodiscard]] std::uint64_t remaining() const noexcept { return x_max - std::min(x_max, x_delivered); }

  /// A new link got its SUB: a server counts towards the limit of UNSUB from there.
  void replayed() noexcept {
    x_delivered_before = x_delivered;
    x_miscounted = false;
  }
  /// The old link has delivered: the server of the new one knows nothing of that, and must be told at the limit.
  void delivered_elsewhere() noexcept { x_miscounted = true; }
  [[nodiscard]] bool miscounted() const noexcept { return x_miscounted; }
  /// The limit as that server has to be told it.
  [[nodiscard]] std::uint64_t server_max() const noexcept { return x_max - x_delivered_before; }

  void begin_drain() noexcept { x_phase = phase::draining; }
  void end(std::error_code reason) noexcept {
    if (x_phase == phase::ended) return;
    x_phase = phase::ended;
    x_reason = reason;
  }
  void discard_pending() noexcept {
    x_ring.clear();
    x_pending_bytes = 0;
    if (x_losses) x_losses->gap = 0;
  }

 private:
  struct names_size {
    std::size_t bytes;
  };
  struct losses {
    std::uint64_t dropped = 0;
    std::uint64_t unreported = 0;
    std::uint64_t gap = 0;      // drops not yet reported in order
    std::size_t gap_after = 0;  // queued messages in front of that gap
  };

  subscription_state(std::string_view subject, std::string_view queue, subscription_limits limits,
                     std::pmr::memory_resource* memory)
      : x_ring(memory),
        x_limits(limits),
        x_subject_size(static_cast<std::uint32_t>(subject.size())),
        x_queue_size(static_cast<std::uint32_t>(queue.size())) {
    queue.copy(names() + subject.copy(names(), subject.size()), queue.size());
  }
  static void* operator new(std::size_t size, names_size tail) { return ::operator new(size + tail.bytes); }

  [[nodiscard]] const char* names() const noexcept { return reinterpret_cast<const char*>(this + 1); }
  [[nodiscard]] char* names() noexcept { return reinterpret_cast<char*>(this + 1); }

  [[nodiscard]] bool has_room(std::size_t bytes) const noexcept {
    return x_ring.size() < x_limits.messages && bytes <= x_limits.bytes - std::min(x_limits.bytes, x_pending_bytes);
  }
  [[nodiscard]] std::uint64_t gap() const noexcept { return x_losses ? x_losses->gap : 0; }
  [[nodiscard]] bool gap_is_next() const noexcept { return gap() != 0 && x_losses->gap_after == 0; }

  template <class... From>
  void queue_up(std::size_t size, From&&... from) {
    x_pending_bytes += size;
    x_ring.emplace_back(std::forward<From>(from)...);
  }

  // As the policy says; false when the message that wants it has to be dropped.
  [[gnu::cold]] bool make_room(std::size_t size) {
    if (x_limits.overflow == overflow_policy::keep_latest) drop_queued();
    if (x_limits.overflow == overflow_policy::drop_oldest) {
      while (!has_room(size) && !x_ring.empty()) lose_oldest();
    }
    if (has_room(size)) return true;
    lose(x_ring.size());
    return false;
  }

  void drop_queued() noexcept {
    x_ring.clear();
    x_pending_bytes = 0;
  }

  void lose_oldest() {
    x_pending_bytes -= x_ring.front().size();
    x_ring.drop_front();
    lose(0);
  }

  // Counts one drop behind `after` queued messages; an earlier gap that is still unreported absorbs a later one.
  void lose(std::size_t after) {
    if (!x_losses) x_losses = std::make_unique<losses>();
    auto& l = *x_losses;
    ++l.dropped;
    ++l.unreported;
    if (!x_limits.report_gaps) return;
    l.gap_after = l.gap ? std::min(l.gap_after, after) : after;
    ++l.gap;
  }

  std::unique_ptr<losses> x_losses;      // there were some
  std::uint64_t x_delivered_before = 0;  // this link
  std::error_code x_reason{};
  std::uint32_t x_subject_size;
  std::uint32_t x_queue_size;
};

}  // namespace innate::inline v0::core
