// SPDX-License-Identifier: Apache-2.0
/// Optional: for programs of many translation units that define INNATE_SEPARATE_COMPILATION everywhere and include this
/// file in exactly one of them, so that the connection is compiled once instead of in each.
#pragma once

#if !defined(INNATE_SEPARATE_COMPILATION)
#error "innate/src.hpp is for programs that define INNATE_SEPARATE_COMPILATION in every translation unit"
#endif

#include <innate/innate.hpp>

#include <innate/connection.ipp>
#include <innate/core/engine_answers.ipp>
#include <innate/core/engine_link.ipp>
#include <innate/core/engine_migration.ipp>
#include <innate/core/engine_subscriptions.ipp>
#include <innate/net/driver_link.ipp>
#include <innate/net/driver_migration.ipp>
#include <innate/net/driver_run.ipp>
#include <innate/net/driver_shared.ipp>
#include <innate/net/driver_wait.ipp>
#include <innate/net/environment.ipp>
#include <innate/net/tcp_stream.ipp>
#include <innate/subscription.ipp>
