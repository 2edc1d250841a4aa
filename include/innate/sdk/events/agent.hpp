// SPDX-License-Identifier: Apache-2.0
/// Events of the agent framework.
#pragma once

#include <innate/sdk/events/api_tasks.hpp>
#include <innate/sdk/events/common.hpp>

#include <array>
#include <string_view>

namespace innate::inline v0::sdk::agent {

enum class state { idle, running, error };
constexpr auto names_of(state) { return std::array<std::string_view, 3>{"idle", "running", "error"}; }

struct inbox_message {
  std::string_view from_agent{};
  std::string_view to_agent{};
  std::string_view content{};
  std::string_view message_type{};
  innate::timestamp timestamp{};
  using payload_fields =
      fields<field<"from_agent", &inbox_message::from_agent>, field<"to_agent", &inbox_message::to_agent>,
             field<"content", &inbox_message::content>, field<"message_type", &inbox_message::message_type>,
             field<"timestamp", &inbox_message::timestamp, when_read::may_be_absent>>;
};

struct broadcast_message {
  std::string_view from_agent{};
  std::string_view content{};
  std::string_view message_type{};
  using payload_fields =
      fields<field<"from_agent", &broadcast_message::from_agent>, field<"content", &broadcast_message::content>,
             field<"message_type", &broadcast_message::message_type>>;
};

struct status_change {
  std::string_view agent_id{};  ///< when absent: the subject's
  state status{};
  innate::timestamp timestamp{};
  using payload_fields = fields<field<"agent_id", &status_change::agent_id, when_read::may_be_absent>,
                                field<"status", &status_change::status>,
                                field<"timestamp", &status_change::timestamp, when_read::may_be_absent>>;
};

struct status_query {
  std::string_view request_id{};
  using payload_fields = fields<field<"request_id", &status_query::request_id, when_read::may_be_absent>>;
};

struct completion {
  std::string_view agent_id{};  ///< when absent: the subject's
  std::string_view task_id{};
  raw_json result{};
  innate::timestamp timestamp{};
  using payload_fields = fields<field<"agent_id", &completion::agent_id, when_read::may_be_absent>,
                                field<"task_id", &completion::task_id>, field<"result", &completion::result>,
                                field<"timestamp", &completion::timestamp, when_read::may_be_absent>>;
};

struct task_error {
  std::string_view agent_id{};  ///< when absent: the subject's
  std::string_view task_id{};
  std::string_view error{};
  innate::timestamp timestamp{};
  using payload_fields =
      fields<field<"agent_id", &task_error::agent_id, when_read::may_be_absent>, field<"task_id", &task_error::task_id>,
             field<"error", &task_error::error>, field<"timestamp", &task_error::timestamp, when_read::may_be_absent>>;
};

struct inbox : event<"agent.{agent_id}.inbox", inbox_message> {
  static constexpr std::string_view description = "Direct messages to specific agents";
  static constexpr std::string_view when = "Agent A sends message to Agent B";
};
struct broadcast : event<"agent.broadcast", broadcast_message> {
  static constexpr std::string_view description = "Broadcast messages to all agents";
  static constexpr std::string_view when = "`AgentManager.broadcast_message()` is called";
};
struct status : event<"agent.{agent_id}.status", status_change> {
  static constexpr std::string_view description = "Agent status updates";
  static constexpr std::string_view when = "Agent status changes (idle, running, error)";
};
/// On the subject of `status`: a message with a reply subject is this request.
struct status_request : request_event<"agent.{agent_id}.status", status_query, status_change> {
  static constexpr bool command = true;
  static constexpr std::string_view name = "agent.status.request";
  static constexpr std::string_view description = "Requests for an agent's status";
  static constexpr std::string_view when = "Somebody asks an agent for its status";
};
struct task_completed : event<"agent.{agent_id}.task.completed", completion> {
  static constexpr std::string_view description = "Task completion notifications";
  static constexpr std::string_view when = "Agent finishes executing a task";
};
struct task_failed : event<"agent.{agent_id}.task.failed", task_error> {
  static constexpr std::string_view description = "Task failure notifications";
  static constexpr std::string_view when = "Agent task execution fails";
};
struct tasks : event<"agent.{agent_id}.tasks", task_assignment> {
  static constexpr bool command = true;
  static constexpr std::string_view description = "Task assignments";
  static constexpr std::string_view when = "Somebody assigns a task to an agent";
};
/// Asks for cached data of agents to be forgotten.
struct cache_invalidate : event<"agent.cache.invalidate", invalidation> {
  static constexpr bool command = true;
  static constexpr std::string_view description = "Agent-related cache invalidation requests";
  static constexpr std::string_view when = "Data of agents changes";
};

struct definition {
  static constexpr std::string_view name = "agent";
  static constexpr std::string_view title = "Agent Framework";
  using publishes = event_list<inbox, broadcast, status, task_completed, task_failed>;
  using handled =
      handler_list<handles<inbox, "Receives direct messages", "Process message and update agent state">,
                   handles<broadcast, "Receives broadcast messages", "All agents receive and process">,
                   handles<tasks, "Receives task assignments", "Add task to agent's task queue">,
                   handles<status_request, "Receives status requests", "Respond with the current status", origin::flow>,
                   handles<api::task_submission, "Receives submitted tasks", "One agent of the group executes the task",
                           origin::flow, "agents">>;
};
static_assert(well_formed<definition>);

}  // namespace innate::inline v0::sdk::agent
