// SPDX-License-Identifier: Apache-2.0
/// The five flows, driven from outside and checked event by event.
#pragma once

#include <innate/innate.hpp>

#include <asio/awaitable.hpp>

#include <functional>

namespace demo {

/// Listens to everything, has the roles started, then runs flow after flow. Throws what did not happen as expected.
asio::awaitable<void> run_flows(std::function<void()> start_roles);

}  // namespace demo
