// SPDX-License-Identifier: Apache-2.0
/// Events of the LiteLLM gateway.
#pragma once

#include <innate/sdk/events/common.hpp>

#include <cstdint>
#include <string_view>

namespace innate::inline v0::sdk::gateway {

struct call {
  std::string_view provider{};
  std::string_view model{};
  std::uint64_t prompt_length = 0;
  std::string_view request_id{};
  innate::timestamp timestamp{};
  using payload_fields = fields<field<"provider", &call::provider>, field<"model", &call::model>,
                                field<"prompt_length", &call::prompt_length>, field<"request_id", &call::request_id>,
                                field<"timestamp", &call::timestamp, when_read::may_be_absent>>;
};
struct completion {
  std::string_view provider{};
  std::string_view model{};
  std::uint64_t tokens_used = 0;
  double latency = 0;  ///< seconds
  double cost = 0;
  innate::timestamp timestamp{};
  using payload_fields =
      fields<field<"provider", &completion::provider>, field<"model", &completion::model>,
             field<"tokens_used", &completion::tokens_used>, field<"latency", &completion::latency>,
             field<"cost", &completion::cost>, field<"timestamp", &completion::timestamp, when_read::may_be_absent>>;
};
struct limit_warning {
  std::string_view provider{};
  std::string_view model{};
  std::uint64_t remaining_requests = 0;
  innate::timestamp timestamp{};
  using payload_fields = fields<field<"provider", &limit_warning::provider>, field<"model", &limit_warning::model>,
                                field<"remaining_requests", &limit_warning::remaining_requests>,
                                field<"timestamp", &limit_warning::timestamp, when_read::may_be_absent>>;
};
struct limit_exceeded {
  std::string_view provider{};
  std::string_view model{};
  double retry_after = 0;  ///< seconds
  innate::timestamp timestamp{};
  using payload_fields = fields<field<"provider", &limit_exceeded::provider>, field<"model", &limit_exceeded::model>,
                                field<"retry_after", &limit_exceeded::retry_after>,
                                field<"timestamp", &limit_exceeded::timestamp, when_read::may_be_absent>>;
};

struct llm_request : event<"gateway.llm.request", call> {
  static constexpr std::string_view description = "LLM request events (for monitoring)";
  static constexpr std::string_view when = "LLM API call is made";
};
struct llm_response : event<"gateway.llm.response", completion> {
  static constexpr std::string_view description = "LLM response events (for monitoring)";
  static constexpr std::string_view when = "LLM API call completes";
};
struct rate_limit_warning : event<"gateway.rate_limit.warning", limit_warning> {
  static constexpr std::string_view description = "Rate limit warnings";
  static constexpr std::string_view when = "Approaching rate limits";
};
struct rate_limit_exceeded : event<"gateway.rate_limit.exceeded", limit_exceeded> {
  static constexpr std::string_view description = "Rate limit exceeded events";
  static constexpr std::string_view when = "Rate limit is hit";
};
struct cache_invalidate : event<"gateway.cache.invalidate", invalidation> {
  static constexpr bool command = true;
  static constexpr std::string_view description = "Gateway cache invalidation requests";
  static constexpr std::string_view when = "Cached LLM responses are no longer true";
};

struct definition {
  static constexpr std::string_view name = "gateway";
  static constexpr std::string_view title = "LiteLLM Gateway";
  using publishes = event_list<llm_request, llm_response, rate_limit_warning, rate_limit_exceeded>;
  using handled = handler_list<
      handles<cache_invalidate, "Receives cache invalidation for LLM responses", "Clear cached LLM responses">>;
};
static_assert(well_formed<definition>);

}  // namespace innate::inline v0::sdk::gateway
