// SPDX-License-Identifier: Apache-2.0
/// A scripted world with two servers: the first is the lame duck, the connection moves to the second.
#pragma once

#include "scripted_world.hpp"

#include <catch2/catch_test_macros.hpp>

#include <charconv>
#include <map>
#include <random>
#include <set>

namespace test {

[[nodiscard]] inline std::string info_with(std::string_view more) {
  std::string text{info};
  return text.insert(text.find('}'), "," + std::string{more});
}

[[nodiscard]] inline std::size_t count_of(std::string_view in, std::string_view what) {
  std::size_t n = 0;
  for (auto at = in.find(what); at != in.npos; at = in.find(what, at + 1)) ++n;
  return n;
}

[[nodiscard]] inline std::vector<std::string> texts(innate::subscription& sub) {
  std::vector<std::string> all;
  while (auto m = sub.try_next()) all.emplace_back(m->data());
  return all;
}

[[nodiscard]] inline std::vector<innate::event_kind> kinds(const std::vector<innate::connection_event>& events) {
  std::vector<innate::event_kind> all;
  for (const auto& e : events) all.push_back(e.kind);
  return all;
}

class moving_world : public scripted_world {
 public:
  explicit moving_world(innate::options opts = two_servers()) : scripted_world(std::move(opts)) {}

  [[nodiscard]] static innate::options two_servers() {
    auto o = quick();
    o.set_servers("nats://one:1,nats://two:2");
    o.randomize = false;
    return o;
  }

  [[nodiscard]] link& old_link() { return *env->links.front(); }
  [[nodiscard]] link& new_link() { return *env->links.back(); }
  /// What the server has got by this link since the last call.
  [[nodiscard]] static std::string took(link& l) { return std::exchange(l.received, {}); }
  void say(link& l, std::string_view bytes) {
    l.send(bytes);
    settle();
  }
  void message(link& l, std::string_view subject_and_sid, std::string_view payload) {
    say(l, "MSG " + std::string{subject_and_sid} + " " + std::to_string(payload.size()) + "\r\n" +
               std::string{payload} + "\r\n");
  }

  void lame_duck() { say(old_link(), info_with(R"("ldm":true)")); }
  /// The server dialed last accepts the connection.
  void welcome() {
    say(new_link(), info);
    static_cast<void>(took(new_link()));
    say(new_link(), "PONG\r\n");
  }
  /// Up to the link to the second server: step 0.
  void begin() {
    lame_duck();
    welcome();
  }
  /// From step 0 on: 1 the old server has answered, 2 the new one, 3 the overlap is over, 4 the old link lingers.
  void walk(int steps) {
    for (int i = 1; i <= steps; ++i) {
      if (i == 1 || i == 4) say(leaving(), "PONG\r\n");
      if (i == 2) say(new_link(), "PONG\r\n");
      if (i == 3) advance(std::chrono::seconds{1});
    }
  }
  void finish_but_linger() { walk(4); }
  void finish() {
    walk(4);
    advance(std::chrono::seconds{1});
  }
  /// Answers every PING that has come.
  void answer(link& l) {
    for (auto pings = count_of(took(l), "PING\r\n"); pings != 0 && !l.closed; --pings) say(l, "PONG\r\n");
  }

  void ask(std::string_view subject, std::string& reply) {
    // The arguments belong to the coroutine, not to the lambda.
    spawn([](moving_world& w, std::string to, std::string& answer) -> asio::awaitable<void> {
      answer = (co_await w.nc.request(to, "?")).data();
    }(*this, std::string{subject}, reply));
  }
  /// The reply subject of the last PUB.
  [[nodiscard]] static std::string reply_subject(const std::string& sent) {
    const auto at = sent.find("_INBOX.", sent.rfind("PUB "));
    return sent.substr(at, sent.find(' ', at) - at);
  }

  [[nodiscard]] std::vector<innate::connection_event> told() {
    std::vector<innate::connection_event> all;
    auto pull = [&]() -> asio::awaitable<void> {
      while (auto e = co_await nc.next_event()) all.push_back(*e);
    };
    asio::cancellation_signal stop;
    asio::co_spawn(io, pull(), asio::bind_cancellation_slot(stop.slot(), [](const std::exception_ptr&) {}));
    settle();
    stop.emit(asio::cancellation_type::terminal);
    settle();
    return all;
  }

 private:
  // The link before the newest that is still open.
  [[nodiscard]] link& leaving() {
    for (std::size_t i = 0; i + 1 < env->links.size(); ++i)
      if (!env->links[i]->closed) return *env->links[i];
    return old_link();
  }
};

/// A random play on such a world: servers that keep to the protocol, in any order of what may happen.
class moving_model {
 public:
  explicit moving_model(unsigned seed) : x_random(seed), x_world(options(seed)) {
    x_world.connect();
    serve();
  }

  void play(int moves) {
    x_world.lame_duck();
    for (int i = 0; i != moves; ++i) {
      move();
      serve();
    }
  }

  [[nodiscard]] std::uint64_t links() const { return x_world.nc.statistics().connects; }

