// SPDX-License-Identifier: Apache-2.0
// What the same bytes cost without a library, on blocking sockets: floor publish|receive|request --port N …
#include "../support/go.hpp"
#include "../support/latencies.hpp"
#include "../support/scenarios.hpp"
#include "../support/stopwatch.hpp"
#include "../support/wire.hpp"

namespace {

// Encodes each PUB, writes 32 KiB at a time.
void publish(const bench::arguments& given) {
  const auto count = given.number("count", 100'000);
  const std::string payload(given.number("size", 16), 'x');
  const bool headers = given.text("form", "plain") == "headers";
  const auto server = bench::dial(given.port());
  bench::chunk_writer out{server};
  const auto send = [&](std::uint64_t messages) {
    if (headers) {
      for (std::uint64_t i = 0; i != messages; ++i) out.publish("bench.data", bench::header_block, payload);
    } else {
      for (std::uint64_t i = 0; i != messages; ++i) out.publish("bench.data", payload);
    }
    out.flush();
    bench::round_trip(server);
  };
  send(count / 10);
  bench::stopwatch watch;
  watch.start();
  send(count);
  watch.stop("floor publish", count).print();
}

// Finds the boundaries of frames, 64 KiB reads.
void receive(const bench::arguments& given) {
  const auto count = given.number("count", 100'000);
  const std::string payload(given.number("size", 16), 'x');
  const bool headers = given.text("form", "plain") == "headers";
  const auto server = bench::dial(given.port());
  server.write_all("SUB bench.data 1\r\n");
  bench::walking_reader in{server};
  const auto take = [&](std::uint64_t messages) {
    bench::chunk_writer out{server};
    out.publish(bench::go{messages, false, headers}.subject(), payload);
    out.flush();
    in.read_frames(messages);
  };
  take(count / 10);
  bench::stopwatch watch;
  watch.start();
  take(count);
  watch.stop("floor receive", count).print();
}

// One request after the other: one write, reads until the answer is whole.
void request(const bench::arguments& given) {
  const auto count = given.number("count", 10'000);
  const std::string payload(given.number("size", 16), 'x');
  const auto server = bench::dial(given.port());
  server.write_all("SUB _INBOX.bench.* 1\r\n");
  bench::round_trip(server);
  const auto frame = "PUB bench.echo _INBOX.bench.1 " + std::to_string(payload.size()) + "\r\n" + payload + "\r\n";
  bench::walking_reader in{server};
  bench::latencies taken{count};
  const auto ask = [&](std::uint64_t requests, auto told) {
    for (std::uint64_t i = 0; i != requests; ++i) {
      const auto began = bench::latencies::clock::now();
      server.write_all(frame);
      in.read_frames(1);
      told(bench::latencies::clock::now() - began);
    }
  };
  ask(count / 10, [](auto) {});
  bench::stopwatch watch;
  watch.start();
  ask(count, [&](auto duration) { taken.add(duration); });
  auto line = watch.stop("floor request", count);
  taken.report(line);
  line.print();
}

}  // namespace

int main(int argc, char** argv) {
  return bench::run_one_of({{"publish", publish}, {"receive", receive}, {"request", request}}, argc, argv);
}
