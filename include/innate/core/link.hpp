// SPDX-License-Identifier: Apache-2.0
/// One link to one server as the engine keeps it: what waits to be written, what was read, and whether it is alive.
#pragma once

#include <innate/core/health.hpp>
#include <innate/core/inbound.hpp>
#include <innate/core/operation.hpp>
#include <innate/core/options.hpp>
#include <innate/core/outbound.hpp>
#include <innate/protocol/error.hpp>
#include <innate/protocol/info.hpp>

#include <string>

namespace innate::inline v0::core {

/// Outlives its stream: between two streams `out` is the offline buffer.
struct link {
  link(const innate::options& opts, slab_pool& slabs)
      : out(opts.memory), in(slabs, opts.limits), alive(opts.ping_interval, opts.max_pings_out) {}
  link(const link&) = delete;
  link& operator=(const link&) = delete;

  outbound out;
  inbound in;
  health alive;
  operation_list writer;         // the idle writer
  protocol::server_info info{};  // the newest of its server
  std::string server{};          // URL of the current or last server
  error complaint{};             // what the server last said was wrong: the likely reason when it closes next
  error given_up{};              // why the engine wants it ended, which the driver does then
};

}  // namespace innate::inline v0::core
