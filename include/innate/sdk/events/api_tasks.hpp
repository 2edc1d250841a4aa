// SPDX-License-Identifier: Apache-2.0
/// Tasks as they travel through the API: submitted, and with their result, both on `api.tasks.{task_id}`.
#pragma once

#include <innate/sdk/events/common.hpp>

#include <array>
#include <optional>
#include <string_view>
#include <variant>

namespace innate::inline v0::sdk::api {

struct result_payload {
  std::string_view task_id{};
  std::string_view status{};  ///< `completed` or `failed`, as the SDK writes it
  raw_json result{};
  std::optional<std::string_view> error{};
  innate::timestamp timestamp{};
  using payload_fields =
      fields<field<"task_id", &result_payload::task_id>, field<"status", &result_payload::status>,
             field<"result", &result_payload::result, when_read::may_be_absent>, field<"error", &result_payload::error>,
             field<"timestamp", &result_payload::timestamp, when_read::may_be_absent>>;
};

/// The literal subject `api.tasks.process` is not a task's, so no task may have that name.
struct reserved_task_ids {
  static constexpr std::array<std::string_view, 1> reserved{"process"};
};

struct task_result : event<"api.tasks.{task_id}", result_payload>, reserved_task_ids {
  static constexpr std::string_view name = "api.tasks.result";
  static constexpr std::string_view description = "Async task results";
  static constexpr std::string_view when = "Long-running task completes";
};
struct task_submission : event<"api.tasks.{task_id}", task_assignment>, reserved_task_ids {
  static constexpr origin source = origin::flow;
  static constexpr std::string_view name = "api.tasks.submission";
  static constexpr std::string_view description = "Task submissions";
  static constexpr std::string_view when = "The API accepts a long-running task";
};
/// Either of the two, to be told apart by the fields.
struct task : event<"api.tasks.{task_id}", std::variant<result_payload, task_assignment>>, reserved_task_ids {
  static constexpr std::string_view description = "Task submissions and results";
  static constexpr std::string_view when = "A task is submitted, or completes";
};

}  // namespace innate::inline v0::sdk::api
