// SPDX-License-Identifier: Apache-2.0
/// The API backend: submits tasks and gives their results to whoever waits, tells of requests, shares work in a group.
#pragma once

#include <innate/connection.hpp>
#include <innate/protocol/nuid.hpp>
#include <innate/sdk/agent_framework.hpp>
#include <innate/sdk/awaited.hpp>
#include <innate/sdk/best_effort.hpp>
#include <innate/sdk/events/api.hpp>
#include <innate/sdk/shown_text.hpp>
#include <innate/typed.hpp>

#include <asio/awaitable.hpp>
#include <asio/experimental/awaitable_operators.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace innate::inline v0::sdk {

/// How a task ended.
struct task_outcome {
  task_outcome() {}
  std::string task_id{};
  std::string status{};    ///< `completed` or `failed`
  std::string result{};    ///< JSON
  std::string error{};     ///< empty when completed
  std::string agent_id{};  ///< who did it, when an agent told so
};

/// What a RAG query has found.
struct query_outcome {
  std::uint64_t document_count = 0;
  double response_time = 0;  ///< seconds
};

/// What an API answers to one of its own clients.
struct api_response {
  api_response() {}
  explicit api_response(int status, std::string content = {}) : status_code(status), body(std::move(content)) {}
  int status_code = 200;
  std::string body{};
};

struct api_options {
  api_options() {}
  std::string group = "api-workers";                                   ///< shares `api.tasks.process`
  std::function<asio::awaitable<std::string>(const work&)> process{};  ///< does such work; gives its result as JSON
};

/// Subscribes when constructed, handles while `run()` runs. The connection must outlive it; both belong to one
/// executor.
class api_backend {
 public:
  using definition = api::definition;

  explicit api_backend(connection& nc, api_options opts = {})
      : x_self(nc),
        x_options(std::move(opts)),
        x_tasks(nc.get_executor()),
        x_queries(nc.get_executor()),
        x_results(nc.subscribe<api::task>()),
        x_completed(x_self.subscribe<agent::task_completed>()),
        x_failed(x_self.subscribe<agent::task_failed>()),
        x_answered(x_self.subscribe<rag::query_completed>()) {
    if (x_options.process) x_work = x_self.subscribe<api::tasks_process>({.queue = x_options.group});
  }

  /// Handles results and work until the connection ends or is drained.
  [[nodiscard]] asio::awaitable<void> run();

  /// Submits a task on `api.tasks.{task_id}` and completes with its outcome, whoever reports it. Throws `timeout` when
  /// there is none in time, and what `publish` fails with.
  asio::awaitable<task_outcome> submit(std::string type, std::string params, duration patience);

  /// Completes with what a RAG query found; an answer that comes between the call and its being awaited counts. Throws
  /// `timeout`.
  [[nodiscard]] asio::awaitable<query_outcome> query_completed(std::string query_id, duration patience) {
    return value_of(std::make_unique<awaited<query_outcome>::ticket>(x_queries, std::move(query_id)), patience);
  }

  /// Answers a client's request by `handler`, between the events `api.requests.received` and `api.responses.sent`. What
  /// the handler throws becomes status 500.
  template <class Handler>
  asio::awaitable<api_response> respond(std::string endpoint, std::string method, Handler handler);

  /// Hands work to one of the instances that share the group.
  [[nodiscard]] asio::awaitable<void> process_elsewhere(const work& task) {
    const task_assignment given{task.id, task.type, {task.params}};
    return x_self.publish<api::tasks_process>(given);
  }

  [[nodiscard]] std::size_t processed() const noexcept { return x_processed; }
  /// Events that could not be published, because they were refused, the connection was closed or its buffer full.
  [[nodiscard]] std::size_t unpublished() const noexcept { return x_tell.failures(); }

 private:
  asio::awaitable<void> take_results();
  asio::awaitable<void> take_work();
  static asio::awaitable<query_outcome> value_of(std::unique_ptr<awaited<query_outcome>::ticket> asked,
                                                 duration patience) {
    co_return co_await asked->value(patience);
  }
  asio::awaitable<void> report(std::string_view agent_id, std::string_view task_id, std::string_view result,
                               std::string_view error);
  asio::awaitable<void> publish_result(std::string_view task_id, std::string_view result, std::string_view error);

  endpoint<definition> x_self;
  api_options x_options;
  protocol::nuid x_ids;
  awaited<task_outcome> x_tasks;
  awaited<query_outcome> x_queries;
  event_subscription<api::task> x_results;
  event_subscription<agent::task_completed> x_completed;
  event_subscription<agent::task_failed> x_failed;
  event_subscription<rag::query_completed> x_answered;
  event_subscription<api::tasks_process> x_work;
  best_effort x_tell;
  std::size_t x_processed = 0;
};

