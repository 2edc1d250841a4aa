// SPDX-License-Identifier: Apache-2.0
/// Typed events: the compiler checks subject, parameters and payload.
#include "example.hpp"

#include <innate/typed.hpp>

using namespace innate::literals;

struct order {
  std::string_view item{};
  int count = 0;
  using payload_fields = innate::fields<innate::field<"item", &order::item>, innate::field<"count", &order::count>>;
};
using placed = innate::event<"shop.{customer}.order.placed", order>;

asio::awaitable<void> place_and_receive() {
  auto nc = co_await innate::connect(example::options());
  auto orders = nc.subscribe<placed>();  // shop.*.order.placed
  co_await nc.publish<placed>("customer"_p = "joe", order{"tea", 2});
  if (auto ev = co_await orders.next())
    std::cout << ev->param<"customer">() << " wants " << (*ev)->count << " " << (*ev)->item << "\n";
  co_await nc.drain();
}

int main() { return example::run(place_and_receive()); }
