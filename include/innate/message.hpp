// SPDX-License-Identifier: Apache-2.0
/// Received messages, headers, and payloads to publish.
#pragma once

#include <innate/core/message.hpp>
#include <innate/core/payload.hpp>
#include <innate/protocol/headers.hpp>
