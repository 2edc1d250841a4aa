// SPDX-License-Identifier: Apache-2.0
/// driver: publishing what other threads have handed over.
#pragma once

#include <innate/meta/decl.hpp>
#include <innate/net/driver.hpp>
#include <innate/net/shared_queue.hpp>

namespace innate::inline v0::net {

INNATE_DECL bool driver::let_in() {
  if (!handed_over) return true;
  if (handed_over->pausing) return false;
  handed_over->take();
  if (publish_handed_over()) return true;
  handed_over->pausing = true;
  spawn(let_in_with_room(shared_from_this()), [](const std::exception_ptr&) {});
  return false;
}

INNATE_COLD asio::awaitable<std::error_code> driver::all_in(time_point deadline) {
  const auto self = shared_from_this();
  std::error_code failed;
  if (let_in()) co_return failed;
  const auto all = handed_over->pushed();
  while (handed_over->popped() < all && !failed) failed = co_await wait(handed_over->progress, deadline);
  co_return failed;
}

/// True when all is published that was taken; false when the outbound buffer is above its high mark.
INNATE_DECL bool driver::publish_handed_over() {
  auto& q = *handed_over;
  while (!q.empty() && !x_engine.congested()) {
    const auto c = q.pop();
    const publish_options how{c.reply, protocol::headers_view{c.headers}};
    const auto refused = x_engine.publish(protocol::subject_ref::already_checked(c.subject), c.payload, how,
                                          x_engine.options().outbound.limit);
    relieve();
    if (refused == errc{}) continue;
    connection_event told{.kind = event_kind::server_error, .code = refused};
    told.detail = "a publish through a shared handle was refused";
    told.subject = c.subject;
    x_engine.emit(std::move(told));
  }
  q.give_room();
  x_engine.finish_all(q.progress);
  settle();
  return q.empty();
}

INNATE_DECL asio::awaitable<void> driver::let_in_with_room(std::shared_ptr<driver> d) {
  auto& q = *d->handed_over;
  do {
    while (!d->publish_handed_over()) {
      if (d->x_engine.congested()) static_cast<void>(co_await d->wait(d->x_engine.room_watchers));
    }
    q.take();
  } while (!q.empty());
  q.pausing = false;
}

}  // namespace innate::inline v0::net
