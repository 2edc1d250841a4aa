// SPDX-License-Identifier: Apache-2.0
/// Runs a client script in a scripted world while the link misbehaves at one chosen step, and says which promise broke.
#pragma once

#include "faulty_link.hpp"

#include <algorithm>
#include <cstdlib>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <memory_resource>
#include <optional>
#include <string>
#include <utility>

namespace test {

/// Memory that knows what has not come back.
class counted_memory final : public std::pmr::memory_resource {
 public:
  std::size_t outstanding = 0;
  std::size_t most = 0;

 private:
  void* do_allocate(std::size_t size, std::size_t alignment) override {
    outstanding += size;
    most = std::max(most, outstanding);
    return std::pmr::new_delete_resource()->allocate(size, alignment);
  }
  void do_deallocate(void* memory, std::size_t size, std::size_t alignment) override {
    outstanding -= size;
    std::pmr::new_delete_resource()->deallocate(memory, size, alignment);
  }
  [[nodiscard]] bool do_is_equal(const memory_resource& other) const noexcept override { return this == &other; }
};

class fault_run;
/// What a client does; every operation that it awaits goes through `fault_run::within`.
using client_script = std::function<asio::awaitable<void>(fault_run&)>;

/// One run of a script with one fault. `violations` is what was promised and not kept.
class fault_run {
 public:
  fault_run(innate::options with, fault_plan how) : opts(std::move(with)), plan(how) {
    opts.memory = &memory;
    opts.reconnect.retry_first_connect = true;
  }

  void go(const client_script& script) {
    {
      nc.emplace(io.get_executor(), opts, env);
      bool ended = false;
      nc->run([&](std::error_code) { ended = true; });
      bool finished = false;
      asio::co_spawn(io, script(*this), [&](const std::exception_ptr& thrown) {
        finished = true;
        if (thrown) violation("the script threw: " + what(thrown));
      });
      drive([&] { return finished && x_under_way == 0; }, "the script");
      if (nc->status() != innate::status::closed) probe();
      check_replayed();
      nc->close();
      drive([&] { return ended && x_collecting == 0; }, "closing");
      x_subs.clear();
      // The slab that the last link read into is the connection's own.
      if (nc->statistics().pinned_bytes > innate::core::slab_size) violation("messages pin memory at the end");
      nc.reset();
      settle();
    }
    judge();
  }

  [[nodiscard]] innate::time_point now() const { return env->now(); }

  /// Awaits an operation that promises to end in `limit`, with a value or an error; gives the error.
  template <class T>
  asio::awaitable<std::error_code> within(innate::duration limit, std::string name, asio::awaitable<T> operation) {
    const auto begin = now();
    std::error_code ended;
    try {
      static_cast<void>(co_await std::move(operation));
    } catch (const std::system_error& e) {
      ended = e.code();
    }
    if (now() - begin > limit) violation(name + " took longer than it may");
    co_return ended;
  }
  asio::awaitable<std::error_code> within(innate::duration limit, std::string name, asio::awaitable<void> operation) {
    co_return co_await within(limit, std::move(name), with_value(std::move(operation)));
  }

  /// The same beside the script, which is not over before it is.
  template <class T>
  void beside(innate::duration limit, std::string name, asio::awaitable<T> operation) {
    ++x_under_way;
    asio::co_spawn(io, within(limit, std::move(name), std::move(operation)),
                   [this](const std::exception_ptr& thrown, std::error_code) {
                     --x_under_way;
                     if (thrown) violation("an operation threw: " + what(thrown));
                   });
  }

  /// Publishes the next number on `subject`; with headers where it is padded.
  asio::awaitable<std::error_code> publish(std::string subject, std::size_t padding = 0) {
    std::string payload = std::to_string(++x_numbers[subject]);
    payload.append(padding, ' ');
    return within(std::chrono::minutes{1}, "publish", publish_numbered(std::move(subject), std::move(payload)));
  }

  /// Subscribes to numbered messages and takes all until the end: no number twice, none before its elder. Null once the
  /// connection is closed.
  innate::subscription* collect(std::string_view filter, innate::subscribe_options how = {}) {
    auto made = nc->try_subscribe(filter, how);
    if (!made) return nullptr;
    x_subs.push_back(std::move(*made));
    ++x_collecting;
    asio::co_spawn(io, take_all(x_subs.back()), [this](const std::exception_ptr&) { --x_collecting; });
    return &x_subs.back();
  }

