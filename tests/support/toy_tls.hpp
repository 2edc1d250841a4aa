// SPDX-License-Identifier: Apache-2.0
/// Stands for TLS in a scripted world: a hello each way, then every byte is changed, so that what skips it is noticed.
#pragma once

#include "scripted_server.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace test {

class toy_stream final : public innate::secure_stream {
 public:
  toy_stream(std::unique_ptr<innate::stream> plain, std::string_view received)
      : x_plain(std::move(plain)), x_received(received) {}

  asio::awaitable<innate::error> shake_hands() override {
    for (auto hello = scripted_server::client_hello; !hello.empty();) {
      const auto [failed, size] = co_await x_plain->write_some({&hello, 1});
      if (failed) co_return innate::error{failed};
      hello.remove_prefix(size);
    }
    while (x_received.size() < scripted_server::server_hello.size()) {
      char c = 0;
      const auto [failed, size] = co_await x_plain->read_some(asio::mutable_buffer{&c, 1});
      if (failed) co_return innate::error{failed};
      x_received.append(1, c);
    }
    if (x_received == scripted_server::server_hello) co_return innate::error{};
    co_return innate::error{innate::tls_errc::handshake_failed, "the server says '" + x_received + "'"};
  }
  asio::awaitable<innate::io_result> read_some(asio::mutable_buffer into) override {
    auto done = co_await x_plain->read_some(into);
    const auto clear = scripted_server::toy_cipher({static_cast<const char*>(into.data()), done.size});
    std::memcpy(into.data(), clear.data(), done.size);
    co_return done;
  }
  asio::awaitable<innate::io_result> write_some(std::span<const std::string_view> pieces) override {
    const auto hidden = scripted_server::toy_cipher(pieces.front());
    const std::string_view piece = hidden;
    co_return co_await x_plain->write_some({&piece, 1});
  }
  void close() noexcept override { x_plain->close(); }

 private:
  std::unique_ptr<innate::stream> x_plain;
  std::string x_received;
};

class toy_layer final : public innate::tls_layer {
 public:
  [[nodiscard]] innate::result<std::unique_ptr<innate::secure_stream>>
  wrap(std::unique_ptr<innate::stream> plain, const innate::core::server_url&, std::string_view received) override {
    return std::unique_ptr<innate::secure_stream>{std::make_unique<toy_stream>(std::move(plain), received)};
  }
};

}  // namespace test
