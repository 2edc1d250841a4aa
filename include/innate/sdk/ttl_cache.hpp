// SPDX-License-Identifier: Apache-2.0
/// A bounded cache whose entries expire, and whose least recently used entry makes room.
#pragma once

#include <innate/core/clock.hpp>
#include <innate/sdk/glob.hpp>

#include <cstddef>
#include <cstdint>
#include <list>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace innate::inline v0::sdk {

/// Time is passed in. Not thread-safe.
template <class Value>
class ttl_cache {
 public:
  struct found {
    const Value& value;  ///< valid until the cache is changed
    duration remaining{};
  };

  /// At least one entry fits.
  explicit ttl_cache(std::size_t capacity) : x_capacity(capacity == 0 ? 1 : capacity) {}

  void put(std::string key, Value value, duration ttl, time_point now) {
    erase(key);
    if (x_entries.size() == x_capacity) erase(x_entries.back().key);
    x_entries.push_front({std::move(key), std::move(value), core::after(now, ttl)});
    x_index.emplace(x_entries.front().key, x_entries.begin());
  }

  /// The value, which becomes the most recently used; nothing when there is none or its time is over.
  [[nodiscard]] std::optional<found> get(std::string_view key, time_point now) {
    const auto place = x_index.find(key);
    if (place == x_index.end()) return std::nullopt;
    const auto at = place->second;
    if (at->expires <= now) {
      erase(key);
      return std::nullopt;
    }
    x_entries.splice(x_entries.begin(), x_entries, at);
    return found{at->value, at->expires - now};
  }

  bool erase(std::string_view key) {
    const auto place = x_index.find(key);
    if (place == x_index.end()) return false;
    const auto at = place->second;
    x_index.erase(place);
    x_entries.erase(at);
    return true;
  }

  /// Forgets every entry whose key the glob matches; their keys.
  std::vector<std::string> erase_matching(std::string_view pattern) {
    ++x_invalidations;
    std::vector<std::string> gone;
    for (const auto& e : x_entries)
      if (glob_matches(pattern, e.key)) gone.push_back(e.key);
    for (const auto& key : gone) erase(key);
    return gone;
  }

  [[nodiscard]] std::size_t size() const noexcept { return x_entries.size(); }

  /// How often `erase_matching` was called: a value whose making began before the last call may be out of date already
  /// and is not to be put.
  [[nodiscard]] std::uint64_t invalidations() const noexcept { return x_invalidations; }

 private:
  struct entry {
    std::string key;
    Value value;
    time_point expires;
  };
  std::size_t x_capacity;
  std::uint64_t x_invalidations = 0;
  std::list<entry> x_entries;                                                         // most recently used first
  std::unordered_map<std::string_view, typename std::list<entry>::iterator> x_index;  // keys are in the entries
};

}  // namespace innate::inline v0::sdk
