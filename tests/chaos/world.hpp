// SPDX-License-Identifier: Apache-2.0
/// Three nodes, a proxy in front of each, and programs that talk through them; everything may be broken and mended.
#pragma once

#include "chaos/client.hpp"
#include "chaos/proxy.hpp"
#include "support/nats_cluster.hpp"
#include "support/temporary_folder.hpp"

#if defined(INNATE_CHAOS_TLS)
#include "support/pki.hpp"

#include <innate/tls.hpp>
#endif

#include <csignal>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace chaos {

/// Dials where its map says that a host is: DNS that changes.
class changing_names final : public innate::environment {
 public:
  std::map<std::string, int> ports;

  asio::awaitable<innate::dial_result> dial(innate::core::server_url url, bool randomize) override {
    if (const auto known = ports.find(url.host); known != ports.end()) {
      url.host = "127.0.0.1";
      url.port = static_cast<std::uint16_t>(known->second);
    }
    co_return co_await environment::dial(std::move(url), randomize);
  }
};

class world {
 public:
  explicit world(asio::io_context& io) : noted(io), x_cluster(make_cluster()) {
    for (std::size_t i = 0; i != x_cluster->size(); ++i)
      proxies.push_back(std::make_unique<proxy>(io, x_cluster->node(i).port()));
  }

  /// Knows only the proxies.
  client& add_behind_proxies(const std::string& name) {
    innate::options opts;
    opts.servers.clear();
    for (const auto& p : proxies) opts.servers.push_back(url("127.0.0.1", p->port()));
    opts.ignore_discovered = true;
    return add(name, std::move(opts));
  }
  /// Knows one node, and what that tells of the others.
  client& add_discovering(const std::string& name) {
    return add(name, innate::options{url("127.0.0.1", node(0).port())});
  }
  /// Knows a name, which leads now to one server and now to another.
  client& add_by_name(const std::string& name) {
    point_name_at(0);
    innate::options opts{url("nodes.test", 4222)};
    opts.ignore_discovered = true;
    return add(name, std::move(opts));
  }
  void point_name_at(std::size_t node) { x_names->ports["nodes.test"] = proxies[node]->port(); }

  [[nodiscard]] std::size_t nodes() const { return x_cluster->size(); }
  [[nodiscard]] test::nats_server& node(std::size_t i) { return x_cluster->node(i); }
  [[nodiscard]] bool all_connected() const {
    return std::all_of(clients.begin(), clients.end(), [](const auto& c) { return c->connected(); });
  }

  /// Which node it talks to, or talked to last.
  [[nodiscard]] std::size_t node_of(const client& c) {
    const auto url = c.nc.current_server();
    for (std::size_t i = 0; i != nodes(); ++i) {
      const auto behind = proxies[i]->port();
      if (url.ends_with(":" + std::to_string(behind)) || url.ends_with(":" + std::to_string(node(i).port())) ||
          (url.find("nodes.test") != url.npos && x_names->ports["nodes.test"] == behind))
        return i;
    }
    return 0;
  }

  void reload_all() {
    for (std::size_t i = 0; i != nodes(); ++i) node(i).signal(SIGHUP);
  }
  void permit(bool allowed) {
    x_allowed = allowed;
    write_config();
    reload_all();
  }
  void rotate_certificates() {
#if defined(INNATE_CHAOS_TLS)
    write_certificate();
    reload_all();
#endif
  }

  notes noted;
  std::vector<std::unique_ptr<proxy>> proxies;
  std::vector<std::unique_ptr<client>> clients;

 private:
  client& add(const std::string& name, innate::options opts) {
    opts.auth.user = "chaos";
    opts.auth.password = "chaos";
    opts.connect_timeout = 1s;
    opts.ping_interval = 250ms;
    opts.reconnect.wait = 10ms;
    opts.reconnect.max_wait = 50ms;
    opts.reconnect.jitter = opts.reconnect.jitter_tls = 5ms;
    opts.reconnect.retry_first_connect = true;
#if defined(INNATE_CHAOS_TLS)
    innate::tls_options how;
    how.ca_pem = x_ca.certificate();
    opts.tls = innate::tls(how);
#endif
    clients.push_back(std::make_unique<client>(noted, name, std::move(opts), x_names));
    return *clients.back();
  }

  static std::string url(const std::string& host, int port) {
#if defined(INNATE_CHAOS_TLS)
    return "tls://" + host + ":" + std::to_string(port);
#else
    return "nats://" + host + ":" + std::to_string(port);
#endif
  }

  std::unique_ptr<test::nats_cluster> make_cluster() {
    write_config();
    // nats-server takes included files from the folder of its own.
    const auto folder = std::filesystem::path{x_folder.path("")}.parent_path().filename().string();
    return std::make_unique<test::nats_cluster>(3, "include \"../" + folder + "/shared.conf\"\n");
  }

  void write_config() {
    std::string text = "lame_duck_duration: \"30s\", lame_duck_grace_period: \"10s\"\n";
    text += "authorization { users: [ { user: chaos, password: chaos, permissions: { publish: { allow: \">\"";
    text += x_allowed ? "" : ", deny: \"chaos.sometimes\"";
    text += " }, subscribe: { allow: \">\"";
    text += x_allowed ? "" : ", deny: \"chaos.sometimes\"";
    text += " } } } ] }\n";
#if defined(INNATE_CHAOS_TLS)
    if (!std::filesystem::exists(x_folder.path("server.pem"))) write_certificate();
    text += "tls { cert_file: \"" + x_folder.path("server.pem") + "\", key_file: \"" + x_folder.path("key.pem") +
            "\", timeout: 5 }\n";
#endif
    x_folder.file("shared.conf", text);
  }

#if defined(INNATE_CHAOS_TLS)
  void write_certificate() {
    const test::identity fresh{{.common_name = "server", .names = "DNS:nodes.test,IP:127.0.0.1"}, &x_ca};
    x_folder.file("key.pem", fresh.key());
    x_folder.file("server.pem", fresh.certificate());
  }
  test::identity x_ca{{.common_name = "CA", .names = "", .is_ca = true}};
#endif

  test::temporary_folder x_folder;
  bool x_allowed = true;
  std::shared_ptr<changing_names> x_names = std::make_shared<changing_names>();
  std::unique_ptr<test::nats_cluster> x_cluster;
};

}  // namespace chaos
