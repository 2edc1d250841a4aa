// SPDX-License-Identifier: Apache-2.0
/// The LLM gateway: wraps a completion function with events, a response cache and rate limits.
#pragma once

#include <innate/connection.hpp>
#include <innate/protocol/nuid.hpp>
#include <innate/sdk/best_effort.hpp>
#include <innate/sdk/events/gateway.hpp>
#include <innate/sdk/ttl_cache.hpp>
#include <innate/typed.hpp>

#include <asio/awaitable.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace innate::inline v0::sdk {

struct llm_prompt {
  llm_prompt() {}
  llm_prompt(std::string by, std::string of, std::string text)
      : provider(std::move(by)), model(std::move(of)), prompt(std::move(text)) {}
  std::string provider{};
  std::string model{};
  std::string prompt{};
};

struct llm_answer {
  llm_answer() {}
  std::string text{};
  std::uint64_t tokens_used = 0;
  double cost = 0;
  std::optional<std::uint64_t> remaining_requests{};  ///< as the provider last said
  bool cached = false;                                ///< set by the gateway
};

/// To be thrown by a completion function when the provider refuses, and by the gateway until that time is over.
class rate_limited : public std::runtime_error {
 public:
  explicit rate_limited(duration wait)
      : std::runtime_error("the rate limit of the provider is reached"), x_wait(wait) {}
  [[nodiscard]] duration retry_after() const noexcept { return x_wait; }

 private:
  duration x_wait;
};

struct gateway_options {
  gateway_options() {}
  std::function<asio::awaitable<llm_answer>(const llm_prompt&)> complete{};
  std::uint64_t warn_below = 10;  ///< remaining requests
  std::size_t cached_responses = 1'000;
  duration cache_ttl = std::chrono::minutes{10};
};

/// Subscribes when constructed, handles while `run()` runs. The connection must outlive it; both belong to one
/// executor. Throws `invalid_option` without a completion function.
class llm_gateway {
 public:
  using definition = gateway::definition;

  llm_gateway(connection& nc, gateway_options opts)
      : x_self(nc),
        x_options(std::move(opts)),
        x_cache(x_options.cached_responses),
        x_invalidations(x_self.subscribe<gateway::cache_invalidate>()) {
    if (!x_options.complete)
      throw std::system_error(errc::invalid_option, "a gateway needs the option complete, the function it wraps");
  }

  /// Handles invalidations until the connection ends or is drained. Cached responses have the keys
  /// `gateway.<provider>.<model>.<prompt>`.
  [[nodiscard]] asio::awaitable<void> run() {
    return x_invalidations.for_each(
        [this](const received<gateway::cache_invalidate>& ev) { x_cache.erase_matching(ev->pattern); });
  }

  /// The completion, from the cache when it is there. Publishes `gateway.llm.request` and `gateway.llm.response` around
  /// a call, `gateway.rate_limit.warning` once when few requests remain, `gateway.rate_limit.exceeded` when the
  /// provider refuses. Throws `rate_limited`, and what the completion function throws.
  asio::awaitable<llm_answer> complete(llm_prompt asked);

  [[nodiscard]] std::size_t cached() const noexcept { return x_cache.size(); }
  /// Events that could not be published, because they were refused, the connection was closed or its buffer full.
  [[nodiscard]] std::size_t unpublished() const noexcept { return x_tell.failures(); }

 private:
  struct limit {
    time_point blocked_until{};
    bool warned = false;
  };

  asio::awaitable<llm_answer> call(const llm_prompt& asked, limit& l);
  asio::awaitable<void> warn(const llm_prompt& asked, const llm_answer& got, limit& l);

  endpoint<definition> x_self;
  gateway_options x_options;
  best_effort x_tell;
  protocol::nuid x_ids;
  ttl_cache<llm_answer> x_cache;
  std::map<std::pair<std::string, std::string>, limit> x_limits;  // by provider and model
  event_subscription<gateway::cache_invalidate> x_invalidations;
};

inline asio::awaitable<llm_answer> llm_gateway::complete(llm_prompt asked) {
  const auto key = "gateway." + asked.provider + "." + asked.model + "." + asked.prompt;
  const auto now = std::chrono::steady_clock::now();
  if (const auto kept = x_cache.get(key, now)) {
    llm_answer again = kept->value;
    again.cached = true;
    co_return again;
  }
  limit& l = x_limits[{asked.provider, asked.model}];
  if (l.blocked_until > now) throw rate_limited{l.blocked_until - now};
  const auto begun = x_cache.invalidations();
  llm_answer got = co_await call(asked, l);
  if (x_cache.invalidations() == begun) x_cache.put(key, got, x_options.cache_ttl, std::chrono::steady_clock::now());
  co_return got;
}

inline asio::awaitable<llm_answer> llm_gateway::call(const llm_prompt& asked, limit& l) {
  const std::string id = x_ids.next_text();
  const gateway::call made{asked.provider, asked.model, asked.prompt.size(), id, timestamp::now()};
  static_cast<void>(co_await x_tell(x_self.publish<gateway::llm_request>(made)));
  const auto begin = std::chrono::steady_clock::now();
  std::optional<duration> refused;
  llm_answer got;
  try {
    got = co_await x_options.complete(asked);
  } catch (const rate_limited& e) {
    refused = e.retry_after();
  }
  if (refused) {
    l.blocked_until = core::after(std::chrono::steady_clock::now(), *refused);
    const std::chrono::duration<double> wait = *refused;
    const gateway::limit_exceeded told{asked.provider, asked.model, wait.count(), timestamp::now()};
    static_cast<void>(co_await x_tell(x_self.publish<gateway::rate_limit_exceeded>(told)));
    throw rate_limited{*refused};
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  const gateway::completion done{asked.provider, asked.model, got.tokens_used,
                                 took.count(),   got.cost,    timestamp::now()};
  static_cast<void>(co_await x_tell(x_self.publish<gateway::llm_response>(done)));
  co_await warn(asked, got, l);
  co_return got;
}

/// Once, until there are enough requests again.
inline asio::awaitable<void> llm_gateway::warn(const llm_prompt& asked, const llm_answer& got, limit& l) {
  if (!got.remaining_requests) co_return;
  const bool few = *got.remaining_requests < x_options.warn_below;
  if (std::exchange(l.warned, few) || !few) co_return;
  const gateway::limit_warning told{asked.provider, asked.model, *got.remaining_requests, timestamp::now()};
  static_cast<void>(co_await x_tell(x_self.publish<gateway::rate_limit_warning>(told)));
}

}  // namespace innate::inline v0::sdk
