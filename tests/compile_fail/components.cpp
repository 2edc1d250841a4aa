// SPDX-License-Identifier: Apache-2.0
// expect 1: this component does not publish this event
// expect 2: this component does not handle this event
// expect 3: the subjects of a catalogue are lower case
// expect 4: the first token of a published subject is the name of its component
// expect 5: a catalogued subject has at least two tokens, component and action
// expect 6: two events of this router have the same subjects, so neither could be chosen
// expect 7: there is no handler for one of the events of this router
#include <innate/sdk/events.hpp>
#include <innate/typed.hpp>

namespace sdk = innate::sdk;

#if defined(FIXED)
#define SUBJECT "shop.orders.{id}"
#elif CASE == 3
#define SUBJECT "shop.Orders.{id}"
#elif CASE == 4
#define SUBJECT "store.orders.{id}"
#elif CASE == 5
#define SUBJECT "shop"
#else
#define SUBJECT "shop.orders.{id}"
#endif

struct order : innate::event<SUBJECT, sdk::nothing> {};
struct shop {
  static constexpr std::string_view name = "shop";
  static constexpr std::string_view title = "Shop";
  using publishes = innate::event_list<order>;
  using handled = innate::handler_list<>;
};
static_assert(innate::well_formed<shop>);

using twin = innate::event<"shop.orders.{number}", sdk::nothing>;
#if !defined(FIXED) && CASE == 6
using routes = innate::router<order, twin>;
#else
using routes = innate::router<order, sdk::cache::miss>;
#endif

void use(innate::connection& nc, const innate::message& m) {
  innate::endpoint<sdk::cache::definition> cache{nc};
#if defined(FIXED)
  static_cast<void>(cache.try_publish<sdk::cache::miss>(sdk::cache::miss_payload{}));
  static_cast<void>(cache.try_publish<sdk::rag::cache_invalidate>(sdk::invalidation{}));
  static_cast<void>(cache.subscribe<sdk::rag::documents_updated>());
#elif CASE == 1
  static_cast<void>(cache.try_publish<sdk::rag::query_completed>(sdk::rag::query_result{}));
#elif CASE == 2
  static_cast<void>(cache.subscribe<sdk::rag::query_completed>());
#endif
  const auto unknown = [](const innate::message&, const innate::error&) {};
#if !defined(FIXED) && CASE == 7
  const auto handler = innate::overloaded{[](const innate::received<order>&) {}};
#else
  const auto handler = innate::overloaded{[](const auto&) {}};
#endif
  routes::dispatch(m, handler, unknown);
}
