// SPDX-License-Identifier: Apache-2.0
/// The components that the demo runs, each on a connection of its own, and how it tells one what to do.
#pragma once

#include <innate/innate.hpp>

#include <asio/awaitable.hpp>

#include <array>
#include <string>
#include <string_view>

namespace demo {

inline constexpr std::array<std::string_view, 8> roles{"observability", "agent-a", "agent-b",  "rag",
                                                       "cache",         "api",     "database", "gateway"};

/// Connects, says that it is ready on `demo.ready.<role>`, does the steps it is asked for on `demo.step.<role>` beside
/// its work as a component, and completes after the step `stop`, or when its link is lost: the script, which has one to
/// the same server, tells that. Throws for an unknown role.
asio::awaitable<void> play(std::string role);

/// What the environment says, named.
innate::options options_for(std::string_view name);

}  // namespace demo
