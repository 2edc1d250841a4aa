// SPDX-License-Identifier: Apache-2.0
// Programs talk through a cluster while everything in it is broken and mended. INNATE_CHAOS_FAULTS and
// INNATE_CHAOS_SEED say how often, and in which order.
#include "chaos/faults.hpp"

#include <catch2/catch_test_macros.hpp>

#include <cstdio>
#include <cstdlib>
#include <filesystem>

using namespace std::chrono_literals;

namespace {

long from_environment(const char* name, long otherwise) {
  const char* const given = std::getenv(name);
  return given && *given ? std::atol(given) : otherwise;
}

long open_files() {
  const std::filesystem::directory_iterator files{"/proc/self/fd"};
  return std::distance(begin(files), end(files));
}

/// Asks again and again, for so long at most; whether it came true.
template <class Condition>
asio::awaitable<bool> comes_true(asio::io_context& io, std::chrono::seconds limit, Condition condition) {
  for (const auto end = chaos::clock::now() + limit; !condition();) {
    if (chaos::clock::now() > end) co_return false;
    asio::steady_timer again{io, 2ms};
    static_cast<void>(co_await again.async_wait(asio::as_tuple(asio::use_awaitable)));
  }
  co_return true;
}

class run {
 public:
  run(asio::io_context& io, long faults, long seed)
      : x_io(io), w(io), x_maker(w, static_cast<std::uint64_t>(seed)), x_faults(faults) {}

  asio::awaitable<void> all() {
    w.add_behind_proxies("alice");
    w.add_behind_proxies("bob");
    w.add_discovering("carol");
    w.add_by_name("dave");
    co_await must("everyone connects", [&] { return w.all_connected(); });
    for (auto& c : w.clients) c->work();
    for (long i = 0; i != x_faults && w.noted.promises.kept(); ++i) co_await one_fault();
    w.noted.stopping = true;
    co_await must("what was under way ends", [&] { return w.noted.times.idle(); });
    co_await heals();
    tell();
    co_await end();
    done = true;
  }

 private:
  /// A promise of its own: it comes true, in time.
  template <class Condition>
  asio::awaitable<bool> must(std::string what, Condition condition) {
    const bool kept = co_await comes_true(x_io, 30s, std::move(condition));
    w.noted.times.check();
    if (!kept) w.noted.promises.broken("this was not so: " + what);
    co_return kept;
  }

  asio::awaitable<void> one_fault() {
    auto& kind = x_maker.next();
    ++kind.times;
    co_await kind.strike();
    const auto mended = chaos::clock::now();
    if (co_await must("everyone is connected again after: " + kind.name, [&] { return w.all_connected(); }))
      ++kind.recoveries;
    kind.slowest = std::max(kind.slowest, std::chrono::round<std::chrono::milliseconds>(chaos::clock::now() - mended));
  }

  /// Everyone hears everyone again; then, with nothing broken, nothing is lost, and every question is answered.
  asio::awaitable<void> heals() {
    co_await must("everyone is connected", [&] { return w.all_connected(); });
    for (auto& from : w.clients)
      for (bool heard = false; !heard && w.noted.promises.kept();) {
        from->publish(1);
        heard = co_await comes_true(x_io, 1s, [&] { return everyone_has(*from, 1); });
        w.noted.times.check();
      }
    for (auto& from : w.clients) from->publish(100);
    for (auto& from : w.clients)
      co_await must("all of the last hundred of " + from->name() + " arrive", [&] { return everyone_has(*from, 100); });
    for (auto& asks : w.clients)
      if (const auto failed =
              co_await asks->within("last request", 5s, asks->nc.request("chaos.svc", "?", {.timeout = 5s})))
        w.noted.promises.broken(asks->name() + "'s last request was not answered: " + failed.message());
  }
  bool everyone_has(const chaos::client& from, long last) {
    const auto sent = w.noted.stream(from.name()).sent;
    return std::all_of(w.clients.begin(), w.clients.end(),
                       [&](auto& c) { return c->seen.has(from.name(), sent - last + 1, sent); });
  }

  asio::awaitable<void> end() {
    for (auto& c : w.clients) c->close();
    co_await must("every program ends", [&] {
      return std::all_of(w.clients.begin(), w.clients.end(), [](const auto& c) { return c->ended(); });
    });
    for (const auto& c : w.clients)  // one slab is the connection's own
      if (c->nc.statistics().pinned_bytes > innate::core::slab_size)
        w.noted.promises.broken(c->name() + " still pins receive memory");
    for (auto& p : w.proxies) p->stop();
    co_await must("the proxies end", [&] {
      return std::all_of(w.proxies.begin(), w.proxies.end(), [](const auto& p) { return p->stopped(); });
    });
  }

  void tell() {
    std::printf("| %-24s %6s %11s %12s\n", "fault", "times", "recoveries", "slowest, ms");
    int times = 0;
    int recoveries = 0;
    for (const auto& k : x_maker.kinds) {
      std::printf("| %-24s %6d %11d %12lld\n", k.name.c_str(), k.times, k.recoveries,
                  static_cast<long long>(k.slowest.count()));
      times += k.times;
      recoveries += k.recoveries;
    }
    std::printf("| %-24s %6d %11d\n", "all", times, recoveries);
    for (const auto& c : w.clients) {
      const auto& s = w.noted.stream(c->name());
      std::printf("| %-8s published %6ld, lost its link %3zu times, got %6zu\n", c->name().c_str(), s.sent,
                  s.losses.size(), c->seen.total);
    }
    std::printf("| the queue group got %zu; slow consumers were told %zu times\n", w.noted.group.total, w.noted.slow);
    for (const auto& [how, count] : w.noted.answers) std::printf("| requests: %6zu %s\n", count, how.c_str());
    std::fflush(stdout);
  }

  asio::io_context& x_io;

 public:
  chaos::world w;
  bool done = false;

 private:
  chaos::fault_maker x_maker;
  long x_faults;
};

}  // namespace

TEST_CASE("whatever happens to a cluster, no promise is broken and everything heals", "[chaos]") {
  const auto faults = from_environment("INNATE_CHAOS_FAULTS", 210);
  const auto seed = from_environment("INNATE_CHAOS_SEED", 20240229);
  std::printf("| %ld faults, INNATE_CHAOS_SEED=%ld\n", faults, seed);
  const auto files = open_files();
  {
    asio::io_context io;
    run r{io, faults, seed};
    std::exception_ptr failed;
    asio::co_spawn(io, r.all(), [&](const std::exception_ptr& thrown) {
      failed = thrown;
      io.stop();
    });
    io.run_for(60s + faults * 2s);
    if (failed) std::rethrow_exception(failed);
    INFO(r.w.noted.promises.text());
    CHECK(r.w.noted.promises.kept());
    CHECK(r.done);
    CHECK(r.w.noted.slow > 0);
    CHECK(r.w.noted.answers["answered"] > 0);
  }
  CHECK(open_files() == files);
}