  /// Whether every byte comes as it was sent: else messages may change, and nobody can know.
  [[nodiscard]] bool intact() const noexcept { return plan.what != fault::corrupt; }

  void violation(const std::string& text) { violations += plan.describe() + ": " + text + "\n"; }

  counted_memory memory;
  innate::options opts;
  asio::io_context io;
  scripted_server server;
  fault_plan plan;
  std::shared_ptr<faulty_environment> env = std::make_shared<faulty_environment>(io, server, plan);
  std::optional<innate::connection> nc;
  std::string violations;

 private:
  static std::string what(const std::exception_ptr& thrown) {
    try {
      std::rethrow_exception(thrown);
    } catch (const std::exception& e) {
      return e.what();
    }
  }
  static asio::awaitable<bool> with_value(asio::awaitable<void> operation) {
    co_await std::move(operation);
    co_return true;
  }

  asio::awaitable<void> publish_numbered(std::string subject, std::string payload) {
    innate::headers extra;
    if (payload.back() == ' ') extra.add("K", "v");
    co_await nc->publish(std::string_view{subject}, payload, {.reply = {}, .headers = extra});
  }

  asio::awaitable<void> take_all(innate::subscription& sub) {
    std::map<std::string, long, std::less<>> last;  // by subject
    while (true) {
      std::optional<innate::message> m;
      try {
        m = co_await sub.next();
      } catch (const std::system_error&) {
        co_return;
      }
      if (!m) co_return;
      const long number = std::atol(std::string{m->data()}.c_str());
      auto& before = last[std::string{m->subject()}];
      if (intact() && number <= before)
        violation("message " + std::to_string(number) + " after " + std::to_string(before));
      before = number;
    }
  }

  void settle() {
    io.restart();
    io.poll();
  }

  /// Lets virtual time pass, from timer to timer, until `done`.
  template <class Done>
  void drive(Done done, const std::string& whose) {
    const auto patience = now() + std::chrono::minutes{3};
    for (settle(); !done(); settle()) {
      const auto next = env->next_deadline();
      if (next >= patience) return violation(whose + " hangs");
      env->advance(std::max<innate::duration>(next - now(), std::chrono::milliseconds{1}));
    }
  }

  /// Everything works again: a subscription made now gets a message sent now.
  void probe() {
    bool heard = false;
    bool over = false;
    const auto body = [&]() -> asio::awaitable<void> {
      auto sub = nc->subscribe("probe");
      for (int i = 0; i != 3 && !heard; ++i) {  // a link that is dead without a word is only noticed by the second
        static_cast<void>(nc->try_publish("probe", "p"));
        try {
          heard = (co_await sub.next(std::chrono::seconds{10})).has_value();
        } catch (const std::system_error&) {
        }
      }
    };
    asio::co_spawn(io, body(), [&](const std::exception_ptr&) { over = true; });
    drive([&] { return over; }, "the probe");
    if (!heard && intact()) violation("it does not work again");
  }

  /// The newest link has every subscription that lives.
  void check_replayed() {
    if (!intact() || nc->status() != innate::status::connected) return;
    for (const auto& sub : x_subs)
      if (sub.sid() && !server.sessions.back()->subs.contains(sub.sid()))
        violation("the server has no subscription to " + std::string{sub.subject()});
  }

  void judge() {
    if (env->streams) violation("a stream is left");
    for (const auto& l : env->links)
      if (!l->closed) violation("a link is left open");
    if (memory.most > std::size_t{1} << 20) violation("memory grew to " + std::to_string(memory.most));
    if (memory.outstanding) violation("memory is left: " + std::to_string(memory.outstanding));
    if (!intact()) return;
    std::map<std::string, long> last;
    for (const auto& p : server.publishes) {
      const long number = std::atol(p.payload.c_str());
      if (number && std::exchange(last[p.subject], number) >= number)
        violation("published again or late: " + p.payload + " on " + p.subject);
    }
    for (const auto& s : server.sessions) {
      if (!s->refused.empty()) violation("the server was told '" + s->refused + "'");
      auto sids = s->sids;
      std::sort(sids.begin(), sids.end());
      if (std::adjacent_find(sids.begin(), sids.end()) != sids.end()) violation("subscribed twice on one link");
    }
  }

  std::map<std::string, int> x_numbers;
  std::list<innate::subscription> x_subs;
  int x_under_way = 0;
  int x_collecting = 0;
};

}  // namespace test
