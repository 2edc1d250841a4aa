// SPDX-License-Identifier: Apache-2.0
/// A program of the chaos run: it publishes numbers, receives those of the others, asks and answers, without a pause.
#pragma once

#include "chaos/promises.hpp"

#include <innate/innate.hpp>

#include <asio/as_tuple.hpp>
#include <asio/co_spawn.hpp>
#include <asio/io_context.hpp>
#include <asio/steady_timer.hpp>
#include <asio/use_awaitable.hpp>

#include <charconv>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace chaos {

using namespace std::chrono_literals;

/// What all programs share.
struct notes {
  explicit notes(asio::io_context& context) : io(context) {}

  [[nodiscard]] numbered_stream& stream(std::string_view subject) {
    auto& s = streams[std::string{subject.substr(subject.rfind('.') + 1)}];
    s.name = subject.substr(subject.rfind('.') + 1);
    return s;
  }

  asio::io_context& io;
  verdict promises;
  promises_of_time times{promises};
  std::map<std::string, numbered_stream> streams;
  received_numbers group{promises, "the queue group", false};
  std::map<std::string, std::size_t> answers;  // how requests ended
  std::size_t slow = 0;                        // reports of dropped messages
  bool stopping = false;
};

class client {
 public:
  client(notes& n, std::string name, innate::options opts, std::shared_ptr<innate::environment> names)
      : x_notes(n),
        x_name(std::move(name)),
        x_opts(listening(std::move(opts))),
        nc(n.io.get_executor(), x_opts, std::move(names)) {
    start([](client& c) -> asio::awaitable<void> { co_await c.nc.run(); });
    all = nc.subscribe("chaos.n.*");
    member = nc.subscribe("chaos.q.*", {.queue = "members"});
    service = nc.subscribe("chaos.svc", {.queue = "servers"});
    start([](client& c) { return c.take(c.all, c.seen); });
    start([](client& c) { return c.take(c.member, c.x_notes.group); });
    start([](client& c) { return c.serve(); });
  }
  client(const client&) = delete;
  client& operator=(const client&) = delete;

  /// Publishes and asks until told to stop.
  void work() {
    start([](client& c) { return c.publish_until_told(); });
    start([](client& c) { return c.ask_until_told(); });
  }

  /// So many numbers, whatever happened before; each is accepted.
  void publish(int count) {
    auto& mine = x_notes.stream(x_name);
    for (int i = 0; i != count; ++i) {
      const auto text = std::to_string(mine.sent + 1);
      if (nc.try_publish("chaos.n." + x_name, text)) return;
      ++mine.sent;
      static_cast<void>(nc.try_publish("chaos.q." + x_name, text));
    }
  }

  asio::awaitable<bool> flush() {
    auto& mine = x_notes.stream(x_name);
    const auto accepted = mine.sent;
    const auto ended = co_await within("flush", 1s, nc.flush(1s));
    if (!ended) mine.flushed = std::max(mine.flushed, accepted);
    co_return !ended;
  }

  template <class T>
  asio::awaitable<std::error_code> within(std::string what, innate::duration limit, asio::awaitable<T> operation) {
    const promises_of_time::operation noted{x_notes.times, x_name + "'s " + what, limit};
    try {
      co_await std::move(operation);
    } catch (const std::system_error& e) {
      co_return e.code();
    }
    co_return std::error_code{};
  }

  [[nodiscard]] bool connected() const { return nc.status() == innate::status::connected; }
  [[nodiscard]] bool ended() const noexcept { return x_running == 0; }
  [[nodiscard]] const std::string& name() const noexcept { return x_name; }
  void close() {
    nc.close();
    all = {};
    member = {};
    service = {};
  }

 private:
  notes& x_notes;
  std::string x_name;
  innate::options x_opts;
  int x_running = 0;

 public:
  received_numbers seen{x_notes.promises, x_name, true};
  std::map<innate::event_kind, int> events;
  innate::connection nc;
  innate::subscription all, member, service;

 private:
  innate::options listening(innate::options opts) {
    opts.name = x_name;
    opts.lame_duck.pause = 100ms;  // routes differ much in delay here
    opts.on_event = [this](const innate::connection_event& e) {
      ++events[e.kind];
      // A move to another server is another link as well.
      if (e.kind == innate::event_kind::disconnected || e.kind == innate::event_kind::migrating ||
          e.kind == innate::event_kind::migration_failed)
        x_notes.stream(x_name).link_lost();
      if (e.kind == innate::event_kind::slow_consumer) ++x_notes.slow;
      if (e.kind == innate::event_kind::closed && e.code)
        x_notes.promises.broken(x_name + " gave up: " + e.code.message() + " " + e.detail);
    };
    return opts;
  }

  template <class Work>
  void start(Work what) {
    ++x_running;
    asio::co_spawn(x_notes.io, what(*this), [this](const std::exception_ptr& thrown) {
      --x_running;
      try {
        if (thrown) std::rethrow_exception(thrown);
      } catch (const std::exception& e) {
        x_notes.promises.broken(x_name + " threw " + e.what());
      }
    });
  }

  asio::awaitable<void> take(innate::subscription& from, received_numbers& into) {
    co_await from.for_each([&](const innate::message& m) {
      long number = 0;
      std::from_chars(m.data().data(), m.data().data() + m.data().size(), number);
      into.note(x_notes.stream(m.subject()), number);
    });
  }

  asio::awaitable<void> serve() {
    co_await service.for_each([&](const innate::message& m) { static_cast<void>(nc.try_respond(m, m.data())); });
  }

  asio::awaitable<void> pause() {
    asio::steady_timer pace{x_notes.io, 4ms};
    static_cast<void>(co_await pace.async_wait(asio::as_tuple(asio::use_awaitable)));
  }

  asio::awaitable<void> publish_until_told() {
    while (!x_notes.stopping) {
      publish(4);
      static_cast<void>(co_await flush());
      co_await pause();
    }
  }

  asio::awaitable<void> ask_until_told() {
    for (long n = 1; !x_notes.stopping; ++n) {
      const auto text = std::to_string(n);
      const auto ended = co_await within("request", 500ms, ask(text));
      ++x_notes.answers[ended ? ended.message() : "answered"];
      co_await pause();
    }
  }
  asio::awaitable<void> ask(std::string text) {
    const auto answer = co_await nc.request("chaos.svc", text, {.timeout = 500ms});
    if (answer.data() != text)
      x_notes.promises.broken(x_name + " asked " + text + " and was answered " + std::string{answer.data()});
  }
};

}  // namespace chaos
