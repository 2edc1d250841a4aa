// SPDX-License-Identifier: Apache-2.0
/// The scenarios of the innate client, one file each; every one prints a line of JSON about its steady state.
#pragma once

#include "../support/arguments.hpp"
#include "../support/go.hpp"
#include "../support/latencies.hpp"
#include "../support/stopwatch.hpp"

#include <asio.hpp>
#include <innate/innate.hpp>

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

namespace bench {

using scenario = asio::awaitable<void>;

scenario publish(const arguments& given);        // publish.cpp
scenario receive(const arguments& given);        // receive.cpp
scenario dispatch(const arguments& given);       // subscriptions.cpp
scenario subscriptions(const arguments& given);  // subscriptions.cpp
scenario idle(const arguments& given);           // subscriptions.cpp
scenario fan_out(const arguments& given);        // subscriptions.cpp
scenario request(const arguments& given);        // request.cpp
scenario shared(const arguments& given);         // shared.cpp
scenario typed_publish(const arguments& given);  // typed.cpp
scenario typed_receive(const arguments& given);  // typed.cpp
scenario route(const arguments& given);          // router.cpp

inline asio::awaitable<innate::connection> dial(const arguments& given) {
  return innate::connect("nats://127.0.0.1:" + std::to_string(given.port()));
}

/// A user's way to publish without waiting: only where the connection has no room it is awaited.
template <class Publish, class Await>
asio::awaitable<void> repeat(std::uint64_t messages, Publish publish_now, Await publish_and_wait) {
  for (std::uint64_t i = 0; i != messages; ++i) {
    const auto failed = publish_now();
    if (failed == innate::errc::outbound_full) {
      co_await publish_and_wait();
    } else if (failed) {
      throw std::system_error(failed);
    }
  }
}

[[noreturn]] inline void unknown(std::string_view name, std::string_view value) {
  throw std::runtime_error("--" + std::string{name} + " cannot be '" + std::string{value} + "'");
}

}  // namespace bench
