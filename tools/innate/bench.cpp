// SPDX-License-Identifier: Apache-2.0
/// bench: the cost of a message as this program sees it, wall clock and CPU.
#include "common.hpp"

#include <asio/this_coro.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <memory>
#include <vector>

#include <sys/resource.h>

namespace cli {

namespace {

struct bench_options {
  std::string subject{};
  std::uint64_t msgs = 100'000;
  std::size_t size = 128;
  bool json = false;
};
using options_ptr = std::shared_ptr<bench_options>;

double seconds(const timeval& t) { return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6; }

/// Clocks from construction to `report`.
class meter {
 public:
  meter() : x_start(std::chrono::steady_clock::now()) { ::getrusage(RUSAGE_SELF, &x_usage); }

  void report(const char* what, const bench_options& o, std::uint64_t msgs, std::vector<double> latencies = {}) const {
    rusage now{};
    ::getrusage(RUSAGE_SELF, &now);
    const double wall = std::chrono::duration<double>(std::chrono::steady_clock::now() - x_start).count();
    const double user = seconds(now.ru_utime) - seconds(x_usage.ru_utime);
    const double sys = seconds(now.ru_stime) - seconds(x_usage.ru_stime);
    const double per_msg = msgs ? (user + sys) * 1e9 / static_cast<double>(msgs) : 0;
    const auto count = static_cast<unsigned long long>(msgs);
    std::sort(latencies.begin(), latencies.end());
    const auto percentile = [&](double p) {
      return latencies[std::min(latencies.size() - 1,
                                static_cast<std::size_t>(p * static_cast<double>(latencies.size())))];
    };
    if (o.json) {
      std::printf(
          "{\"msgs\":%llu,\"bytes\":%llu,\"seconds\":%.6f,\"user_s\":%.6f,\"sys_s\":%.6f,\"cpu_ns_per_msg\":%.1f",
          count, count * o.size, wall, user, sys, per_msg);
      if (!latencies.empty())
        std::printf(",\"p50_us\":%.1f,\"p90_us\":%.1f,\"p99_us\":%.1f,\"p999_us\":%.1f", percentile(0.5),
                    percentile(0.9), percentile(0.99), percentile(0.999));
      std::puts("}");
      return;
    }
    std::printf("%s: %llu messages of %zu bytes in %.3f s: %.0f a second, %.1f MB/s, %.0f ns of CPU each\n", what,
                count, o.size, wall, static_cast<double>(msgs) / wall, static_cast<double>(count * o.size) / wall / 1e6,
                per_msg);
    if (!latencies.empty())
      std::printf("round trips: p50 %.1f us, p90 %.1f us, p99 %.1f us, p99.9 %.1f us\n", percentile(0.5),
                  percentile(0.9), percentile(0.99), percentile(0.999));
  }

 private:
  std::chrono::steady_clock::time_point x_start;
  rusage x_usage{};
};

asio::awaitable<void> bench_pub(innate::connection& nc, options_ptr o) {
  const std::string payload(o->size, 'x');
  const innate::protocol::subject_ref subject{o->subject};
  const meter clock;
  for (std::uint64_t i = 0; i != o->msgs; ++i) {
    const auto failed = nc.try_publish(subject, payload);
    if (!failed) continue;
    if (failed != innate::errc::outbound_full) check(nc, failed);
    co_await nc.publish(subject, payload);
  }
  co_await nc.flush(std::chrono::minutes{10});
  clock.report("pub", *o, o->msgs);
}

asio::awaitable<void> bench_sub(innate::connection& nc, options_ptr o) {
  auto sub = nc.subscribe(o->subject, {.pending_messages = 1U << 24U, .pending_bytes = std::size_t{1} << 32U});
  co_await nc.flush();
  std::fprintf(stderr, "subscribed to %s\n", o->subject.c_str());
  std::vector<innate::message> batch(256);
  std::uint64_t got = co_await sub.next_batch(std::span{batch}.first(1));
  const meter clock;
  while (got != 0 && got < o->msgs) {
    const auto room = std::min<std::uint64_t>(batch.size(), o->msgs - got);
    const auto count = co_await sub.next_batch(std::span{batch}.first(static_cast<std::size_t>(room)));
    if (count == 0) break;
    got += count;
  }
  clock.report("sub", *o, got);
  sub.unsubscribe();
}

asio::awaitable<void> bench_request(innate::connection& nc, options_ptr o) {
  const std::string payload(o->size, 'x');
  std::vector<double> latencies;
  latencies.reserve(o->msgs);
  co_await nc.request(o->subject, payload);
  const meter clock;
  for (std::uint64_t i = 0; i != o->msgs; ++i) {
    const auto start = std::chrono::steady_clock::now();
    co_await nc.request(o->subject, payload);
    latencies.push_back(std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - start).count());
  }
  clock.report("request", *o, o->msgs, std::move(latencies));
}

asio::awaitable<void> bench_reply(innate::connection& nc, options_ptr o) {
  auto sub = nc.subscribe(o->subject, {.queue = "bench"});
  co_await nc.flush();
  std::fprintf(stderr, "replying on %s\n", o->subject.c_str());
  const meter clock;
  std::uint64_t answered = 0;
  while (auto m = co_await sub.next()) {
    co_await nc.respond(*m, m->data());
    ++answered;
  }
  clock.report("reply", *o, answered);
}

}  // namespace

void add_bench(CLI::App& app, chosen& to) {
  auto* bench = app.add_subcommand("bench", "measure publishing, receiving and requests");
  bench->require_subcommand(1);
  const auto add = [&](const char* name, const char* help,
                       asio::awaitable<void> (*run)(innate::connection&, options_ptr)) {
    auto o = std::make_shared<bench_options>();
    auto* c = bench->add_subcommand(name, help);
    c->add_option("subject", o->subject, "subject")->required();
    c->add_option("--msgs", o->msgs, "how many messages")->capture_default_str();
    c->add_option("--size", o->size, "payload bytes")->capture_default_str();
    c->add_flag("--json", o->json, "one JSON object on one line");
    c->callback([=, &to] { to.run = [=](innate::connection& nc) { return run(nc, o); }; });
  };
  add("pub", "publish and flush", bench_pub);
  add("sub", "receive; clocks start at the first message", bench_sub);
  add("request", "one request after another, with latencies", bench_request);
  add("reply", "echo requests until interrupted", bench_reply);
}

}  // namespace cli
