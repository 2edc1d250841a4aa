// SPDX-License-Identifier: Apache-2.0
/// Tells connections that their execution context is being destroyed, so that waiting coroutines are freed with it.
#pragma once

#include <innate/net/operation.hpp>

#include <asio/execution_context.hpp>

#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace innate::inline v0::net {

class shutdown_service final : public asio::execution_context::service {
 public:
  using key_type = shutdown_service;
  static inline asio::execution_context::id id;

  explicit shutdown_service(asio::execution_context& context) : asio::execution_context::service(context) {}

  [[gnu::cold]] void add(std::weak_ptr<operation_owner> owner) {
    const std::lock_guard lock{x_mutex};
    std::erase_if(x_owners, [](const auto& o) { return o.expired(); });
    x_owners.push_back(std::move(owner));
  }

 private:
  [[gnu::cold]] void shutdown() override {
    const auto owners = [this] {
      const std::lock_guard lock{x_mutex};
      return std::exchange(x_owners, {});
    }();
    for (const auto& weak : owners) {
      if (const auto owner = weak.lock()) owner->suspended.drop_all();
    }
  }

  std::mutex x_mutex;
  std::vector<std::weak_ptr<operation_owner>> x_owners;
};

}  // namespace innate::inline v0::net
