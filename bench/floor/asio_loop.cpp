// SPDX-License-Identifier: Apache-2.0
// What Asio's event loop adds to the walk floor: the same reads and the same walk in a coroutine, without a client:
// asio_loop receive --port N …
#include "../support/go.hpp"
#include "../support/scenarios.hpp"
#include "../support/stopwatch.hpp"
#include "../support/wire.hpp"

#include <asio/as_tuple.hpp>
#include <asio/awaitable.hpp>
#include <asio/co_spawn.hpp>
#include <asio/deferred.hpp>
#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/this_coro.hpp>
#include <asio/version.hpp>

#include <cstdio>
#include <exception>
#include <system_error>

namespace {

asio::awaitable<void> read_and_walk(const bench::arguments& given) {
  const auto count = given.number("count", 100'000);
  const std::string payload(given.number("size", 16), 'x');
  const bool headers = given.text("form", "plain") == "headers";
  const auto server = bench::dial(given.port());
  server.write_all("SUB bench.data 1\r\n");
  asio::ip::tcp::socket socket{co_await asio::this_coro::executor, asio::ip::tcp::v4(), ::dup(server.fd())};
  bench::walking_buffer in;
  const auto take = [&](std::uint64_t messages) -> asio::awaitable<void> {
    bench::chunk_writer out{server};
    out.publish(bench::go{messages, false, headers}.subject(), payload);
    out.flush();
    for (const auto until = in.frames() + messages; in.frames() < until;) {
      const auto room = in.prepare();
      const auto [failed, size] =
          co_await socket.async_read_some(asio::buffer(room.data(), room.size()), asio::as_tuple(asio::deferred));
      if (failed) throw std::system_error(failed);
      in.commit(size);
    }
  };
  co_await take(count / 10);
  bench::stopwatch watch;
  watch.start();
  co_await take(count);
  watch.stop("asio_loop receive", count).print();
}

void receive(const bench::arguments& given) {
  asio::io_context io{1};
  asio::co_spawn(io, read_and_walk(given), [](const std::exception_ptr& thrown) {
    if (thrown) std::rethrow_exception(thrown);
  });
  io.run();
}

void version(const bench::arguments&) {
  std::printf("%d.%d.%d\n", ASIO_VERSION / 100000, ASIO_VERSION / 100 % 1000, ASIO_VERSION % 100);
}

}  // namespace

int main(int argc, char** argv) { return bench::run_one_of({{"receive", receive}, {"version", version}}, argc, argv); }
