// SPDX-License-Identifier: Apache-2.0
/// Events of the API backend services.
#pragma once

#include <innate/sdk/events/agent.hpp>
#include <innate/sdk/events/api_tasks.hpp>
#include <innate/sdk/events/common.hpp>
#include <innate/sdk/events/rag.hpp>

#include <string_view>

namespace innate::inline v0::sdk::api {

struct request_payload {
  std::string_view endpoint{};
  std::string_view method{};
  std::string_view request_id{};
  innate::timestamp timestamp{};
  using payload_fields =
      fields<field<"endpoint", &request_payload::endpoint>, field<"method", &request_payload::method>,
             field<"request_id", &request_payload::request_id>,
             field<"timestamp", &request_payload::timestamp, when_read::may_be_absent>>;
};
struct response_payload {
  std::string_view endpoint{};
  int status_code = 0;
  double response_time = 0;  ///< seconds
  innate::timestamp timestamp{};
  using payload_fields =
      fields<field<"endpoint", &response_payload::endpoint>, field<"status_code", &response_payload::status_code>,
             field<"response_time", &response_payload::response_time>,
             field<"timestamp", &response_payload::timestamp, when_read::may_be_absent>>;
};

struct requests_received : event<"api.requests.received", request_payload> {
  static constexpr std::string_view description = "Request received events (for monitoring)";
  static constexpr std::string_view when = "API receives incoming request";
};
struct responses_sent : event<"api.responses.sent", response_payload> {
  static constexpr std::string_view description = "Response sent events (for monitoring)";
  static constexpr std::string_view when = "API sends response";
};
/// Work that one of the API's instances does.
struct tasks_process : event<"api.tasks.process", task_assignment> {
  static constexpr bool command = true;
  static constexpr origin source = origin::flow;
  static constexpr std::string_view description = "Work for one of the API's workers";
  static constexpr std::string_view when = "Work can be done by any instance";
};

struct definition {
  static constexpr std::string_view name = "api";
  static constexpr std::string_view title = "API Backend Services";
  using publishes = event_list<task_result, requests_received, responses_sent, task_submission, tasks_process>;
  using handled = handler_list<
      handles<task_result, "Receives async task results", "Return result to client (if waiting)">,
      handles<agent::task_completed, "Receives agent task completion events", "Update API response for agent tasks">,
      handles<rag::query_completed, "Receives RAG query completion events", "Return RAG query results to client">,
      handles<agent::task_failed, "Receives agent task failure events", "Return the error to the client", origin::flow>,
      handles<tasks_process, "Receives work for one instance", "One instance of the group processes it", origin::flow,
              "api-workers">>;
};
static_assert(well_formed<definition>);

}  // namespace innate::inline v0::sdk::api
