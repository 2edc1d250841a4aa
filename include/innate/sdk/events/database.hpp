// SPDX-License-Identifier: Apache-2.0
/// Events of the PostgreSQL database component.
#pragma once

#include <innate/sdk/events/common.hpp>

#include <array>
#include <cstdint>
#include <string_view>

namespace innate::inline v0::sdk::database {

enum class link { connected, disconnected };
constexpr auto names_of(link) { return std::array<std::string_view, 2>{"connected", "disconnected"}; }

struct link_change {
  link status{};
  std::uint64_t pool_size = 0;
  innate::timestamp timestamp{};
  using payload_fields = fields<field<"status", &link_change::status>, field<"pool_size", &link_change::pool_size>,
                                field<"timestamp", &link_change::timestamp, when_read::may_be_absent>>;
};
struct slow_query {
  std::string_view query{};
  double duration = 0;   ///< seconds
  double threshold = 0;  ///< seconds
  innate::timestamp timestamp{};
  using payload_fields = fields<field<"query", &slow_query::query>, field<"duration", &slow_query::duration>,
                                field<"threshold", &slow_query::threshold>,
                                field<"timestamp", &slow_query::timestamp, when_read::may_be_absent>>;
};
struct commit {
  std::string_view table{};
  std::string_view operation{};
  std::uint64_t record_count = 0;
  innate::timestamp timestamp{};
  using payload_fields = fields<field<"table", &commit::table>, field<"operation", &commit::operation>,
                                field<"record_count", &commit::record_count>,
                                field<"timestamp", &commit::timestamp, when_read::may_be_absent>>;
};
struct health {
  link status{};
  double latency = 0;  ///< seconds
  std::uint64_t pool_size = 0;
  innate::timestamp timestamp{};
  using payload_fields =
      fields<field<"status", &health::status>, field<"latency", &health::latency>,
             field<"pool_size", &health::pool_size>, field<"timestamp", &health::timestamp, when_read::may_be_absent>>;
};

struct connection_status : event<"database.connection.status", link_change> {
  static constexpr std::string_view description = "Database connection status changes";
  static constexpr std::string_view when = "Connection pool status changes";
};
struct query_slow : event<"database.query.slow", slow_query> {
  static constexpr std::string_view description = "Slow query alerts";
  static constexpr std::string_view when = "Query exceeds threshold";
};
struct transaction_committed : event<"database.transaction.committed", commit> {
  static constexpr std::string_view description = "Transaction commit events (optional, for audit)";
  static constexpr std::string_view when = "Important transactions complete";
};
struct health_check : request_event<"database.health.check", nothing, health> {
  static constexpr bool command = true;
  static constexpr std::string_view description = "Health check requests";
  static constexpr std::string_view when = "Somebody asks whether the database is well";
};

struct definition {
  static constexpr std::string_view name = "database";
  static constexpr std::string_view title = "PostgreSQL Database";
  using publishes = event_list<connection_status, query_slow, transaction_committed>;
  using handled =
      handler_list<handles<health_check, "Receives health check requests", "Perform health check and respond">>;
};
static_assert(well_formed<definition>);

}  // namespace innate::inline v0::sdk::database
