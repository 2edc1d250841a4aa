// SPDX-License-Identifier: Apache-2.0
// The null sink: INFO, PONG where the stream pauses after a PING, and everything else is discarded unread.
#include "../support/server.hpp"
#include "../support/wire.hpp"

namespace {

void serve(const bench::socket& client) {
  std::vector<char> buffer(std::size_t{256} << 10);
  std::string tail;  // the last bytes that came
  client.write_all(bench::info);
  while (const auto n = client.read_some(buffer.data(), buffer.size())) {
    const auto last = std::min<std::size_t>(n, 6);
    tail.append(buffer.data() + n - last, last);
    if (tail.size() > 6) tail.erase(0, tail.size() - 6);
    if (tail == "PING\r\n") client.write_all("PONG\r\n");
  }
}

}  // namespace

int main() { return bench::serve_forever(serve); }
