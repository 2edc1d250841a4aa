// SPDX-License-Identifier: Apache-2.0
/// Evaluation and observability: receives every event of the seven roots, counts, and alerts when thresholds are
/// crossed.
#pragma once

#include <innate/connection.hpp>
#include <innate/net/initiate.hpp>
#include <innate/sdk/observer_options.hpp>
#include <innate/sdk/observer_state.hpp>
#include <innate/typed/router.hpp>

#include <asio/as_tuple.hpp>
#include <asio/awaitable.hpp>
#include <asio/co_spawn.hpp>
#include <asio/error.hpp>
#include <asio/use_awaitable.hpp>

#include <cstddef>
#include <exception>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace innate::inline v0::sdk {

/// Does not own the connection, which must outlive it and stay where it is; destroying it unsubscribes and ends `run`.
/// To be used on the connection's executor, as the connection. Callbacks of the options must not throw.
///
/// Because it subscribes to `agent.>` and the like, the server sees a subscriber everywhere: a request to a component
/// that is absent ends in `timeout`, no longer in `no_responders`, where an observer runs.
class observer {
 public:
  /// Subscribes to the roots at once; messages wait in their queues until `run`. Throws what `connection::subscribe`
  /// does, and `invalid_option` for options that cannot work: a component that does
  /// not exist, a window that is not positive.
  explicit observer(connection& nc, observer_options options = {})
      : x_state(std::make_shared<observability::observer_state>(nc, std::move(options))) {}
  observer(observer&&) noexcept = default;
  observer& operator=(observer&& other) noexcept {
    std::swap(x_state, other.x_state);
    return *this;
  }
  ~observer() {
    if (x_state) x_state->abandon();
  }

  /// Counts messages, checks thresholds and publishes until all subscriptions have ended: by `stop`, by the end of the
  /// connection, or because the observer is destroyed. Throws why a subscription ended when it was not asked to, once
  /// all have; `already_running` when called twice; `operation_aborted` when cancelled, which stops it.
  [[nodiscard]] asio::awaitable<void> run() { return run_body(x_state); }

  /// Unsubscribes; what is queued is still counted, then `run` completes.
  void stop() {
    x_state->unsubscribe();
    x_state->timer.cancel();
  }

  /// What `run` does once a second or oftener: checks latencies and hit rate, ends the window that is over at `now`,
  /// publishes summaries that are due and alerts that could not be sent before. `now` is of the clock of the options.
  void tick(time_point now) { x_state->tick(now); }

  /// Publishes a summary of each observed component now. Errors: those of `connection::try_publish`, the first of them.
  std::error_code publish_summaries() { return x_state->publish_summaries(); }

  /// Everything counted so far; changes with every message.
  [[nodiscard]] const observability::metrics& figures() const { return x_state->figures(); }

  /// The readable summary: components, events, latencies, cache, alerts, and what was not understood.
  [[nodiscard]] std::string table() const {
    return observability::table_text(x_state->figures(), x_state->rules(), x_state->now());
  }

  /// The figures of one component as the JSON object that its summary carries; `{}` when there is no such component.
  [[nodiscard]] std::string metrics(std::string_view component) const {
    const auto root = observability::place_in(observability::roots, component);
    if (root == observability::roots.size()) return "{}";
    return observability::metrics_json(x_state->figures(), root, x_state->now());
  }

  /// Whether this component is among those of the options.
  [[nodiscard]] bool observes(std::string_view component) const {
    const auto root = observability::place_in(observability::roots, component);
    return root != observability::roots.size() && x_state->figures().observed[root];
  }

 private:
  using state_ptr = std::shared_ptr<observability::observer_state>;

  struct understood {
    state_ptr state;
    std::size_t root;
    template <typed_event E>
    void operator()(const received<E>& ev) const {
      state->take(root, ev);
    }
  };
  struct refused {
    state_ptr state;
    std::size_t root;
    void operator()(const message& m, const error& why) const { state->refuse(root, m, why); }
  };

  static void serve(const state_ptr& self, observability::observer_state::root_subscription& s) {
    ++self->active;
    const auto root = s.root;
    auto loop = observability::observer_state::router::serve(s.messages, understood{self, root}, refused{self, root});
    asio::co_spawn(self->timer.get_executor(), std::move(loop),
                   [self, root](const std::exception_ptr& thrown) { self->ended(root, thrown); });
  }

  static asio::awaitable<void> run_body(state_ptr self) {
    if (std::exchange(self->running, true)) throw std::system_error(errc::already_running);
    for (auto& s : self->subscriptions) serve(self, s);
    while (self->active != 0 && !self->is_abandoned()) {
      self->timer.expires_after(self->tick_period());
      static_cast<void>(co_await self->timer.async_wait(asio::as_tuple(asio::use_awaitable)));
      if (co_await net::was_cancelled()) {
        self->unsubscribe();
        throw std::system_error(asio::error::operation_aborted);
      }
      if (!self->is_abandoned()) self->tick(self->now());
    }
    if (self->failure && !self->is_abandoned()) std::rethrow_exception(self->failure);
  }

  state_ptr x_state;
};

}  // namespace innate::inline v0::sdk
