// SPDX-License-Identifier: Apache-2.0
/// A TCP proxy in front of one server, which does to its connections what networks do.
#pragma once

#include <asio/as_tuple.hpp>
#include <asio/awaitable.hpp>
#include <asio/buffer.hpp>
#include <asio/co_spawn.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/steady_timer.hpp>
#include <asio/use_awaitable.hpp>
#include <asio/write.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <list>
#include <memory>
#include <string>

namespace chaos {

/// What becomes of the bytes of one direction.
enum class flow : std::uint8_t { pass, hold, trickle, swallow };

/// One thread. `stop`, then `stopped` before it goes.
class proxy {
 public:
  proxy(asio::io_context& io, int server_port)
      : x_io(io), x_acceptor(io, {asio::ip::address_v4::loopback(), 0}), x_changed(io), x_server_port(server_port) {
    x_changed.expires_at(asio::steady_timer::time_point::max());
    start(accept_all());
  }
  proxy(const proxy&) = delete;
  proxy& operator=(const proxy&) = delete;

  [[nodiscard]] int port() const { return x_acceptor.local_endpoint().port(); }

  /// For the connections there are and those to come.
  void set(flow to_server, flow to_client) {
    x_to_server = to_server;
    x_to_client = to_client;
    x_changed.cancel();
  }
  /// New connections are taken and never answered.
  void say_nothing(bool from_now) { x_silent = from_now; }
  /// Ends every connection there is.
  void cut() {
    for (const auto& p : x_pairs) p->close();
    x_changed.cancel();
  }
  void stop() {
    x_acceptor.close();
    cut();
  }
  [[nodiscard]] bool stopped() const noexcept { return x_running == 0; }

 private:
  using tcp = asio::ip::tcp;
  static constexpr auto no_throw = asio::as_tuple(asio::use_awaitable);

  struct pair {
    explicit pair(tcp::socket from) : client(std::move(from)), server(client.get_executor()) {}
    void close() {
      closed = true;
      std::error_code ignored;
      static_cast<void>(client.close(ignored));
      static_cast<void>(server.close(ignored));
    }
    tcp::socket client, server;
    bool closed = false;
  };

  void start(asio::awaitable<void> what) {
    ++x_running;
    asio::co_spawn(x_io, std::move(what), [this](const std::exception_ptr&) { --x_running; });
  }

  asio::awaitable<void> accept_all() {
    while (true) {
      auto [failed, socket] = co_await x_acceptor.async_accept(no_throw);
      if (failed) co_return;
      start(serve(std::make_shared<pair>(std::move(socket))));
    }
  }

  asio::awaitable<void> serve(std::shared_ptr<pair> p) {
    const auto place = x_pairs.insert(x_pairs.end(), p);
    while (x_silent && !p->closed) static_cast<void>(co_await x_changed.async_wait(no_throw));
    if (!p->closed) {
      const tcp::endpoint to{asio::ip::address_v4::loopback(), static_cast<std::uint16_t>(x_server_port)};
      const auto [failed] = co_await p->server.async_connect(to, no_throw);
      if (failed) p->close();
    }
    if (!p->closed) {
      start(pump(p, p->client, p->server, x_to_server));
      co_await pump(p, p->server, p->client, x_to_client);
    }
    x_pairs.erase(place);
  }

  asio::awaitable<void> pump(std::shared_ptr<pair> p, tcp::socket& from, tcp::socket& to, const flow& how) {
    std::array<char, 16384> bytes;
    while (!p->closed) {
      const auto most = how == flow::trickle ? std::size_t{1} : bytes.size();
      const auto [failed, size] = co_await from.async_read_some(asio::buffer(bytes.data(), most), no_throw);
      while (how == flow::hold && !p->closed) static_cast<void>(co_await x_changed.async_wait(no_throw));
      if (failed || p->closed) break;
      if (how == flow::swallow) continue;
      const auto [failed_too, written] = co_await asio::async_write(to, asio::buffer(bytes.data(), size), no_throw);
      if (failed_too) break;
    }
    p->close();
  }

  asio::io_context& x_io;
  tcp::acceptor x_acceptor;
  asio::steady_timer x_changed;  // its waits end when something has changed
  int x_server_port;
  flow x_to_server = flow::pass;
  flow x_to_client = flow::pass;
  bool x_silent = false;
  int x_running = 0;
  std::list<std::shared_ptr<pair>> x_pairs;
};

}  // namespace chaos
