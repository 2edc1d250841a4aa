// SPDX-License-Identifier: Apache-2.0
/// What observability receives: every event of the catalogue below its seven roots, one of each subject.
#pragma once

#include <innate/sdk/events.hpp>
#include <innate/typed/router.hpp>

#include <array>
#include <cstddef>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <variant>

namespace innate::inline v0::sdk::observability {

/// Everything on the subject of an agent's status. A message with a reply subject asks for it.
struct any_status : event<"agent.{agent_id}.status", std::variant<agent::status_change, agent::status_query>> {
  static constexpr std::string_view description = "Agent status updates and requests";
  static constexpr std::string_view when = "An agent's status changes, or somebody asks for it";
};

using observed_events =
    event_list<agent::inbox, agent::broadcast, any_status, agent::task_completed, agent::task_failed, agent::tasks,
               agent::cache_invalidate, rag::documents_ingested, rag::documents_updated, rag::documents_deleted,
               rag::embeddings_generated, rag::cache_invalidate, rag::query_completed, rag::ingest_request, cache::hit,
               cache::miss, cache::invalidated, api::task, api::requests_received, api::responses_sent,
               api::tasks_process, gateway::llm_request, gateway::llm_response, gateway::rate_limit_warning,
               gateway::rate_limit_exceeded, gateway::cache_invalidate, database::connection_status,
               database::query_slow, database::transaction_committed, database::health_check,
               cache::component_invalidate>;

/// The first tokens that observability subscribes to, in the order of its definition.
inline constexpr auto roots = []<class... Rows>(std::type_identity<std::tuple<Rows...>>) {
  return std::array<std::string_view, sizeof...(Rows)>{Rows::filter.substr(0, Rows::filter.size() - 2)...};
}(std::type_identity<definition::handled::tuple>{});

inline constexpr auto observed_subjects = []<class... Events>(std::type_identity<std::tuple<Events...>>) {
  return std::array<std::string_view, sizeof...(Events)>{subject_of<Events>...};
}(std::type_identity<observed_events::tuple>{});

template <std::size_t size>
[[nodiscard]] constexpr std::size_t place_in(const std::array<std::string_view, size>& list,
                                             std::string_view text) noexcept {
  std::size_t place = 0;
  while (place != size && list[place] != text) ++place;
  return place;
}

/// The place in `roots` that a subject is counted under; `roots.size()` when none.
[[nodiscard]] constexpr std::size_t root_of(std::string_view subject) noexcept {
  return place_in(roots, subject.substr(0, subject.find('.')));
}

/// The place in `observed_subjects` of an event.
template <typed_event E>
inline constexpr std::size_t place_of = place_in(observed_subjects, subject_of<E>);

namespace observed {

template <class E>
consteval bool is_observed() {
  if constexpr (std::is_void_v<E>)
    return true;
  else
    return E::subject_type::tokens[0].text == definition::name || place_of<E> != observed_subjects.size();
}
template <class... Events, class... Rows>
consteval bool all_observed(std::type_identity<std::tuple<Events...>>, std::type_identity<std::tuple<Rows...>>) {
  return (is_observed<Events>() && ...) && (is_observed<typename Rows::event_type>() && ...);
}
template <class... Components>
consteval bool all_components_observed(std::type_identity<std::tuple<Components...>>) {
  return (all_observed(std::type_identity<typename Components::publishes::tuple>{},
                       std::type_identity<typename Components::handled::tuple>{}) &&
          ...);
}
static_assert(all_components_observed(std::type_identity<components>{}),
              "an event of a component is not in observed_events");

}  // namespace observed
}  // namespace innate::inline v0::sdk::observability
