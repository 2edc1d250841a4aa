// SPDX-License-Identifier: Apache-2.0
// expect 1: two events of this catalogue have the same name
// expect 2: the name of an event is of letters, digits, '.', '-' and '_'
#include <innate/typed/catalogue.hpp>

struct nothing {
  using payload_fields = innate::fields<>;
};
struct placed : innate::event<"shop.{order}.placed", nothing> {};
struct placed_by : innate::event<"shop.{customer}.{order}.placed", nothing> {
#if defined(FIXED)
  static constexpr std::string_view name = "shop.placed-by";
#elif CASE == 2
  static constexpr std::string_view name = "shop.placed by";
#endif
};
struct shop {
  static constexpr std::string_view name = "shop";
  static constexpr std::string_view title = "Shop";
  using publishes = innate::event_list<placed, placed_by>;
  using handled = innate::handler_list<innate::handles<placed, "Receives orders", "Send them">>;
};
static_assert(innate::catalogue_of<std::tuple<shop>>.size() == 3);
