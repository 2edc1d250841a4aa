// SPDX-License-Identifier: Apache-2.0
// The replay source behind a nats-server at --port: at a publish to `go.…` it publishes so many messages on bench.data.
#include "../support/arguments.hpp"
#include "../support/go.hpp"
#include "../support/wire.hpp"

#include <csignal>
#include <cstdio>

#include <sys/prctl.h>

namespace {

// Carries out "MSG go.… 1 SIZE" and returns its size with the payload; 0 when it has not come whole.
std::size_t feed(const bench::socket& server, std::string_view input) {
  const auto end = input.find("\r\n");
  if (end == input.npos) return 0;
  const auto line = input.substr(0, end);
  if (line == "PING") server.write_all("PONG\r\n");
  if (!line.starts_with("MSG ")) return end + 2;
  const auto size = std::stoul(std::string{line.substr(line.rfind(' ') + 1)});
  if (input.size() < end + 2 + size + 2) return 0;
  const auto wanted = bench::go::of_subject(line.substr(4, line.find(' ', 4) - 4));
  bench::chunk_writer out{server};
  for (std::size_t i = 0; wanted && i != wanted->count; ++i) out.publish("bench.data", input.substr(end + 2, size));
  out.flush();
  return end + 2 + size + 2;
}

}  // namespace

int main(int argc, char** argv) try {
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  const auto server = bench::dial(bench::arguments{argc, argv}.port());
  server.write_all("SUB go.> 1\r\n");
  bench::round_trip(server);
  std::puts("ready");
  std::fflush(stdout);
  std::string input;
  std::vector<char> some(std::size_t{64} << 10);
  while (const auto n = server.read_some(some.data(), some.size())) {
    input.append(some.data(), n);
    std::size_t done = 0;
    while (const auto used = feed(server, std::string_view{input}.substr(done))) done += used;
    input.erase(0, done);
  }
  return 0;
} catch (const std::exception& thrown) {
  std::fprintf(stderr, "feeder: %s\n", thrown.what());
  return 1;
}