  /// Lets everything come to rest and looks at what the servers have got.
  void check() {
    for (int i = 0; i != 60; ++i) {
      serve();
      for (std::size_t l = 0; l != x_servers.size(); ++l) answer_all(l);
      x_world.advance(std::chrono::milliseconds{300});
    }
    REQUIRE(x_world.nc.status() == innate::status::connected);
    std::vector<std::size_t> open;
    for (std::size_t l = 0; l != x_servers.size(); ++l)
      if (!link_at(l).closed) open.push_back(l);
    REQUIRE(open.size() == 1);  // no link is forgotten
    std::set<std::uint64_t> wanted;
    for (const auto& s : x_subscriptions) wanted.insert(s.sid());
    CHECK(x_servers[open[0]].subscriptions == wanted);
    std::set<int> once(x_published.begin(), x_published.end());
    CHECK(once.size() == x_published.size());
    CHECK(x_sent == static_cast<int>(x_published.size()));
    CHECK(std::is_sorted(x_published.begin(), x_published.end()));
  }

 private:
  struct server {
    std::string unread;
    std::set<std::uint64_t> subscriptions;
    std::size_t pings = 0;
    bool greeted = false;
  };

  static innate::options options(unsigned seed) {
    auto o = moving_world::two_servers();
    o.set_servers("nats://one:1,nats://two:2,nats://three:3");
    o.lame_duck.pause = std::chrono::milliseconds{seed % 2 * 200};
    return o;
  }
  [[nodiscard]] link& link_at(std::size_t i) { return *x_world.env->links[i]; }
  [[nodiscard]] unsigned roll(unsigned sides) { return static_cast<unsigned>(x_random() % sides); }

  void move() {
    const auto l = roll(static_cast<unsigned>(x_servers.size()));
    switch (roll(12)) {
    case 0:
    case 1:
    case 2: return answer_one(l);
    case 3:
    case 4: return publish();
    case 5: return x_subscriptions.push_back(x_world.nc.subscribe("s" + std::to_string(roll(5)), how()));
    case 6:
      if (!x_subscriptions.empty())
        x_subscriptions.erase(x_subscriptions.begin() + roll(static_cast<unsigned>(x_subscriptions.size())));
      return;
    case 7: return x_world.advance(std::chrono::milliseconds{roll(1200)});
    case 8:
      if (roll(4) == 0) link_at(l).cut();
      return x_world.settle();
    case 9: return roll(2) ? link_at(l).block() : link_at(l).unblock();
    case 10:
      if (roll(4) == 0 && x_servers[l].greeted) x_world.say(link_at(l), info_with(R"("ldm":true)"));
      return;
    default: return x_world.settle();
    }
  }

  innate::subscribe_options how() {
    innate::subscribe_options o;
    if (roll(3) == 0) o.queue = "q";
    if (roll(3) == 0) o.on_migration = innate::migration_policy::overlap;
    return o;
  }
  void publish() {
    if (!x_world.nc.try_publish("n", std::to_string(x_sent)))
      ++x_sent;
    else
      FAIL("a publish failed");
  }
  void answer_one(std::size_t l) {
    server& s = x_servers[l];
    if (s.pings == 0 || link_at(l).closed) return;
    --s.pings;
    x_world.say(link_at(l), "PONG\r\n");
  }
  void answer_all(std::size_t l) {
    link_at(l).unblock();
    x_world.settle();
    serve();
    while (x_servers[l].pings != 0 && !link_at(l).closed) answer_one(l);
  }

  // Every server reads what has come, and greets.
  void serve() {
    x_world.settle();
    x_servers.resize(x_world.env->links.size());
    for (std::size_t l = 0; l != x_servers.size(); ++l) {
      server& s = x_servers[l];
      if (l != 0 && !std::exchange(s.greeted, true)) x_world.say(link_at(l), info);
      if (l == 0) s.greeted = true;
      s.unread += moving_world::took(link_at(l));
      read(s);
    }
  }
  void read(server& s) {
    for (auto end = s.unread.find("\r\n"); end != std::string::npos; end = s.unread.find("\r\n")) {
      const std::string line = s.unread.substr(0, end);
      std::size_t used = end + 2;
      if (line.starts_with("PUB ")) {
        const auto size = number(line.substr(line.rfind(' ') + 1));
        if (s.unread.size() < used + size + 2) return;
        x_published.push_back(static_cast<int>(number(s.unread.substr(used, size))));
        used += size + 2;
      }
      if (line.starts_with("SUB ")) s.subscriptions.insert(number(line.substr(line.rfind(' ') + 1)));
      if (line.starts_with("UNSUB ")) s.subscriptions.erase(number(line.substr(6)));
      if (line == "PING") ++s.pings;
      s.unread.erase(0, used);
    }
  }
  static std::uint64_t number(const std::string& text) {
    std::uint64_t n = 0;
    std::from_chars(text.data(), text.data() + text.size(), n);
    return n;
  }

  std::mt19937 x_random;
  moving_world x_world;
  std::vector<innate::subscription> x_subscriptions;
  std::vector<server> x_servers;
  std::vector<int> x_published;
  int x_sent = 0;
};

}  // namespace test
