// SPDX-License-Identifier: Apache-2.0
#include "support/nats_cluster.hpp"
#include "support/run.hpp"

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <functional>
#include <map>
#include <set>

using innate::errc;
using innate::event_kind;
using innate::migration_policy;
using namespace std::chrono_literals;
using test::quick;

namespace {

constexpr auto lame_duck_soon = "lame_duck_duration: \"30s\", lame_duck_grace_period: \"10s\"";

/// What one subscription, or a group of them, got of the numbered stream.
struct taken {
  std::map<long, int> times{};
  long last = -1;
  int overtaken = 0;  // came after a later one
  int twice = 0;

  void note(const innate::message& m) {
    long number = -1;
    std::from_chars(m.data().data(), m.data().data() + m.data().size(), number);
    if (++times[number] > 1)
      ++twice;
    else if (number < last)
      ++overtaken;
    last = std::max(last, number);
  }
  [[nodiscard]] long missing(long sent) const { return sent - static_cast<long>(times.size()); }
};

struct gap_seen {
  innate::time_point end;
  innate::duration length;
};

/// One program of the test: its connection, and what its events said.
struct client {
  innate::connection nc{};
  int migrated = 0;
  int failed = 0;
  std::vector<gap_seen> gaps{};

  static innate::options options(client& c, const std::string& urls) {
    auto o = quick(urls);
    o.randomize = false;
    o.lame_duck.pause = 50ms;  // servers that share two cores with everything else differ much in delay
    o.lame_duck.overlap = 500ms;
    o.on_event = [&c](const innate::connection_event& e) {
      if (e.kind == event_kind::migrated) e.code ? ++c.failed : ++c.migrated;
      if (e.kind == event_kind::disconnected || e.kind == event_kind::migration_failed) ++c.failed;
      if (e.kind == event_kind::migration_gap) c.gaps.push_back({std::chrono::steady_clock::now(), e.gap});
    };
    return o;
  }
};

asio::awaitable<void> until(innate::connection& nc, const std::function<bool()>& holds) {
  while (!holds()) co_await nc.flush();
}

}  // namespace

