// SPDX-License-Identifier: Apache-2.0
/// The cache mechanism: a TTL cache that tells of hits and misses and forgets what others say is no longer true.
#pragma once

#include <innate/connection.hpp>
#include <innate/sdk/events/cache.hpp>
#include <innate/sdk/ttl_cache.hpp>
#include <innate/typed.hpp>

#include <asio/awaitable.hpp>
#include <asio/experimental/awaitable_operators.hpp>

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace innate::inline v0::sdk {

struct cache_options {
  std::size_t capacity = 10'000;           ///< entries; the least recently used one makes room
  duration ttl = std::chrono::minutes{5};  ///< of entries that are put without one
  std::string backend = "memory";          ///< as events name it
  std::string document_pattern = "rag.*";  ///< what a document update invalidates
};

/// Subscribes when constructed, handles while `run()` runs. The connection must outlive it; both belong to one
/// executor.
class cache_mechanism {
 public:
  using definition = cache::definition;

  explicit cache_mechanism(connection& nc, cache_options opts = {})
      : x_self(nc),
        x_options(std::move(opts)),
        x_cache(x_options.capacity),
        x_rag(x_self.subscribe<rag::cache_invalidate>()),
        x_any(x_self.subscribe<cache::component_invalidate>()),
        x_agent(x_self.subscribe<agent::cache_invalidate>()),
        x_gateway(x_self.subscribe<gateway::cache_invalidate>()),
        x_updated(x_self.subscribe<rag::documents_updated>()) {}

  /// Handles invalidations until the connection ends or is drained.
  [[nodiscard]] asio::awaitable<void> run() {
    using namespace asio::experimental::awaitable_operators;
    co_await (obey(x_rag) && obey(x_any) && obey(x_agent) && obey(x_gateway) &&
              x_updated.for_each([this](const received<rag::documents_updated>& ev) {
                invalidate(x_options.document_pattern, "document_updated: " + std::string{ev->document_id});
              }));
  }

  /// The value, if there is one that has not expired. Publishes `cache.hit` or `cache.miss`.
  [[nodiscard]] std::optional<std::string> get(std::string_view key) {
    const auto hit = x_cache.get(key, now());
    if (!hit) {
      report(x_self.try_publish<cache::miss>(
          cache::miss_payload{.key = key, .backend = x_options.backend, .timestamp = timestamp::now()}));
      return std::nullopt;
    }
    const std::chrono::duration<double> remaining = hit->remaining;
    report(x_self.try_publish<cache::hit>(cache::hit_payload{
        .key = key, .ttl_remaining = remaining.count(), .backend = x_options.backend, .timestamp = timestamp::now()}));
    return hit->value;
  }

  /// `ttl` 0: the option's.
  void put(std::string key, std::string value, duration ttl = {}) {
    x_cache.put(std::move(key), std::move(value), ttl > duration::zero() ? ttl : x_options.ttl, now());
  }

  /// Forgets what the glob matches; publishes `cache.invalidated` for each entry. Returns how many there were.
  std::size_t invalidate(std::string_view pattern, std::string_view reason) {
    const auto gone = x_cache.erase_matching(pattern);
    for (const auto& key : gone)
      report(x_self.try_publish<cache::invalidated>(
          cache::invalidated_payload{.key = key, .pattern = pattern, .reason = reason, .timestamp = timestamp::now()}));
    return gone.size();
  }

  [[nodiscard]] std::size_t size() const noexcept { return x_cache.size(); }
  /// Events that could not be published, because the connection was closed or its buffer full.
  [[nodiscard]] std::size_t unpublished() const noexcept { return x_unpublished; }

 private:
  template <typed_event E>
  asio::awaitable<void> obey(event_subscription<E>& requests) {
    return requests.for_each([this](const received<E>& ev) { invalidate(ev->pattern, ev->reason); });
  }
  [[nodiscard]] static time_point now() { return std::chrono::steady_clock::now(); }
  void report(std::error_code failed) { x_unpublished += failed ? 1U : 0U; }

  endpoint<definition> x_self;
  cache_options x_options;
  ttl_cache<std::string> x_cache;
  event_subscription<rag::cache_invalidate> x_rag;
  event_subscription<cache::component_invalidate> x_any;
  event_subscription<agent::cache_invalidate> x_agent;
  event_subscription<gateway::cache_invalidate> x_gateway;
  event_subscription<rag::documents_updated> x_updated;
  std::size_t x_unpublished = 0;
};

}  // namespace innate::inline v0::sdk
