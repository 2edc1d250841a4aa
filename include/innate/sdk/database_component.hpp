// SPDX-License-Identifier: Apache-2.0
/// The database component: says when its pool connects or not, which queries are slow, and whether it is well.
#pragma once

#include <innate/connection.hpp>
#include <innate/sdk/best_effort.hpp>
#include <innate/sdk/events/database.hpp>
#include <innate/typed.hpp>

#include <asio/awaitable.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>
#include <utility>

namespace innate::inline v0::sdk {

struct database_options {
  database_options() {}
  duration slow_from = std::chrono::milliseconds{500};  ///< queries from here on are slow
  bool audit = false;                                   ///< publish committed transactions
  std::function<asio::awaitable<bool>()> probe{};       ///< is the database well? Without it: as the pool last was
};

/// Subscribes when constructed, handles while `run()` runs. The connection must outlive it; both belong to one
/// executor.
class database_component {
 public:
  using definition = database::definition;

  explicit database_component(connection& nc, database_options opts = {})
      : x_self(nc), x_options(std::move(opts)), x_checks(x_self.subscribe<database::health_check>()) {}

  /// Answers health checks until the connection ends or is drained.
  [[nodiscard]] asio::awaitable<void> run() {
    return x_checks.for_each([this](received<database::health_check> ev) { return check(std::move(ev)); });
  }

  /// What the pool is now; published as `database.connection.status` when the link changed.
  asio::awaitable<void> pool_changed(database::link link, std::uint64_t size) {
    x_pool = size;
    if (std::exchange(x_link, link) == link) co_return;
    const database::link_change now{link, size, timestamp::now()};
    static_cast<void>(co_await x_tell(x_self.publish<database::connection_status>(now)));
  }

  /// A query ended; published as `database.query.slow` when it took too long. True then.
  asio::awaitable<bool> query_ended(std::string_view query, duration took) {
    if (took < x_options.slow_from) co_return false;
    const database::slow_query slow{query, seconds(took), seconds(x_options.slow_from), timestamp::now()};
    static_cast<void>(co_await x_tell(x_self.publish<database::query_slow>(slow)));
    co_return true;
  }

  /// A transaction was committed; published when auditing.
  asio::awaitable<void> committed(std::string_view table, std::string_view operation, std::uint64_t records) {
    if (!x_options.audit) co_return;
    const database::commit done{table, operation, records, timestamp::now()};
    static_cast<void>(co_await x_tell(x_self.publish<database::transaction_committed>(done)));
  }

  /// Events that could not be published, because they were refused, the connection was closed or its buffer full.
  [[nodiscard]] std::size_t unpublished() const noexcept { return x_tell.failures(); }

 private:
  [[nodiscard]] static double seconds(duration d) { return std::chrono::duration<double>(d).count(); }

  asio::awaitable<void> check(received<database::health_check> ev) {
    const auto begin = std::chrono::steady_clock::now();
    bool well = x_link == database::link::connected;
    if (x_options.probe) well = co_await probe();
    const auto link = well ? database::link::connected : database::link::disconnected;
    const database::health now{link, seconds(std::chrono::steady_clock::now() - begin), x_pool, timestamp::now()};
    co_await pool_changed(link, x_pool);
    if (ev.has_reply()) co_await x_self.nats().respond(ev, now);
  }
  asio::awaitable<bool> probe() {
    try {
      co_return co_await x_options.probe();
    } catch (...) {
      co_return false;  // a database that cannot even be asked is not well
    }
  }

  endpoint<definition> x_self;
  database_options x_options;
  best_effort x_tell;
  event_subscription<database::health_check> x_checks;
  std::optional<database::link> x_link{};
  std::uint64_t x_pool = 0;
};

}  // namespace innate::inline v0::sdk
