// SPDX-License-Identifier: Apache-2.0
/// What a connection tells of itself: its state, its events, its counters.
#pragma once

#include <innate/core/connection_event.hpp>
#include <innate/core/statistics.hpp>
#include <innate/core/status.hpp>
