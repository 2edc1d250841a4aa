// SPDX-License-Identifier: Apache-2.0
/// Life of the loopback servers: tells the port, serves one connection after the other, ends with whoever started it.
#pragma once

#include "socket.hpp"

#include <csignal>
#include <cstdio>
#include <exception>

#include <sys/prctl.h>

namespace bench {

/// Prints the port, then calls `serve(connection)` for each that comes.
template <class Serve>
int serve_forever(Serve serve) try {
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  const auto [listener, port] = listen_anywhere();
  std::printf("%u\n", static_cast<unsigned>(port));
  std::fflush(stdout);
  while (true) serve(accept_one(listener));
} catch (const std::exception& thrown) {
  std::fprintf(stderr, "%s\n", thrown.what());
  return 1;
}

}  // namespace bench
