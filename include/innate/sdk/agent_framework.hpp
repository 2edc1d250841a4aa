// SPDX-License-Identifier: Apache-2.0
/// An agent: its inbox, its queue of tasks, its status; what it executes is the user's coroutine.
#pragma once

#include <innate/connection.hpp>
#include <innate/sdk/best_effort.hpp>
#include <innate/sdk/event_handler.hpp>
#include <innate/sdk/events/agent.hpp>
#include <innate/sdk/shown_text.hpp>
#include <innate/typed.hpp>

#include <asio/as_tuple.hpp>
#include <asio/awaitable.hpp>
#include <asio/experimental/awaitable_operators.hpp>
#include <asio/steady_timer.hpp>
#include <asio/use_awaitable.hpp>

#include <cstddef>
#include <deque>
#include <exception>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

namespace innate::inline v0::sdk {

/// A task that an agent or a worker was given; owns its texts.
struct work {
  work() {}
  explicit work(const task_assignment& given) : id(given.task_id), type(given.type), params(given.params.text) {}
  std::string id{};
  std::string type{};
  std::string params{};  ///< JSON
};

struct agent_options {
  agent_options() {}
  explicit agent_options(std::string id) : agent_id(std::move(id)) {}

  std::string agent_id{};
  std::string group = "agents";   ///< the queue group that shares submitted tasks
  bool takes_submissions = true;  ///< false: only what is assigned to this agent
  /// Carries a task out and gives its result as JSON; what it throws fails the task. Without it tasks fail.
  std::function<asio::awaitable<std::string>(const work&)> execute{};
  event_handler<agent::inbox> on_message{};  ///< what a handler throws becomes an event of the connection
  event_handler<agent::broadcast> on_broadcast{};
};

/// Subscribes when constructed, handles while `run()` runs. The connection must outlive it; both belong to one
/// executor. Throws `invalid_parameter` for an id that cannot be a token.
class agent_framework {
 public:
  using definition = agent::definition;

  agent_framework(connection& nc, agent_options opts)
      : x_self(nc),
        x_options(std::move(opts)),
        x_wake(nc.get_executor()),
        x_inbox(x_self.subscribe<agent::inbox>(parameter_name<"agent_id">{} = x_options.agent_id)),
        x_broadcast(x_self.subscribe<agent::broadcast>()),
        x_assigned(x_self.subscribe<agent::tasks>(parameter_name<"agent_id">{} = x_options.agent_id)),
        x_asked(x_self.subscribe<agent::status_request>(parameter_name<"agent_id">{} = x_options.agent_id)) {
    if (x_options.takes_submissions) x_submitted = nc.subscribe<api::task>({.queue = x_options.group});
  }

  /// Handles messages, tasks one after the other, and status requests, until the connection ends or is drained.
  [[nodiscard]] asio::awaitable<void> run();

  /// Sends a message to another agent's inbox. Errors as `connection::publish`.
  [[nodiscard]] asio::awaitable<void> send(std::string_view to, std::string_view content, std::string_view type) {
    const agent::inbox_message m{x_options.agent_id, to, content, type, timestamp::now()};
    return x_self.publish<agent::inbox>(parameter_name<"agent_id">{} = to, m);
  }
  [[nodiscard]] asio::awaitable<void> broadcast(std::string_view content, std::string_view type) {
    return x_self.publish<agent::broadcast>(agent::broadcast_message{x_options.agent_id, content, type});
  }
  /// Puts a task into another agent's queue.
  [[nodiscard]] asio::awaitable<void> assign(std::string_view to, const work& task) {
    const task_assignment given{task.id, task.type, {task.params}};
    return x_self.publish<agent::tasks>(parameter_name<"agent_id">{} = to, given);
  }

  [[nodiscard]] agent::state status() const noexcept { return x_status; }
  [[nodiscard]] std::size_t queued() const noexcept { return x_queue.size(); }
  [[nodiscard]] std::size_t executed() const noexcept { return x_executed; }
  [[nodiscard]] const std::string& id() const noexcept { return x_options.agent_id; }
  /// Events that could not be published, because they were refused, the connection was closed or its buffer full.
  [[nodiscard]] std::size_t unpublished() const noexcept { return x_tell.failures(); }