TEST_CASE("a numbered stream through a rolling restart of three nodes", "[server][cluster][ldm]") {
  test::nats_cluster cluster{3, lame_duck_soon};
  test::run(
      [&]() -> asio::awaitable<void> {
        co_await cluster.connected();
        client publisher;
        client requester;
        client member;
        client other_member;
        client plain;
        client twice;
        const std::vector<client*> all{&publisher, &requester, &member, &other_member, &plain, &twice};
        for (std::size_t i = 0; i != all.size(); ++i)
          all[i]->nc = co_await innate::connect(client::options(*all[i], cluster.urls(i % 3)));

        taken by_group;
        taken by_member;  // of it, for the order that one member sees
        taken by_plain;
        taken by_twice;
        const auto note_in = [](taken& t) { return [&t](const innate::message& m) { t.note(m); }; };
        const auto ignore = [](std::error_code) {};
        auto first = member.nc.subscribe("stream.group", {.queue = "g"});
        auto second = other_member.nc.subscribe("stream.group", {.queue = "g"});
        auto once = plain.nc.subscribe("stream.all");
        auto doubled = twice.nc.subscribe("stream.all", {.on_migration = migration_policy::overlap});
        first.for_each(
            [&](const innate::message& m) {
              by_group.note(m);
              by_member.note(m);
            },
            ignore);
        second.for_each(note_in(by_group), ignore);
        once.for_each(note_in(by_plain), ignore);
        doubled.for_each(note_in(by_twice), ignore);
        std::vector<innate::subscription> services;
        for (client* c : {&member, &other_member}) {
          services.push_back(c->nc.subscribe("svc", {.queue = "svc"}));
          services.back().for_each([c](const innate::message& m) { CHECK_FALSE(c->nc.try_respond(m, m.data())); },
                                   ignore);
        }
        for (client* c : all) co_await c->nc.flush();
        co_await cluster.connected();  // every node knows of every subscription

        bool stop = false;
        long sent = 0;
        long asked = 0;
        int running = 2;
        std::vector<innate::time_point> sent_at;
        std::error_code publish_failed;
        std::error_code request_failed;
        // No faster than everything arrives: a flooded route may lag behind another by any time.
        const auto in_step = [&] { return by_group.missing(sent) < 16 && by_twice.missing(sent) < 16; };
        const auto publish_on = [&]() -> asio::awaitable<void> {
          while (!stop) {
            sent_at.push_back(std::chrono::steady_clock::now());
            // Two subjects: when a server has lost its member of a group, it hands a message that was for it on to
            // another node, which gives it to its plain subscribers too, once more.
            co_await publisher.nc.publish("stream.group", std::to_string(sent));
            co_await publisher.nc.publish("stream.all", std::to_string(sent++));
            do co_await publisher.nc.flush();
            while (!in_step() && !stop);
          }
          co_await publisher.nc.flush();
        };
        const auto request_on = [&]() -> asio::awaitable<void> {
          while (!stop) {
            const auto reply = co_await requester.nc.request("svc", std::to_string(asked));
            if (reply.data() != std::to_string(asked)) throw std::system_error(errc::protocol_error);
            ++asked;
          }
        };
        const auto ended = [&running](std::error_code& into) {
          return [&into, &running](const std::exception_ptr& thrown) {
            --running;
            into = innate::net::code_of(thrown, {});
          };
        };
        const auto executor = co_await asio::this_coro::executor;
        asio::co_spawn(executor, publish_on(), ended(publish_failed));
        asio::co_spawn(executor, request_on(), ended(request_failed));

        // Whom a node serves is told by its port.
        for (std::size_t i = 0; i != cluster.size(); ++i) {
          auto& node = cluster.node(i);
          std::map<client*, int> before;
          for (client* c : all)
            if (c->nc.current_server() == node.url()) before[c] = c->migrated + c->failed;
          REQUIRE_FALSE(before.empty());
          node.signal(SIGUSR2);
          for (const auto& [moving, moves] : before)
            co_await until(moving->nc, [&c = *moving, &n = moves] { return c.migrated + c.failed > n; });
          for (client* c : all) CHECK(c->nc.current_server() != node.url());
          node.kill(SIGINT);  // it takes no SIGTERM now
          node.start();
          co_await cluster.connected();
        }
        stop = true;
        co_await until(publisher.nc, [&] { return running == 0; });
        co_await cluster.connected();  // all that was published has arrived
        for (client* c : all) co_await c->nc.flush();

        CHECK_FALSE(publish_failed);
        CHECK_FALSE(request_failed);
        for (const client* c : all) {
          CHECK(c->migrated >= 1);
          CHECK(c->failed == 0);
          CHECK(c->nc.statistics().disconnects == 0);
        }
        CHECK(by_group.missing(sent) == 0);
        CHECK(by_group.twice == 0);
        CHECK(by_twice.missing(sent) == 0);
        CHECK(by_twice.twice > 0);
        CHECK(by_plain.twice == 0);
        CHECK(plain.gaps.size() == static_cast<std::size_t>(plain.migrated));
        int unexplained = 0;
        for (long n = 0; n != sent; ++n) {
          if (by_plain.times.contains(n)) continue;
          // Published while a gap was open, or shortly before: it was still on its way, or its node did not know yet.
          const auto at = sent_at[static_cast<std::size_t>(n)];
          const auto explains = [&](const gap_seen& g) { return at > g.end - g.length - 250ms && at < g.end + 250ms; };
          if (std::none_of(plain.gaps.begin(), plain.gaps.end(), explains)) ++unexplained;
        }
        CHECK(unexplained == 0);
        innate::duration longest{};
        for (const auto& g : plain.gaps) longest = std::max(longest, g.length);
        std::printf("rolling restart: %ld published, %ld requests; group: %ld missing, %d twice, %d out of order at "
                    "one member; "
                    "hand-over: %ld "
                    "missing in %zu gaps of at most %.2f ms, %d out of order; overlap: %d twice, %d out of order\n",
                    sent, asked, by_group.missing(sent), by_group.twice, by_member.overtaken, by_plain.missing(sent),
                    plain.gaps.size(), std::chrono::duration<double, std::milli>{longest}.count(), by_plain.overtaken,
                    by_twice.twice, by_twice.overtaken);
      },
      120s);
}

TEST_CASE("a server that kills its clients while they move loses nobody", "[server][cluster][ldm]") {
  test::nats_cluster cluster{2, lame_duck_soon};
  test::run([&]() -> asio::awaitable<void> {
    co_await cluster.connected();
    client c;
    auto opts = client::options(c, cluster.urls());
    opts.lame_duck.overlap = 10s;
    c.nc = co_await innate::connect(opts);
    auto sub = c.nc.subscribe("a", {.queue = "q"});
    co_await c.nc.flush();
    cluster.node(0).signal(SIGUSR2);
    co_await until(c.nc, [&] { return c.nc.current_server() == cluster.node(1).url(); });
    co_await c.nc.flush();
    cluster.node(0).kill();
    co_await until(c.nc, [&] { return c.failed == 1; });  // `migrated`, with a reason
    CHECK(c.nc.status() == innate::status::connected);
    co_await c.nc.publish("a", "x");
    const auto m = co_await sub.next(5s);
    CHECK(m->data() == "x");
  });
}
