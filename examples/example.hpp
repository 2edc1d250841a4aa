// SPDX-License-Identifier: Apache-2.0
/// What every example needs around its own part: a server from NATS_URL, an event loop, an exit status.
#pragma once

#include <innate/innate.hpp>

#include <asio.hpp>

#include <exception>
#include <iostream>

namespace example {

/// The default server, or what the environment says.
inline innate::options options() {
  innate::options opts;
  innate::apply_environment(opts).value();
  return opts;
}

inline int run(asio::awaitable<void> body) {
  asio::io_context io;
  int status = 0;
  asio::co_spawn(io, std::move(body), [&](const std::exception_ptr& thrown) {
    try {
      if (thrown) std::rethrow_exception(thrown);
    } catch (const std::exception& e) {
      std::cerr << "failed: " << e.what() << "\n";
      status = 1;
    }
  });
  io.run();
  return status;
}

}  // namespace example