inline asio::awaitable<void> api_backend::run() {
  using namespace asio::experimental::awaitable_operators;
  co_await (take_results() && take_work() &&
            x_completed.for_each([this](received<agent::task_completed> ev) -> asio::awaitable<void> {
              co_await report(ev.param<"agent_id">(), ev->task_id, ev->result.text, {});
            }) &&
            x_failed.for_each([this](received<agent::task_failed> ev) -> asio::awaitable<void> {
              co_await report(ev.param<"agent_id">(), ev->task_id, "null",
                              ev->error.empty() ? "the task failed" : ev->error);
            }) &&
            x_answered.for_each([this](const received<rag::query_completed>& ev) {
              x_queries.deliver(ev->query_id, {ev->document_count, ev->response_time});
            }));
}

/// An agent reported to all; the instance that the task came from gives its caller the outcome, and publishes it on the
/// task's own subject.
inline asio::awaitable<void> api_backend::report(std::string_view agent_id, std::string_view task_id,
                                                 std::string_view result, std::string_view error) {
  if (!x_tasks.expects(task_id)) co_return;
  task_outcome ended;
  ended.task_id = task_id;
  ended.agent_id = agent_id;
  ended.status = error.empty() ? "completed" : "failed";
  ended.result = result;
  ended.error = error;
  x_tasks.deliver(task_id, ended);
  co_await publish_result(task_id, result, error);
}

/// A result that cannot be published fails the task: whoever waits must hear of it.
inline asio::awaitable<void> api_backend::publish_result(std::string_view task_id, std::string_view result,
                                                         std::string_view error) {
  api::result_payload told{task_id, "completed", {result}, std::nullopt, timestamp::now()};
  std::string why{error};
  if (why.empty()) {
    const auto refused = co_await x_tell(x_self.publish<api::task_result>(parameter_name<"task_id">{} = task_id, told));
    if (!refused) co_return;
    why = refused == errc::payload_not_encodable ? "the result is not JSON" : refused.message();
  }
  told.status = "failed";
  told.result = {};
  told.error = why;
  static_cast<void>(co_await x_tell(x_self.publish<api::task_result>(parameter_name<"task_id">{} = task_id, told)));
}

inline asio::awaitable<void> api_backend::take_results() {
  return x_results.for_each([this](const received<api::task>& ev) {
    const auto* told = std::get_if<api::result_payload>(&*ev);
    if (!told || !x_tasks.expects(told->task_id)) return;
    task_outcome ended;
    ended.task_id = told->task_id;
    ended.status = told->status;
    ended.result = told->result.text;
    ended.error = told->error.value_or("");
    x_tasks.deliver(told->task_id, ended);
  });
}

inline asio::awaitable<void> api_backend::take_work() {
  if (!x_work) co_return;
  co_await x_work.for_each([this](received<api::tasks_process> ev) -> asio::awaitable<void> {
    const work task{*ev};
    std::string failed;
    std::string result;
    try {
      result = co_await x_options.process(task);
    } catch (const std::exception& e) {
      failed = *e.what() ? shown_text(e.what(), 1024) : "the work failed";
    }
    ++x_processed;
    co_await publish_result(task.id, result, failed);
  });
}

inline asio::awaitable<task_outcome> api_backend::submit(std::string type, std::string params, duration patience) {
  const std::string id = x_ids.next_text();
  typename awaited<task_outcome>::ticket outcome{x_tasks, id};
  const task_assignment given{id, type, {params}};
  co_await x_self.publish<api::task_submission>(parameter_name<"task_id">{} = id, given);
  co_return co_await outcome.value(patience);
}

template <class Handler>
asio::awaitable<api_response> api_backend::respond(std::string endpoint, std::string method, Handler handler) {
  const auto begin = std::chrono::steady_clock::now();
  const std::string id = x_ids.next_text();
  const api::request_payload got{endpoint, method, id, timestamp::now()};
  static_cast<void>(co_await x_tell(x_self.publish<api::requests_received>(got)));
  api_response answer;
  try {
    answer = co_await handler();
  } catch (const std::exception& e) {
    answer = api_response{500, e.what()};
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  const api::response_payload sent{endpoint, answer.status_code, took.count(), timestamp::now()};
  static_cast<void>(co_await x_tell(x_self.publish<api::responses_sent>(sent)));
  co_return answer;
}

}  // namespace innate::inline v0::sdk
