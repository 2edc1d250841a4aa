// SPDX-License-Identifier: Apache-2.0
/// Many events on one subscription: each message goes to the handler of its event, none is lost without a word.
#pragma once

#include <innate/subscription.hpp>
#include <innate/typed/dispatch_table.hpp>
#include <innate/typed/event.hpp>
#include <innate/typed/received.hpp>

#include <asio/awaitable.hpp>

#include <array>
#include <concepts>
#include <cstddef>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace innate::inline v0 {

/// Overload set of handlers: `overloaded{[](received<inbox> m) { … }, [](received<status> s) { … }}`.
template <class... Handlers>
struct overloaded : Handlers... {
  using Handlers::operator()...;
};
template <class... Handlers>
overloaded(Handlers...) -> overloaded<Handlers...>;

/// Compiled from its events. A subject that fits several templates goes to the most specific one; two events with the
/// same subjects are refused.
template <typed_event... Events>
class router {
 public:
  using table = typed::dispatch_table<typename Events::subject_type...>;
  static constexpr std::size_t npos = table::npos;

  /// Place among `Events` of the event that `subject` belongs to, or `npos`.
  [[nodiscard]] static constexpr std::size_t find(std::string_view subject) noexcept { return table::find(subject); }

  /// Calls `handler(received<E>)` for the event of the message, or `unknown(message, error)` when it has none
  /// (`subject_mismatch`) or cannot be understood. Handlers all return `void`, or all `asio::awaitable<void>`, which is
  /// what this returns.
  template <class Handler, class Unknown>
  static auto dispatch(message m, Handler& handler, Unknown& unknown) {
    using answer = std::common_type_t<answer_of<Events, Handler>...>;
    using function = answer (*)(message, Handler&, Unknown&);
    static constexpr std::array<function, sizeof...(Events)> functions{&call<Events, answer, Handler, Unknown>...};
    const auto at = find(m.subject());
    if (at != npos) return functions[at](std::move(m), handler, unknown);
    const auto why = "'" + std::string{m.subject()} + "' is of none of the events handled here";
    unknown(m, error{errc::subject_mismatch, why});
    return nothing<answer>();
  }

  /// Dispatches every message of `from` until it ends, `how.concurrency` at once; otherwise as
  /// `subscription::for_each`. Handlers may be called after this returned, until it completes.
  template <class Handler, class Unknown>
  [[nodiscard]] static asio::awaitable<void> serve(subscription& from, Handler handler, Unknown unknown,
                                                   for_each_options how = {}) {
    return from.for_each([handler = std::move(handler), unknown = std::move(unknown)](
                             message m) mutable { return dispatch(std::move(m), handler, unknown); },
                         how);
  }

 private:
  template <class E, class Handler>
  static consteval bool require_handler() {
    static_assert(std::invocable<Handler&, received<E>>, "there is no handler for one of the events of this router");
    return true;
  }
  template <class E, class Handler>
  struct answer_type {
    static_assert(require_handler<E, Handler>());
    using type = std::invoke_result_t<Handler&, received<E>>;
  };
  template <class E, class Handler>
  using answer_of = typename answer_type<E, Handler>::type;

  template <class Answer>
  static Answer nothing() {
    if constexpr (!std::is_void_v<Answer>) return done();
  }
  static asio::awaitable<void> done() { co_return; }

  template <class E, class Answer, class Handler, class Unknown>
  static Answer call(message m, Handler& handler, Unknown& unknown) {
    received<E> ev;
    if (const auto failed = ev.read(std::move(m)); failed.code) {
      unknown(ev.message(), failed);
      return nothing<Answer>();
    }
    return handler(std::move(ev));
  }
};

namespace typed {
template <class List>
struct router_of_list;
template <class... Events>
struct router_of_list<event_list<Events...>> {
  using type = router<Events...>;
};
}  // namespace typed

/// The router of an `event_list`.
template <class List>
using router_of = typename typed::router_of_list<List>::type;

}  // namespace innate::inline v0
