// SPDX-License-Identifier: Apache-2.0
/// A connection as one component may use it: what its definition does not name does not compile.
#pragma once

#include <innate/connection.hpp>
#include <innate/typed/component.hpp>
#include <innate/typed/connection_events.hpp>

#include <asio/awaitable.hpp>

#include <system_error>
#include <utility>

namespace innate::inline v0 {

/// Does not own the connection, which must outlive it.
template <component C>
class endpoint {
 public:
  explicit endpoint(connection& nc) noexcept : x_connection(&nc) {}

  /// As the connection's typed `publish`, for events that `C` publishes, and commands.
  template <typed_event E, class... Arguments>
  [[nodiscard]] asio::awaitable<void> publish(Arguments&&... parameters_then_payload) {
    static_assert(may_publish<C, E>, "this component does not publish this event");
    return x_connection->template publish<E>(std::forward<Arguments>(parameters_then_payload)...);
  }
  template <typed_event E, class... Arguments>
  [[nodiscard]] std::error_code try_publish(const Arguments&... parameters_then_payload) {
    static_assert(may_publish<C, E>, "this component does not publish this event");
    return x_connection->template try_publish<E>(parameters_then_payload...);
  }

  /// As the connection's typed `subscribe`, for events that `C` handles.
  template <typed_event E, class... Arguments>
  [[nodiscard]] event_subscription<E> subscribe(const Arguments&... parameters) {
    static_assert(may_handle<C, E>, "this component does not handle this event");
    return x_connection->template subscribe<E>(parameters...);
  }
  template <typed_event E, class... Arguments>
  [[nodiscard]] event_subscription<E> subscribe(subscribe_options how, const Arguments&... parameters) {
    static_assert(may_handle<C, E>, "this component does not handle this event");
    return x_connection->template subscribe<E>(how, parameters...);
  }

  [[nodiscard]] connection& nats() const noexcept { return *x_connection; }

 private:
  connection* x_connection;
};

}  // namespace innate::inline v0
