// SPDX-License-Identifier: Apache-2.0
/// The five flows, driven from outside and checked event by event.
#pragma once

#include <innate/innate.hpp>

#include <asio/awaitable.hpp>

#include <functional>
#include <string_view>

namespace demo {

/// Listens to everything, has each role started by its name, then runs flow after flow. Throws what did not happen as
/// expected.
asio::awaitable<void> run_flows(std::function<void(std::string_view)> start_role);

}  // namespace demo
