// SPDX-License-Identifier: Apache-2.0
/// What a user decides about a connection, and where it may come from: code, a URL list, environment variables.
#pragma once

#include <innate/core/duration.hpp>
#include <innate/core/env_options.hpp>
#include <innate/core/options.hpp>
#include <innate/core/validate_options.hpp>
