// SPDX-License-Identifier: Apache-2.0
/// Real nats-servers on loopback with routes between all of them.
#pragma once

#include "nats_server.hpp"
#include "run.hpp"

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace test {

class nats_cluster {
 public:
  /// `config` is added to the configuration of each node.
  explicit nats_cluster(std::size_t nodes, const std::string& config = {}) {
    std::vector<int> ports;
    while (ports.size() != nodes) ports.push_back(free_port());
    std::string routes;
    for (const int port : ports) routes += "\"nats-route://127.0.0.1:" + std::to_string(port) + "\"\n";
    for (const int port : ports)
      x_nodes.push_back(std::make_unique<nats_server>("cluster { name: c, listen: \"127.0.0.1:" + std::to_string(port) +
                                                      "\", routes: [" + routes + "] }\n" + config));
  }

  [[nodiscard]] std::size_t size() const noexcept { return x_nodes.size(); }
  [[nodiscard]] nats_server& node(std::size_t i) { return *x_nodes[i]; }

  /// Comma-separated, beginning with node `first`.
  [[nodiscard]] std::string urls(std::size_t first = 0) const {
    std::string list;
    for (std::size_t i = 0; i != size(); ++i) list.append(i ? "," : "").append(x_nodes[(first + i) % size()]->url());
    return list;
  }

  /// Completes when each node knows what is subscribed to at each other one. A node tells its interests in order, so
  /// that everything that was subscribed to before is known then.
  asio::awaitable<void> connected() {
    std::vector<innate::connection> at;
    std::vector<innate::subscription> heard;
    for (std::size_t i = 0; i != size(); ++i) {
      auto opts = quick(x_nodes[i]->url());
      opts.ignore_discovered = true;
      at.push_back(co_await innate::connect(opts));
      heard.push_back(at[i].subscribe("cluster.node." + std::to_string(i)));
    }
    for (std::size_t to = 0; to != size(); ++to) {
      const std::string subject = "cluster.node." + std::to_string(to);
      for (std::size_t from = 0; from != size(); ++from) {
        while (heard[to].pending_messages() == 0) {
          co_await at[from].publish(subject);
          co_await at[from].flush();
          co_await at[to].flush();
        }
        while (heard[to].try_next()) {
        }
      }
    }
  }

 private:
  std::vector<std::unique_ptr<nats_server>> x_nodes;
};

}  // namespace test
