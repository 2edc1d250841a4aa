// SPDX-License-Identifier: Apache-2.0
// A replier on a raw socket: answers every request on bench.echo of the server at --port with its own payload.
#include "../support/arguments.hpp"
#include "../support/wire.hpp"

#include <csignal>
#include <cstdio>

#include <sys/prctl.h>

namespace {

// "MSG bench.echo 1 REPLY SIZE": answers it, returns its size with the payload; 0 when it has not come whole.
std::size_t answer(const bench::socket& server, std::string_view input, std::string& out) {
  const auto end = input.find("\r\n");
  if (end == input.npos) return 0;
  const auto line = input.substr(0, end);
  if (line == "PING") server.write_all("PONG\r\n");
  if (!line.starts_with("MSG ")) return end + 2;
  const auto before_size = line.rfind(' ');
  const auto before_reply = line.rfind(' ', before_size - 1);
  const auto size = std::stoul(std::string{line.substr(before_size + 1)});
  if (input.size() < end + 2 + size + 2) return 0;
  out.append("PUB ").append(line.substr(before_reply + 1)).append("\r\n").append(input.substr(end + 2, size + 2));
  return end + 2 + size + 2;
}

}  // namespace

int main(int argc, char** argv) try {
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  const auto server = bench::dial(bench::arguments{argc, argv}.port());
  server.write_all("SUB bench.echo 1\r\n");
  bench::round_trip(server);
  std::puts("ready");
  std::fflush(stdout);
  std::string input, out;
  std::vector<char> some(std::size_t{64} << 10);
  while (const auto n = server.read_some(some.data(), some.size())) {
    input.append(some.data(), n);
    std::size_t done = 0;
    while (const auto used = answer(server, std::string_view{input}.substr(done), out)) done += used;
    input.erase(0, done);
    server.write_all(out);
    out.clear();
  }
  return 0;
} catch (const std::exception& thrown) {
  std::fprintf(stderr, "replier: %s\n", thrown.what());
  return 1;
}
