// SPDX-License-Identifier: Apache-2.0
/// Every event of the SDK, by component.
#pragma once

#include <innate/sdk/events/agent.hpp>
#include <innate/sdk/events/api.hpp>
#include <innate/sdk/events/cache.hpp>
#include <innate/sdk/events/database.hpp>
#include <innate/sdk/events/gateway.hpp>
#include <innate/sdk/events/observability.hpp>
#include <innate/sdk/events/rag.hpp>

#include <tuple>

namespace innate::inline v0::sdk {

/// The seven components, in the document's order.
using components = std::tuple<agent::definition, rag::definition, cache::definition, api::definition,
                              database::definition, gateway::definition, observability::definition>;

}  // namespace innate::inline v0::sdk
