// SPDX-License-Identifier: Apache-2.0
// How small a program that publishes and receives one message can be: no library but the system's.
#include "../support/wire.hpp"

#include <cstdio>

int main() try {
  const auto server = bench::dial(4222);
  server.write_all("SUB greet.* 1\r\n");
  bench::chunk_writer out{server};
  out.publish("greet.joe", "hello");
  out.flush();
  bench::walking_reader in{server};
  in.read_frames(1);
  return 0;
} catch (const std::exception& thrown) {
  std::fprintf(stderr, "%s\n", thrown.what());
  return 1;
}
