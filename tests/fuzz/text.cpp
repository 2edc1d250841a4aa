// SPDX-License-Identifier: Apache-2.0
/// Small texts: timestamps and durations are read back as they are written, numbers of the environment are bounded,
/// server errors are understood whatever they say.
#include "fuzz.hpp"

#include <innate/core/duration.hpp>
#include <innate/core/env_options.hpp>
#include <innate/core/validate_options.hpp>
#include <innate/protocol/server_error.hpp>
#include <innate/typed/timestamp.hpp>

#include <chrono>
#include <cmath>
#include <cstdio>
#include <string>
#include <string_view>

namespace {

namespace protocol = innate::protocol;
using fuzz::expect;

void time(std::string_view input) {
  const auto read = innate::timestamp::parse(input);
  if (!read) return;
  expect(input.size() >= 19, "a time has a date and seconds");
  if (!read->has_text()) return;  // an offset can lead out of the years that have one
  const auto again = innate::timestamp::parse(read->text());
  expect(again && *again == *read, "a time is read back as it was");
}

void length(std::string_view input) {
  const auto read = innate::parse_duration(input);
  if (!read) {
    expect(read.error().code == innate::errc::invalid_option && !read.error().detail.empty(), "a refusal has a reason");
    return;
  }
  expect(*read >= innate::duration::zero(), "no duration is negative");
  const auto again = innate::parse_duration(std::to_string(read->count()) + "ns");
  expect(again && *again == *read, "a duration is read back as it was");
  const std::string text{input};
  double seconds = 0;
  int used = 0;
  const bool bare = text.find_first_not_of("0123456789.") == text.npos;
  if (bare && std::sscanf(text.c_str(), "%lf%n", &seconds, &used) == 1)
    expect(std::fabs(seconds * 1e9 - static_cast<double>(read->count())) <= 1 + seconds * 1e-3,
           "a bare number is seconds");
}

/// Lines `n=value`: the n-th variable.
void environment(std::string_view input) {
  constexpr std::string_view names[] = {"NATS_URL", "NATS_MAX_RECONNECT_ATTEMPTS", "NATS_RECONNECT_TIME_WAIT",
                                        "NATS_PING_INTERVAL", "NATS_MAX_OUTSTANDING_PINGS"};
  std::string values[std::size(names)];
  while (!input.empty()) {
    auto line = fuzz::take_until(input, '\n');
    const auto which = fuzz::take_until(line, '=');
    if (which.size() == 1 && which[0] >= '0' && which[0] < '5') values[which[0] - '0'] = line;
  }
  innate::options read{"nats://before"};
  const auto lookup = [&](std::string_view name) -> const char* {
    for (std::size_t i = 0; i != std::size(names); ++i)
      if (names[i] == name) return values[i].c_str();
    return nullptr;
  };
  const auto done = innate::apply_environment(read, lookup);
  if (!done) {
    expect(done.error().code == innate::errc::invalid_environment, "a refusal has its code");
    expect(read.servers == std::vector<std::string>{"nats://before"}, "a refusal changes nothing");
    return;
  }
  expect(read.reconnect.max_attempts >= -1 && read.max_pings_out >= 1, "numbers are in their ranges");
  expect(read.ping_interval > innate::duration::zero(), "a ping interval is above zero");
  for (const auto& server : read.servers) expect(bool{innate::core::parse_url(server)}, "servers are URLs");
}

void server_error(std::string_view input) {
  const auto code = protocol::classify_server_error(input);
  expect(!make_error_code(code).message().empty(), "every class has a message");
  const auto v = protocol::parse_permission_violation(input);
  if (!v) return;
  expect(code == innate::server_errc::permissions_violation, "only a permissions violation is one");
  expect(!v->subject.empty() && input.find(v->subject) != input.npos, "it names a subject of the text");
}

}  // namespace

void fuzz::run(std::string_view input) {
  time(input);
  length(input);
  environment(input);
  server_error(input);
}
