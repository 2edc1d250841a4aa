// SPDX-License-Identifier: Apache-2.0
/// Takes options from the environment variables that NATS deployments set.
///
/// | variable | sets | accepted |
/// |---|---|---|
/// | `NATS_URL` | `servers` | comma-separated list of server URLs |
/// | `NATS_MAX_RECONNECT_ATTEMPTS` | `reconnect.max_attempts` | whole number; -1: forever |
/// | `NATS_RECONNECT_TIME_WAIT` | `reconnect.wait` | duration, as `parse_duration` reads it |
/// | `NATS_PING_INTERVAL` | `ping_interval` | duration above zero |
/// | `NATS_MAX_OUTSTANDING_PINGS` | `max_pings_out` | whole number from 1 |
#pragma once

#include <innate/core/duration.hpp>
#include <innate/core/options.hpp>
#include <innate/core/url.hpp>
#include <innate/protocol/errc.hpp>
#include <innate/protocol/error.hpp>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace innate::inline v0 {

namespace core {

[[nodiscard]] inline error environment_error(std::string_view variable, std::string_view value,
                                             std::string_view accepted) {
  std::string detail = "environment variable ";
  detail.append(variable).append("='").append(url_parts::printable(value)).append("' is not ").append(accepted);
  return {errc::invalid_environment, std::move(detail)};
}

/// Reads a whole number of at least `least` into `out`.
template <class Int>
[[nodiscard]] result<void> read_number(std::string_view variable, std::string_view value, Int least, Int& out) {
  const auto text = url_parts::trim(value);
  Int read{};
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), read);
  if (failed != std::errc{} || end != text.data() + text.size() || read < least)
    return environment_error(variable, value,
                             "a whole number from " + std::to_string(least) + " to " +
                                 std::to_string(std::numeric_limits<Int>::max()));
  out = read;
  return {};
}

[[nodiscard]] inline result<void> read_duration(std::string_view variable, std::string_view value, duration least,
                                                duration& out) {
  const auto read = parse_duration(url_parts::trim(value));
  if (!read || *read < least)
    return environment_error(variable, value,
                             (least > duration::zero() ? "a duration above zero: " : "a duration: ") +
                                 std::string{duration_forms});
  out = *read;
  return {};
}

/// The URLs may hold passwords, so that only the masked wording of `parse_url` is shown.
[[nodiscard]] inline result<void> read_servers(std::string_view variable, std::string_view value, options& out) {
  out.set_servers(value);
  for (const std::string& server : out.servers) {
    if (const auto url = parse_url(server); !url)
      return error{errc::invalid_environment,
                   "environment variable " + std::string{variable} +
                       " is not a comma-separated list of server URLs: " + url.error().detail};
  }
  return {};
}

}  // namespace core

/// Overrides in `out` what the environment sets; unset and empty variables change nothing. `lookup(name)`
/// gives the value or null. Fails with `invalid_environment`, naming the variable, its value and what is
/// accepted; `out` is unchanged then. A wait longer than `reconnect.max_wait` raises that too.
template <class Lookup>
[[nodiscard]] result<void> apply_environment(options& out, Lookup lookup) {
  options read = out;
  const auto apply = [&lookup](const char* variable, auto reader) -> result<void> {
    const char* value = lookup(variable);
    if (value == nullptr || *value == '\0') return {};
    return reader(std::string_view{variable}, std::string_view{value});
  };
  using view = std::string_view;
  constexpr duration above_zero{1};
  auto done = apply("NATS_URL", [&](view n, view v) { return core::read_servers(n, v, read); });
  if (done)
    done = apply("NATS_MAX_RECONNECT_ATTEMPTS", [&](view n, view v) {
      return core::read_number<std::int64_t>(n, v, -1, read.reconnect.max_attempts);
    });
  if (done)
    done = apply("NATS_RECONNECT_TIME_WAIT",
                 [&](view n, view v) { return core::read_duration(n, v, duration::zero(), read.reconnect.wait); });
  if (done)
    done = apply("NATS_PING_INTERVAL",
                 [&](view n, view v) { return core::read_duration(n, v, above_zero, read.ping_interval); });
  if (done)
    done = apply("NATS_MAX_OUTSTANDING_PINGS",
                 [&](view n, view v) { return core::read_number<std::uint32_t>(n, v, 1, read.max_pings_out); });
  if (!done) return done;
  read.reconnect.max_wait = std::max(read.reconnect.max_wait, read.reconnect.wait);
  out = std::move(read);
  return {};
}

/// The same with the environment of this process, which must not be changed by another thread meanwhile.
[[nodiscard]] inline result<void> apply_environment(options& out) {
  return apply_environment(out, [](const char* name) -> const char* { return std::getenv(name); });
}

}  // namespace innate::inline v0
