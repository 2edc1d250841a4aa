// SPDX-License-Identifier: Apache-2.0
/// Events of the cache mechanism.
#pragma once

#include <innate/sdk/events/agent.hpp>
#include <innate/sdk/events/common.hpp>
#include <innate/sdk/events/gateway.hpp>
#include <innate/sdk/events/rag.hpp>

#include <string_view>

namespace innate::inline v0::sdk::cache {

struct hit_payload {
  std::string_view key{};
  double ttl_remaining = 0;  ///< seconds
  std::string_view backend{};
  innate::timestamp timestamp{};
  using payload_fields = fields<field<"key", &hit_payload::key>, field<"ttl_remaining", &hit_payload::ttl_remaining>,
                                field<"backend", &hit_payload::backend, when_read::may_be_absent>,
                                field<"timestamp", &hit_payload::timestamp, when_read::may_be_absent>>;
};
struct miss_payload {
  std::string_view key{};
  std::string_view backend{};
  innate::timestamp timestamp{};
  using payload_fields =
      fields<field<"key", &miss_payload::key>, field<"backend", &miss_payload::backend, when_read::may_be_absent>,
             field<"timestamp", &miss_payload::timestamp, when_read::may_be_absent>>;
};
struct invalidated_payload {
  std::string_view key{};
  std::string_view pattern{};
  std::string_view reason{};
  innate::timestamp timestamp{};
  using payload_fields =
      fields<field<"key", &invalidated_payload::key>, field<"pattern", &invalidated_payload::pattern>,
             field<"reason", &invalidated_payload::reason>,
             field<"timestamp", &invalidated_payload::timestamp, when_read::may_be_absent>>;
};

struct hit : event<"cache.hit", hit_payload> {
  static constexpr std::string_view description = "Cache hit events (for monitoring)";
  static constexpr std::string_view when = "Cache lookup succeeds";
};
struct miss : event<"cache.miss", miss_payload> {
  static constexpr std::string_view description = "Cache miss events (for monitoring)";
  static constexpr std::string_view when = "Cache lookup fails";
};
struct invalidated : event<"cache.invalidated", invalidated_payload> {
  static constexpr std::string_view description = "Cache invalidation confirmations";
  static constexpr std::string_view when = "Cache entry is invalidated";
};
/// Asks for anything to be forgotten.
struct component_invalidate : event<"component.cache.invalidate", invalidation> {
  static constexpr bool command = true;
  static constexpr std::string_view description = "General cache invalidation requests";
  static constexpr std::string_view when = "Data that may be cached changes";
};

struct definition {
  static constexpr std::string_view name = "cache";
  static constexpr std::string_view title = "Cache Mechanism";
  using publishes = event_list<hit, miss, invalidated>;
  using handled = handler_list<
      handles<rag::cache_invalidate, "Receives RAG cache invalidation requests", "Invalidate matching cache entries">,
      handles<component_invalidate, "Receives general cache invalidation requests",
              "Invalidate cache based on pattern">,
      handles<agent::cache_invalidate, "Receives agent-related cache invalidation",
              "Clear agent-specific cache entries">,
      handles<gateway::cache_invalidate, "Receives gateway cache invalidation requests",
              "Clear LLM response cache entries">,
      handles<rag::documents_updated, "Receives document updates", "Invalidates matching cache entries", origin::flow>>;
};
static_assert(well_formed<definition>);

}  // namespace innate::inline v0::sdk::cache
