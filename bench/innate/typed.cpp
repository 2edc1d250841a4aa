// SPDX-License-Identifier: Apache-2.0
// typed_publish and typed_receive --port N [--count N] [--mode typed|plain]: the inbox of agents as an event, and the
// same bytes without types.
#include "scenario.hpp"

#include <innate/sdk/events/agent.hpp>
#include <innate/typed.hpp>

namespace bench {

using namespace innate::literals;
using innate::sdk::agent::inbox;

namespace {

innate::sdk::agent::inbox_message sample() {
  using namespace std::chrono;
  return {.from_agent = "planner-1",
          .to_agent = "b7",
          .content = "Please summarise the third chapter of the report.",
          .message_type = "task",
          .timestamp = innate::timestamp{sys_days{2026y / 11 / 24} + 4h + 5min + 6s + 123456us}};
}

std::string encoded() {
  innate::core::byte_buffer out{std::pmr::new_delete_resource()};
  if (const auto failed = innate::json_codec::encode(sample(), out); failed.code) throw std::system_error(failed.code);
  return std::string{out.view()};
}

std::size_t bytes_of(const innate::sdk::agent::inbox_message& m) {
  return m.from_agent.size() + m.to_agent.size() + m.content.size() + m.message_type.size() +
         static_cast<std::size_t>(m.timestamp.time().time_since_epoch().count() & 1);
}

asio::awaitable<void> send_typed(innate::connection& nc, std::uint64_t count) {
  const auto hello = sample();
  co_await repeat(
      count, [&] { return nc.try_publish<inbox>("agent_id"_p = "b7", hello); },
      [&] { return nc.publish<inbox>("agent_id"_p = "b7", hello); });
}

asio::awaitable<void> send_plain(innate::connection& nc, std::uint64_t count) {
  const auto payload = encoded();
  co_await repeat(
      count, [&] { return nc.try_publish("agent.b7.inbox", payload); },
      [&] { return nc.publish("agent.b7.inbox", payload); });
}

asio::awaitable<std::size_t> take_typed(innate::event_subscription<inbox>& sub, std::uint64_t count) {
  std::size_t bytes = 0;
  for (std::uint64_t i = 0; i != count; ++i) {
    const auto ev = co_await sub.next();
    bytes += bytes_of(**ev) + ev->param<"agent_id">().size();
  }
  co_return bytes;
}

asio::awaitable<std::size_t> take_plain(innate::subscription& sub, std::uint64_t count) {
  std::size_t bytes = 0;
  for (std::uint64_t i = 0; i != count; ++i) bytes += (co_await sub.next())->data().size();
  co_return bytes;
}

// Runs `part(messages)` for a tenth unmeasured, then whole.
template <class Part>
scenario measure(std::string name, std::uint64_t count, Part& part) {
  co_await part(count / 10);
  stopwatch watch;
  watch.start();
  co_await part(count);
  watch.stop(name, count).print();
}

}  // namespace

scenario typed_publish(const arguments& given) {
  const auto mode = given.text("mode", "typed");
  auto nc = co_await dial(given);
  const auto send = [&](std::uint64_t messages) -> asio::awaitable<void> {
    if (mode == "typed") {
      co_await send_typed(nc, messages);
    } else {
      co_await send_plain(nc, messages);
    }
    co_await nc.flush();
  };
  co_await measure("innate typed_publish " + mode, given.number("count", 100'000), send);
}

scenario typed_receive(const arguments& given) {
  const bool with_types = given.text("mode", "typed") == "typed";
  const auto payload = encoded();
  const auto expected = with_types ? bytes_of(sample()) + 2 : payload.size();
  auto nc = co_await dial(given);
  auto typed = nc.subscribe<inbox>();
  const auto take = [&](std::uint64_t messages) -> asio::awaitable<void> {
    co_await nc.publish(go{messages, false, false}.subject(), payload);
    std::size_t bytes = 0;
    if (with_types) {
      bytes = co_await take_typed(typed, messages);
    } else {
      bytes = co_await take_plain(typed.plain(), messages);
    }
    if (bytes != messages * expected) throw std::runtime_error("not every byte arrived");
  };
  co_await measure(with_types ? "innate typed_receive typed" : "innate typed_receive plain",
                   given.number("count", 100'000), take);
}

}  // namespace bench
