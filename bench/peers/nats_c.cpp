// SPDX-License-Identifier: Apache-2.0
// The C client of the NATS project: nats_c_client publish|receive|request|subscriptions --port N …
#include "../support/go.hpp"
#include "../support/latencies.hpp"
#include "../support/scenarios.hpp"
#include "../support/stopwatch.hpp"

#include <nats/nats.h>

#include <condition_variable>
#include <cstdio>
#include <memory>
#include <mutex>
#include <vector>

namespace {

void check(natsStatus s) {
  if (s != NATS_OK) throw std::runtime_error(natsStatus_GetText(s));
}

struct destroy {
  void operator()(natsConnection* c) const { natsConnection_Destroy(c); }
  void operator()(natsSubscription* s) const { natsSubscription_Destroy(s); }
  void operator()(natsMsg* m) const { natsMsg_Destroy(m); }
};
using connection = std::unique_ptr<natsConnection, destroy>;
using subscription = std::unique_ptr<natsSubscription, destroy>;
using message = std::unique_ptr<natsMsg, destroy>;

connection dial(const bench::arguments& given) {
  natsConnection* c = nullptr;
  check(natsConnection_ConnectTo(&c, ("nats://127.0.0.1:" + std::to_string(given.port())).c_str()));
  return connection{c};
}

void send(natsConnection* c, const std::string& subject, const std::string& payload) {
  check(natsConnection_Publish(c, subject.c_str(), payload.data(), static_cast<int>(payload.size())));
}

void publish(const bench::arguments& given) {
  const auto count = given.number("count", 100'000);
  const std::string payload(given.number("size", 16), 'x');
  const auto c = dial(given);
  const auto send_all = [&](std::uint64_t messages) {
    for (std::uint64_t i = 0; i != messages; ++i)
      check(natsConnection_Publish(c.get(), "bench.data", payload.data(), static_cast<int>(payload.size())));
    check(natsConnection_Flush(c.get()));
  };
  send_all(count / 10);
  bench::stopwatch watch;
  watch.start();
  send_all(count);
  watch.stop("nats.c publish", count).print();
}

// Counts what its callback gets, on a thread of the library, and wakes who waits for a number of messages.
class arrivals {
 public:
  static void on_message(natsConnection*, natsSubscription*, natsMsg* m, void* self) {
    const message owner{m};
    static_cast<arrivals*>(self)->add(natsMsg_GetDataLength(m));
  }
  void reach(std::uint64_t more) {
    std::unique_lock lock{x_mutex};
    x_wanted += more;
    x_reached.wait(lock, [&] { return x_seen == x_wanted; });
  }

 private:
  void add(int bytes) {
    const std::lock_guard lock{x_mutex};
    x_bytes += bytes;
    if (++x_seen == x_wanted) x_reached.notify_one();
  }

  std::mutex x_mutex;
  std::condition_variable x_reached;
  std::uint64_t x_seen = 0, x_wanted = 0;
  long long x_bytes = 0;
};

void receive(const bench::arguments& given) {
  const auto count = given.number("count", 100'000);
  const std::string payload(given.number("size", 16), 'x');
  const bool headers = given.text("form", "plain") == "headers";
  arrivals arrived;
  const auto c = dial(given);
  natsSubscription* s = nullptr;
  check(natsConnection_Subscribe(&s, c.get(), "bench.data", arrivals::on_message, &arrived));
  const subscription owner{s};
  check(natsSubscription_SetPendingLimits(s, -1, -1));
  const auto take = [&](std::uint64_t messages) {
    send(c.get(), bench::go{messages, false, headers}.subject(), payload);
    check(natsConnection_Flush(c.get()));
    arrived.reach(messages);
  };
  take(count / 10);
  bench::stopwatch watch;
  watch.start();
  take(count);
  watch.stop("nats.c receive", count).print();
}

void request(const bench::arguments& given) {
  const auto count = given.number("count", 10'000);
  const std::string payload(given.number("size", 16), 'x');
  const auto c = dial(given);
  bench::latencies taken{count};
  const auto ask = [&](std::uint64_t requests, auto told) {
    for (std::uint64_t i = 0; i != requests; ++i) {
      const auto began = bench::latencies::clock::now();
      natsMsg* m = nullptr;
      check(natsConnection_Request(&m, c.get(), "bench.echo", payload.data(), static_cast<int>(payload.size()), 5000));
      const message owner{m};
      told(bench::latencies::clock::now() - began);
    }
  };
  ask(count / 10, [](auto) {});
  bench::stopwatch watch;
  watch.start();
  ask(count, [&](auto duration) { taken.add(duration); });
  auto line = watch.stop("nats.c request", count);
  taken.report(line);
  line.print();
}

void subscriptions(const bench::arguments& given) {
  const auto count = given.number("subscriptions", 1'000);
  arrivals arrived;
  const auto c = dial(given);
  check(natsConnection_Flush(c.get()));
  const auto before = bench::of_process("RssAnon");
  bench::stopwatch watch;
  watch.start();
  std::vector<subscription> all;
  for (std::uint64_t i = 0; i != count; ++i) {
    natsSubscription* s = nullptr;
    const auto subject = "bench.s" + std::to_string(i);
    check(natsConnection_Subscribe(&s, c.get(), subject.c_str(), arrivals::on_message, &arrived));
    all.emplace_back(s);
  }
  check(natsConnection_Flush(c.get()));
  watch.stop("nats.c subscriptions", count).add("added_kib", bench::of_process("RssAnon") - before).print();
}

void version(const bench::arguments&) { std::puts(nats_GetVersion()); }

}  // namespace

int main(int argc, char** argv) {
  return bench::run_one_of({{"publish", publish},
                            {"receive", receive},
                            {"request", request},
                            {"subscriptions", subscriptions},
                            {"version", version}},
                           argc, argv);
}
