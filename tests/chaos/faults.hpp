// SPDX-License-Identifier: Apache-2.0
/// Everything that the chaos run does to the world: what is broken is mended before the next fault.
#pragma once

#include "chaos/world.hpp"

#include <asio/this_coro.hpp>

#include <chrono>
#include <functional>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace chaos {

struct fault_kind {
  std::string name;
  std::function<asio::awaitable<void>()> strike;
  int times = 0;
  int recoveries = 0;
  std::chrono::milliseconds slowest{0};
};

class fault_maker {
 public:
  fault_maker(world& w, std::uint64_t seed) : x_world(w), x_random(seed) {
    add("kill -9, start again", [this] { return restart(SIGKILL); });
    add("SIGTERM, start again", [this] { return restart(SIGTERM); });
    add("lame duck, then gone", [this] { return lame_duck(); });
    add("SIGSTOP, SIGCONT", [this] { return pause_node(); });
    add("permissions reloaded", [this] { return change_permissions(); });
    add("forced reconnect", [this] { return force_reconnect(); });
    add("links cut", [this] { return cut(); });
    add("link holds still", [this] { return spoil(flow::hold, flow::hold, long_enough()); });
    add("one byte at a time", [this] { return spoil(flow::trickle, flow::trickle, 200); });
    add("half-open link", [this] { return spoil(flow::swallow, flow::swallow, 800); });
    add("nothing to the client", [this] { return spoil(flow::pass, flow::hold, long_enough()); });
    add("nothing to the server", [this] { return spoil(flow::hold, flow::pass, long_enough()); });
    add("accepted, not answered", [this] { return silence(); });
    add("server of another name", [this] { return change_servers(); });
    add("slow consumer", [this] { return be_slow(); });
#if defined(INNATE_CHAOS_TLS)
    add("certificates rotate", [this] { return rotate(); });
#endif
  }

  std::vector<fault_kind> kinds;

  /// One of each first, then at random.
  fault_kind& next() {
    const auto n = x_made++;
    return kinds[n < kinds.size() ? n : pick(kinds.size())];
  }

 private:
  void add(std::string name, std::function<asio::awaitable<void>()> strike) {
    kinds.push_back({std::move(name), std::move(strike)});
  }

  std::size_t pick(std::size_t of) { return static_cast<std::size_t>(x_random() % of); }
  client& some_client() { return *x_world.clients[pick(x_world.clients.size())]; }
  /// One that somebody talks to.
  std::size_t some_node() { return x_world.node_of(some_client()); }

  /// Short of three missed pings, or past them.
  int long_enough() { return 400 + static_cast<int>(pick(600)); }

  /// How long a fault lasts is part of it.
  asio::awaitable<void> last(int milliseconds) {
    asio::steady_timer over{x_world.noted.io, std::chrono::milliseconds{milliseconds}};
    static_cast<void>(co_await over.async_wait(asio::as_tuple(asio::use_awaitable)));
  }

  asio::awaitable<void> restart(int signal) {
    auto& node = x_world.node(some_node());
    node.kill(signal);
    co_await last(20);
    node.start();
  }
  asio::awaitable<void> lame_duck() {
    auto& node = x_world.node(some_node());
    node.signal(SIGUSR2);
    co_await last(300);
    node.kill(SIGKILL);
    node.start();
  }
  asio::awaitable<void> pause_node() {
    auto& node = x_world.node(some_node());
    node.signal(SIGSTOP);
    co_await last(200 + static_cast<int>(pick(600)));
    node.signal(SIGCONT);
  }
  asio::awaitable<void> change_permissions() {
    x_world.permit(false);
    co_await last(60);
    for (auto& c : x_world.clients) static_cast<void>(c->nc.try_publish("chaos.sometimes", "x"));
    co_await last(40);
    x_world.permit(true);
  }
  asio::awaitable<void> force_reconnect() {
    some_client().nc.force_reconnect();
    co_await last(10);
  }
  asio::awaitable<void> cut() {
    x_world.proxies[some_node()]->cut();
    co_await last(10);
  }
  asio::awaitable<void> spoil(flow to_server, flow to_client, int milliseconds) {
    auto& proxy = *x_world.proxies[some_node()];
    proxy.set(to_server, to_client);
    co_await last(milliseconds);
    proxy.set(flow::pass, flow::pass);
    if (to_server == flow::swallow) proxy.cut();  // what was swallowed does not come back
  }
  asio::awaitable<void> silence() {
    auto& proxy = *x_world.proxies[some_node()];
    proxy.say_nothing(true);
    proxy.cut();
    co_await last(300);
    proxy.say_nothing(false);
    proxy.cut();
  }
  asio::awaitable<void> change_servers() {
    const auto at = some_node();
    x_world.point_name_at(at);
    x_world.proxies[(at + 1) % x_world.nodes()]->cut();
    x_world.proxies[(at + 2) % x_world.nodes()]->cut();
    co_await last(10);
  }
  /// A subscription that holds ten messages, and a burst of a hundred: the loss is told, and what comes later arrives.
  asio::awaitable<void> be_slow() {
    auto& c = some_client();
    auto slow = c.nc.subscribe("chaos.slow." + c.name(), {.pending_messages = 10});
    for (int i = 0; i != 100; ++i) static_cast<void>(c.nc.try_publish("chaos.slow." + c.name(), "x"));
    static_cast<void>(co_await c.flush());
    if (slow.pending_messages() > 10) x_world.noted.promises.broken("a subscription held more than its limit");
  }
#if defined(INNATE_CHAOS_TLS)
  asio::awaitable<void> rotate() {
    x_world.rotate_certificates();
    co_await last(50);
    x_world.proxies[some_node()]->cut();
  }
#endif

  world& x_world;
  std::mt19937_64 x_random;
  std::size_t x_made = 0;
};

}  // namespace chaos
