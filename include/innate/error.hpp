// SPDX-License-Identifier: Apache-2.0
/// Error codes of the client and of servers, and results that carry a detail.
#pragma once

#include <innate/core/tls_errc.hpp>
#include <innate/protocol/errc.hpp>
#include <innate/protocol/error.hpp>
#include <innate/protocol/server_errc.hpp>
