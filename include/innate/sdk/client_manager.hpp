// SPDX-License-Identifier: Apache-2.0
/// The document's client manager: clients by id, NATS built in, other types made by factories.
#pragma once

#include <innate/protocol/errc.hpp>
#include <innate/sdk/client.hpp>
#include <innate/sdk/client_config.hpp>
#include <innate/sdk/managed_client.hpp>

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>

#include <concepts>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <type_traits>
#include <utility>

namespace innate::inline v0::sdk {

/// Belongs to one executor, as its clients do, and must outlive its operations.
class client_manager {
 public:
  explicit client_manager(asio::any_io_executor executor) : x_executor(std::move(executor)) {
    register_type(client_type::nats,
                  [this](const client_config& config) { return std::make_shared<nats_client>(x_executor, config); });
  }
  client_manager(const client_manager&) = delete;
  client_manager& operator=(const client_manager&) = delete;

  /// Clients of this type are made by `make` from here on, those of NATS too. It takes a `client_config` and gives a
  /// `std::shared_ptr` of a class derived from `managed_client`, not connected yet.
  template <class Make>
  void register_type(client_type type, Make make) {
    using client = typename std::invoke_result_t<Make&, const client_config&>::element_type;
    static_assert(std::derived_from<client, managed_client>, "a client type is derived from managed_client");
    x_factories.insert_or_assign(type, [make = std::move(make)](const client_config& config) mutable {
      return entry{make(config), &class_of<client>};
    });
  }

  /// Makes a client, connects it and keeps it under `client_id`. Errors: `client_exists` (also while one of this id
  /// connects), `client_type_without_factory`, and what the factory and the client's `connect` throw; the id is free
  /// again then.
  [[nodiscard]] asio::awaitable<void> register_client(std::string client_id, client_config config);

  /// The client, of the class that its factory names, or `managed_client`. Throws `unknown_client` (also while it
  /// connects), `client_of_another_type`.
  template <class Client = nats_client>
  [[nodiscard]] std::shared_ptr<Client> get(std::string_view client_id) const {
    const entry& found = find(client_id);
    if (!std::same_as<Client, managed_client> && found.made_as != &class_of<Client>)
      throw std::system_error(errc::client_of_another_type, quoted(client_id));
    return std::static_pointer_cast<Client>(found.client);
  }
  [[nodiscard]] bool contains(std::string_view client_id) const noexcept {
    const auto found = x_clients.find(client_id);
    return found != x_clients.end() && found->second.connected;
  }

  /// Closes a client and forgets it. Throws `unknown_client`, and what `close` of the client does, which is forgotten
  /// all the same.
  [[nodiscard]] asio::awaitable<void> remove_client(std::string client_id);

  /// Closes and forgets all clients, those that connect too; throws the first failure when all are closed.
  [[nodiscard]] asio::awaitable<void> close();

 private:
  struct entry {
    std::shared_ptr<managed_client> client{};
    const char* made_as = nullptr;  // the address of its class's `class_of`
    bool connected = false;
  };
  template <class Client>
  static inline constexpr char class_of{};  // instead of RTTI, which a program may do without

  [[nodiscard]] static std::string quoted(std::string_view id) { return "client '" + std::string{id} + "'"; }
  [[nodiscard]] const entry& find(std::string_view id) const {
    const auto found = x_clients.find(id);
    if (found == x_clients.end()) throw std::system_error(errc::unknown_client, quoted(id));
    if (!found->second.connected) throw std::system_error(errc::unknown_client, quoted(id) + " is not connected yet");
    return found->second;
  }
  [[nodiscard]] entry make(const client_config& config) const {
    const auto found = x_factories.find(config.client_type);
    entry made = found == x_factories.end() ? entry{} : found->second(config);
    if (!made.client) {
      const std::string name{to_string(config.client_type)};
      throw std::system_error(errc::client_type_without_factory, "type '" + name + "': register_type gives it one");
    }
    return made;
  }

  asio::any_io_executor x_executor;
  std::map<client_type, std::function<entry(const client_config&)>> x_factories;
  std::map<std::string, entry, std::less<>> x_clients;
};

inline asio::awaitable<void> client_manager::register_client(std::string client_id, client_config config) {
  if (x_clients.contains(client_id)) throw std::system_error(errc::client_exists, quoted(client_id));
  const entry made = make(config);
  const auto client = made.client;
  x_clients.emplace(client_id, made);
  const auto place = [&] {  // end when `close` was called meanwhile, whoever has this id now
    const auto found = x_clients.find(client_id);
    return found != x_clients.end() && found->second.client == client ? found : x_clients.end();
  };
  try {
    co_await client->connect();
  } catch (...) {
    if (place() != x_clients.end()) x_clients.erase(place());
    throw;
  }
  if (place() == x_clients.end()) {
    co_await client->close();
    throw std::system_error(errc::connection_closed, quoted(client_id) + " was closed while it connected");
  }
  place()->second.connected = true;
}

inline asio::awaitable<void> client_manager::remove_client(std::string client_id) {
  const auto client = find(client_id).client;
  x_clients.erase(client_id);
  co_await client->close();
}

inline asio::awaitable<void> client_manager::close() {
  const auto all = std::exchange(x_clients, {});
  std::exception_ptr failed;
  for (const auto& one : all) {
    try {
      co_await one.second.client->close();
    } catch (...) {
      if (!failed) failed = std::current_exception();
    }
  }
  if (failed) std::rethrow_exception(failed);
}

}  // namespace innate::inline v0::sdk
