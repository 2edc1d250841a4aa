// SPDX-License-Identifier: Apache-2.0
/// Replaceable streams, clock, timer and randomness of a connection: custom dialers, and tests that own time.
#pragma once

#include <innate/net/environment.hpp>
#include <innate/net/stream.hpp>
#include <innate/net/tcp_stream.hpp>