 private:
  asio::awaitable<void> take_tasks();
  asio::awaitable<void> take_submissions();
  asio::awaitable<void> answer_status();
  asio::awaitable<void> execute_queue();
  asio::awaitable<void> execute(const work& task);
  asio::awaitable<void> change(agent::state to);
  void enqueue(const task_assignment& given) {
    x_queue.emplace_back(given);
    x_wake.cancel();
  }

  endpoint<definition> x_self;
  agent_options x_options;
  asio::steady_timer x_wake;
  event_subscription<agent::inbox> x_inbox;
  event_subscription<agent::broadcast> x_broadcast;
  event_subscription<agent::tasks> x_assigned;
  event_subscription<agent::status_request> x_asked;
  event_subscription<api::task> x_submitted;
  std::deque<work> x_queue;
  std::size_t x_sources = 0;  // of tasks, still open
  std::size_t x_executed = 0;
  best_effort x_tell;
  agent::state x_status = agent::state::idle;
};

inline asio::awaitable<void> agent_framework::run() {
  using namespace asio::experimental::awaitable_operators;
  co_await change(agent::state::idle);
  x_sources = 2;
  co_await (x_inbox.for_each([this](received<agent::inbox> m) {
    return x_options.on_message(std::move(m));
  }) && x_broadcast.for_each([this](received<agent::broadcast> m) { return x_options.on_broadcast(std::move(m)); }) &&
            take_tasks() && take_submissions() && answer_status() && execute_queue());
}

inline asio::awaitable<void> agent_framework::take_tasks() {
  co_await x_assigned.for_each([this](const received<agent::tasks>& ev) { enqueue(*ev); });
  --x_sources;
  x_wake.cancel();
}

/// Results travel on the same subjects as submissions, and so does the work for API workers; both are not for agents.
inline asio::awaitable<void> agent_framework::take_submissions() {
  if (x_submitted) {
    co_await x_submitted.for_each([this](const received<api::task>& ev) {
      const auto* given = std::get_if<task_assignment>(&*ev);
      if (given && ev.param<"task_id">() != api::task::reserved.front()) enqueue(*given);
    });
  }
  --x_sources;
  x_wake.cancel();
}

/// Status changes are published on the same subject; only a message with a reply subject asks.
inline asio::awaitable<void> agent_framework::answer_status() {
  return x_asked.for_each([this](received<agent::status_request> ev) -> asio::awaitable<void> {
    if (!ev.has_reply()) co_return;
    const agent::status_change now{x_options.agent_id, x_status, timestamp::now()};
    co_await x_self.nats().respond(ev, now);
  });
}

inline asio::awaitable<void> agent_framework::execute_queue() {
  while (true) {
    while (!x_queue.empty()) {
      const work next = std::move(x_queue.front());
      x_queue.pop_front();
      co_await execute(next);
    }
    if (x_sources == 0) co_return;
    x_wake.expires_at(asio::steady_timer::time_point::max());
    static_cast<void>(co_await x_wake.async_wait(asio::as_tuple(asio::use_awaitable)));
  }
}

inline asio::awaitable<void> agent_framework::execute(const work& task) {
  co_await change(agent::state::running);
  std::string result;
  std::string failed = x_options.execute ? "" : "this agent executes no tasks";
  try {
    if (x_options.execute) result = co_await x_options.execute(task);
  } catch (const std::exception& e) {
    failed = *e.what() ? shown_text(e.what(), 1024) : "the task failed";
  }
  ++x_executed;
  if (failed.empty()) {
    const agent::completion done{x_options.agent_id, task.id, {result}, timestamp::now()};
    const auto refused =
        co_await x_tell(x_self.publish<agent::task_completed>(parameter_name<"agent_id">{} = x_options.agent_id, done));
    if (refused) failed = refused == errc::payload_not_encodable ? "the result is not JSON" : refused.message();
  }
  if (!failed.empty()) {
    const agent::task_error why{x_options.agent_id, task.id, failed, timestamp::now()};
    static_cast<void>(
        co_await x_tell(x_self.publish<agent::task_failed>(parameter_name<"agent_id">{} = x_options.agent_id, why)));
  }
  co_await change(failed.empty() ? agent::state::idle : agent::state::error);
}

inline asio::awaitable<void> agent_framework::change(agent::state to) {
  x_status = to;
  const agent::status_change now{x_options.agent_id, to, timestamp::now()};
  static_cast<void>(
      co_await x_tell(x_self.publish<agent::status>(parameter_name<"agent_id">{} = x_options.agent_id, now)));
}

}  // namespace innate::inline v0::sdk
