// SPDX-License-Identifier: Apache-2.0
/// A component of one's own, with its own events, outside the library.
#include "example.hpp"

#include <innate/typed.hpp>

using namespace innate::literals;

struct invoice {
  std::string_view customer{};
  double amount = 0;
  using payload_fields =
      innate::fields<innate::field<"customer", &invoice::customer>, innate::field<"amount", &invoice::amount>>;
};
using issued = innate::event<"billing.{invoice_id}.issued", invoice>;
using paid = innate::event<"billing.{invoice_id}.paid", invoice>;

struct billing {
  static constexpr std::string_view name = "billing", title = "Billing";
  using publishes = innate::event_list<issued>;
  using handled = innate::handler_list<innate::handles<paid, "Receives payments", "Close the invoice">>;
};
static_assert(innate::well_formed<billing>);

asio::awaitable<void> bill() {
  auto nc = co_await innate::connect(example::options());
  innate::endpoint<billing> self{nc};  // publishes `issued`, handles `paid`; anything else does not compile
  auto payments = self.subscribe<paid>();
  co_await self.publish<issued>("invoice_id"_p = 7, invoice{"joe", 9.5});
  co_await nc.publish<paid>("invoice_id"_p = 7, invoice{"joe", 9.5});  // the customer, who is no component
  if (auto ev = co_await payments.next())
    std::cout << "invoice " << ev->param<"invoice_id">() << " is paid by " << (*ev)->customer << "\n";
  co_await nc.drain();
}

int main() { return example::run(bill()); }
