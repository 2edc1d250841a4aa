// SPDX-License-Identifier: Apache-2.0
/// Reads every message that has a reply subject as each event of the catalogue whose subject it has, and answers with
/// what it understood: a list of `{"event", "parameters", "payload"}`, the payload as this library writes it, or
/// `{"event", "error"}`. The server's address is in NATS_URL; it runs until it is killed.
#include <innate/sdk/events.hpp>
#include <innate/typed.hpp>
#include <innate/typed/catalogue.hpp>
#include <innate/typed/json_outline.hpp>

#include <asio/co_spawn.hpp>
#include <asio/io_context.hpp>

#include <cstdio>
#include <exception>
#include <map>
#include <memory_resource>
#include <string>
#include <string_view>
#include <type_traits>

namespace {

using innate::message;
using reader = std::string (*)(const message&);

template <class E>
std::string understand(const message& m) {
  innate::typed::json_outline out;
  out.open();
  out.text("event", innate::info_of<E>.name);
  innate::received<E> ev;
  innate::core::byte_buffer payload{std::pmr::new_delete_resource()};
  auto failed = ev.read(m);
  if (!failed.code) failed = E::codec_type::encode(*ev, payload);
  if (failed.code) {
    out.text("error", failed.detail);
  } else {
    typename E::subject_type::values values{};
    static_cast<void>(E::subject_type::match(m.subject(), values));
    out.open("parameters");
    for (std::size_t i = 0; i != values.size(); ++i) out.text(E::subject_type::names[i], values[i]);
    out.close();
    out.raw("payload", payload.view());
  }
  out.close();
  return out.document();
}

/// By name, so that an event that several components have is there once.
class event_readers {
 public:
  event_readers() { add_all(std::type_identity<innate::sdk::components>{}); }

  [[nodiscard]] std::string read(const message& m) const {
    std::string all = "[";
    for (const auto& [name, one] : x_readers)
      if (innate::protocol::matches(one.filter, m.subject())) all += (all.size() == 1 ? "" : ",") + one.read(m);
    return all += ']';
  }

 private:
  struct entry {
    std::string_view filter;
    reader read;
  };

  template <class... Components>
  void add_all(std::type_identity<std::tuple<Components...>>) {
    (add_events(std::type_identity<typename Components::publishes::tuple>{}), ...);
    (add_handled(std::type_identity<typename Components::handled::tuple>{}), ...);
  }
  template <class... Events>
  void add_events(std::type_identity<std::tuple<Events...>>) {
    (add<Events>(), ...);
  }
  template <class... Rows>
  void add_handled(std::type_identity<std::tuple<Rows...>>) {
    (add<typename Rows::event_type>(), ...);
  }
  template <class E>
  void add() {
    if constexpr (!std::is_void_v<E>)
      x_readers.insert({innate::info_of<E>.name, {innate::info_of<E>.filter, &understand<E>}});
  }

  std::map<std::string_view, entry> x_readers;
};

asio::awaitable<void> answer_all() {
  innate::options opts;
  innate::apply_environment(opts).value();
  auto nc = co_await innate::connect(opts);
  auto all = nc.subscribe(">");
  co_await nc.flush();
  std::puts("ready");
  std::fflush(stdout);
  const event_readers readers;
  while (const auto m = co_await all.next())
    if (m->has_reply()) co_await nc.respond(*m, readers.read(*m));
}

}  // namespace

int main() {
  asio::io_context io{1};
  asio::co_spawn(io, answer_all(), [](const std::exception_ptr& thrown) {
    if (thrown) std::rethrow_exception(thrown);
  });
  io.run();
}
