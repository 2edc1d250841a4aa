#include <asio.hpp>
#include <innate/innate.hpp>
#include <iostream>

asio::awaitable<void> hello() {
  auto nc = co_await innate::connect("nats://127.0.0.1:4222");
  auto sub = nc.subscribe("greet.*");
  co_await nc.publish("greet.joe", "hello");
  if (auto m = co_await sub.next()) std::cout << m->subject() << ": " << m->data() << "\n";
  co_await nc.drain();
}
int main() {
  asio::io_context io;
  asio::co_spawn(io, hello(), [](std::exception_ptr thrown) {
    if (thrown) std::rethrow_exception(thrown);
  });
  io.run();
}
