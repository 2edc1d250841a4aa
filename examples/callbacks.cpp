// SPDX-License-Identifier: Apache-2.0
/// No coroutines: every operation takes a completion handler.
#include "example.hpp"

int main() {
  asio::io_context io;
  innate::connection nc{io.get_executor(), example::options()};
  innate::subscription sub;
  int status = 1;

  nc.run([&](std::error_code reason) {
    if (reason) std::cerr << "connection ended: " << reason.message() << "\n";
  });
  nc.ready([&](std::error_code failed) {
    if (failed) return;
    sub = nc.subscribe("example.callbacks");
    sub.for_each(
        [&](const innate::message& m) {
          std::cout << "got " << m.data() << "\n";
          status = 0;
          nc.drain([](std::error_code) {});
        },
        [](std::error_code) { std::cout << "no more messages\n"; });
    nc.publish("example.callbacks", "hello", [](std::error_code refused) {
      if (refused) std::cerr << "not published: " << refused.message() << "\n";
    });
  });
  io.run();
  return status;
}
