// SPDX-License-Identifier: Apache-2.0
/// Refuses options that cannot work, before a connection starts with them.
#pragma once

#include <innate/core/options.hpp>
#include <innate/protocol/errc.hpp>
#include <innate/protocol/error.hpp>
#include <innate/protocol/subject.hpp>

#include <string>
#include <string_view>
#include <utility>

namespace innate::inline v0 {

namespace core {

/// Keeps the first rule that was broken.
class option_check {
 public:
  /// `field` as the user writes it, `rule` what it must be.
  [[gnu::cold]] void require(bool holds, std::string_view field, std::string_view rule) {
    if (holds || !x_detail.empty()) return;
    x_detail.append("option ").append(field).append(" must ").append(rule);
  }
  void above_zero(duration value, std::string_view field) { require(value > duration::zero(), field, "be above zero"); }
  void not_negative(duration value, std::string_view field) {
    require(value >= duration::zero(), field, "not be negative");
  }

  [[nodiscard]] result<void> outcome() && {
    if (x_detail.empty()) return {};
    return error{errc::invalid_option, std::move(x_detail)};
  }

 private:
  std::string x_detail;
};

[[gnu::cold]] inline void check_times(const options& o, option_check& check) {
  check.above_zero(o.connect_timeout, "connect_timeout");
  check.above_zero(o.ping_interval, "ping_interval");
  check.above_zero(o.request_timeout, "request_timeout");
  check.above_zero(o.drain_timeout, "drain_timeout");
  check.above_zero(o.flush_timeout, "flush_timeout");
  check.not_negative(o.reconnect.wait, "reconnect.wait");
  check.not_negative(o.reconnect.jitter, "reconnect.jitter");
  check.not_negative(o.reconnect.jitter_tls, "reconnect.jitter_tls");
  check.not_negative(o.lame_duck.pause, "lame_duck.pause");
  check.not_negative(o.lame_duck.overlap, "lame_duck.overlap");
  check.require(o.reconnect.max_wait >= o.reconnect.wait, "reconnect.max_wait",
                "not be below reconnect.wait; raise it too");
}

[[gnu::cold]] inline void check_sizes(const options& o, option_check& check) {
  check.require(o.max_pings_out > 0, "max_pings_out", "be at least 1");
  check.require(o.reconnect.max_attempts >= -1, "reconnect.max_attempts", "be -1 (forever), 0 or more");
  check.require(o.outbound.high_water > 0, "outbound.high_water", "be at least 1 byte");
  check.require(o.outbound.low_water <= o.outbound.high_water, "outbound.low_water",
                "not be above outbound.high_water");
  check.require(o.outbound.limit >= o.outbound.high_water, "outbound.limit", "not be below outbound.high_water");
  check.require(o.outbound.max_control_line > 0, "outbound.max_control_line",
                "be at least 1 byte; servers take 4096 by default");
  check.require(o.pending.messages > 0, "pending.messages", "be at least 1");
  check.require(o.pending.bytes > 0, "pending.bytes", "be at least 1");
  check.require(o.limits.info_line > 0, "limits.info_line", "be at least 1 byte; servers send several hundred");
  check.require(o.limits.control_line > 0, "limits.control_line", "be at least 1 byte");
  check.require(o.limits.payload > 0, "limits.payload", "be at least 1 byte");
  check.require(o.memory != nullptr, "memory", "point to a memory resource");
}

}  // namespace core

/// Fails with `no_servers` for an empty server list, and with `invalid_option` naming the field and what it
/// must be. Server URLs are not looked at here: the server pool does, with its own errors.
[[nodiscard, gnu::cold]] inline result<void> validate_options(const options& o) {
  if (o.servers.empty()) return error{errc::no_servers, "option servers is empty; name at least one server URL"};
  core::option_check check;
  core::check_times(o, check);
  core::check_sizes(o, check);
  check.require(o.auth.password.empty() || !o.auth.user.empty(), "auth.user", "be set when auth.password is");
  check.require(protocol::check_subject(o.inbox_prefix).fault == protocol::subject_fault::none, "inbox_prefix",
                "be a subject without wildcards, spaces or empty tokens, such as _INBOX");
  return std::move(check).outcome();
}

}  // namespace innate::inline v0
