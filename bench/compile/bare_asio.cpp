// SPDX-License-Identifier: Apache-2.0
// What Asio alone costs a compiler: dial, read, write, in a coroutine.
#include <array>
#include <asio.hpp>
#include <iostream>

asio::awaitable<void> echo() {
  asio::ip::tcp::socket socket{co_await asio::this_coro::executor};
  const asio::ip::tcp::endpoint server{asio::ip::make_address("127.0.0.1"), 4222};
  co_await socket.async_connect(server, asio::use_awaitable);
  for (std::array<char, 4096> some{}; true;) {
    const auto n = co_await socket.async_read_some(asio::buffer(some), asio::use_awaitable);
    co_await asio::async_write(socket, asio::buffer(some, n), asio::use_awaitable);
    std::cout << n << "\n";
  }
}
int main() {
  asio::io_context io;
  asio::co_spawn(io, echo(), [](std::exception_ptr thrown) {
    if (thrown) std::rethrow_exception(thrown);
  });
  io.run();
}
