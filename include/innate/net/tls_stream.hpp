// SPDX-License-Identifier: Apache-2.0
/// TLS over any stream: OpenSSL works between two buffers in memory, the stream below moves their bytes.
///
/// Only writing writes to the stream below and only reading reads from it, so that one of each may be under way. What
/// reading wants to be sent (an answer to a key update) leaves with the next write, as TLS 1.3 allows; renegotiation is
/// off.
#pragma once

#include <innate/core/tls_errc.hpp>
#include <innate/net/openssl_handle.hpp>
#include <innate/net/tls_layer.hpp>
#include <innate/net/tls_material.hpp>
#include <innate/net/tls_verify.hpp>

#include <asio/error.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace innate::inline v0::net {

class tls_stream final : public secure_stream {
 public:
  /// Reads certificates and keys now. `received` belongs to TLS already.
  [[nodiscard]] static result<std::unique_ptr<secure_stream>> create(std::shared_ptr<const tls_options> how,
                                                                     std::unique_ptr<stream> plain,
                                                                     const core::server_url& url,
                                                                     std::string_view received) {
    std::unique_ptr<tls_stream> made{new tls_stream{std::move(how), std::move(plain), url}};
    if (auto ready = made->prepare(received); !ready) return ready.error();
    return std::unique_ptr<secure_stream>{std::move(made)};
  }

  asio::awaitable<error> shake_hands() override {
    std::error_code unsent;  // the alert that explains it may be there all the same
    while (true) {
      const auto step = handshake_step();
      if (!unsent) unsent = co_await flush();
      if (step.failed.code || step.done) co_return step.failed;
      const auto failed = co_await fill();
      if (failed) co_return error{unsent ? unsent : failed, "the link ended during the TLS handshake with " + x_server};
    }
  }

  asio::awaitable<io_result> read_some(asio::mutable_buffer into) override {
    while (true) {
      const auto got = decrypt(into);
      if (got.size != 0 || got.error) co_return got;
      const auto failed = co_await fill();
      if (failed) co_return io_result{failed, 0};
    }
  }

  asio::awaitable<io_result> write_some(std::span<const std::string_view> pieces) override {
    const auto taken = encrypt(pieces);
    if (taken.error) co_return taken;
    const auto failed = co_await flush();
    co_return io_result{failed, failed ? 0 : taken.size};
  }

  void close() noexcept override { x_plain->close(); }

 private:
  static constexpr std::size_t record_size = std::size_t{16} << 10;
  static constexpr std::size_t most_at_once = 4 * record_size;

  struct progress {
    error failed{};
    bool done = false;
  };

  tls_stream(std::shared_ptr<const tls_options> how, std::unique_ptr<stream> plain, const core::server_url& url)
      : x_how(std::move(how)),
        x_verifier(*x_how, x_how->server_name.empty() ? url.certificate_name() : x_how->server_name),
        x_plain(std::move(plain)),
        x_server(url.to_string()),
        x_in(std::make_unique<std::array<char, record_size>>()) {}

  [[nodiscard]] result<void> prepare(std::string_view received) {
    const auto unusable = [] { return error{tls_errc::handshake_failed, "OpenSSL: " + openssl_reason()}; };
    ERR_clear_error();
    x_context.reset(SSL_CTX_new(TLS_client_method()));
    if (!x_context) return unusable();
    tls_material material{*x_how};
    x_identity = material.has_identity();
    if (auto loaded = material.load_into(x_context.get()); !loaded) return loaded;
    x_ssl.reset(SSL_new(x_context.get()));
    bio_ptr in{BIO_new(BIO_s_mem())};
    bio_ptr out{BIO_new(BIO_s_mem())};
    if (!x_ssl || !in || !out) return unusable();
    x_network_in = in.get();
    x_network_out = out.get();
    SSL_set_bio(x_ssl.get(), in.release(), out.release());
    SSL_set_connect_state(x_ssl.get());
    if (!x_verifier.attach(x_context.get(), x_ssl.get())) return unusable();
    feed(received);
    return {};
  }

  void feed(std::string_view bytes) {
    if (!bytes.empty()) BIO_write(x_network_in, bytes.data(), static_cast<int>(bytes.size()));
  }

  /// Reads once from below.
  asio::awaitable<std::error_code> fill() {
    const auto [failed, size] = co_await x_plain->read_some(asio::mutable_buffer{x_in->data(), x_in->size()});
    if (!failed) feed({x_in->data(), size});
    co_return failed;
  }

  /// Writes below whatever OpenSSL wants to be sent.
  asio::awaitable<std::error_code> flush() {
    while (const auto pending = BIO_ctrl_pending(x_network_out)) {
      x_out.resize(pending);
      BIO_read(x_network_out, x_out.data(), static_cast<int>(pending));
      for (std::string_view rest = x_out; !rest.empty();) {
        const auto [failed, size] = co_await x_plain->write_some(std::span{&rest, 1});
        if (failed) co_return failed;
        rest.remove_prefix(size);
      }
    }
    co_return std::error_code{};
  }

  [[nodiscard]] progress handshake_step() {
    ERR_clear_error();
    const int status = SSL_do_handshake(x_ssl.get());
    progress step;
    step.done = status == 1;
    if (!step.done && SSL_get_error(x_ssl.get(), status) != SSL_ERROR_WANT_READ) step.failed = explain();
    return step;
  }

  /// Why the handshake failed.
  [[nodiscard]] error explain() {
    if (x_verifier.verdict().code) return x_verifier.verdict();
    const auto code = classify(ERR_GET_REASON(ERR_peek_error()), tls_errc::handshake_failed);
    return error{code, openssl_reason() + " (" + x_server + ")"};
  }

  [[nodiscard]] tls_errc classify(int reason, tls_errc otherwise) const noexcept {
    const auto refused = x_identity ? tls_errc::client_certificate_refused : tls_errc::client_certificate_required;
    switch (reason) {
    case SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED:
    case SSL_R_SSLV3_ALERT_BAD_CERTIFICATE:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_REVOKED:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN:
    case SSL_R_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE:
    case SSL_R_TLSV1_ALERT_UNKNOWN_CA: return refused;
    case SSL_R_TLSV1_ALERT_PROTOCOL_VERSION:
    case SSL_R_UNSUPPORTED_PROTOCOL:
    case SSL_R_NO_PROTOCOLS_AVAILABLE: return tls_errc::no_common_version;
    case SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE:
    case SSL_R_TLSV1_ALERT_INSUFFICIENT_SECURITY:
    case SSL_R_NO_CIPHERS_AVAILABLE: return tls_errc::no_common_cipher;
    case SSL_R_WRONG_VERSION_NUMBER:
    case SSL_R_HTTP_REQUEST: return tls_errc::not_tls;
    default: return otherwise;
    }
  }

  /// As many records as are there and fit.
  [[nodiscard]] io_result decrypt(asio::mutable_buffer into) {
    auto* to = static_cast<char*>(into.data());
    std::size_t size = 0;
    while (size != into.size()) {
      ERR_clear_error();
      std::size_t got = 0;
      const int status = SSL_read_ex(x_ssl.get(), to + size, into.size() - size, &got);
      size += got;
      if (status == 1) continue;
      const int why = SSL_get_error(x_ssl.get(), status);
      if (size != 0 || why == SSL_ERROR_WANT_READ) break;
      if (why == SSL_ERROR_ZERO_RETURN) return {asio::error::eof, 0};
      return {classify(ERR_GET_REASON(ERR_peek_error()), tls_errc::broken), 0};
    }
    return {{}, size};
  }

  /// Small pieces share a record.
  [[nodiscard]] io_result encrypt(std::span<const std::string_view> pieces) {
    std::string_view plain = pieces.front().substr(0, most_at_once);
    if (pieces.size() > 1 && plain.size() < record_size) {
      x_gathered.clear();
      for (const auto piece : pieces) {
        x_gathered.append(piece.substr(0, record_size - x_gathered.size()));
        if (x_gathered.size() == record_size) break;
      }
      plain = x_gathered;
    }
    ERR_clear_error();
    std::size_t taken = 0;
    if (SSL_write_ex(x_ssl.get(), plain.data(), plain.size(), &taken) == 1) return {{}, taken};
    return {classify(ERR_GET_REASON(ERR_peek_error()), tls_errc::broken), 0};
  }

  std::shared_ptr<const tls_options> x_how;
  tls_verifier x_verifier;
  std::unique_ptr<stream> x_plain;
  std::string x_server;
  std::unique_ptr<std::array<char, record_size>> x_in;
  std::string x_out;       // on its way below
  std::string x_gathered;  // pieces of one record
  ssl_context_ptr x_context;
  ssl_ptr x_ssl;
  BIO* x_network_in = nullptr;  // both are owned by x_ssl
  BIO* x_network_out = nullptr;
  bool x_identity = false;
};

/// Makes a `tls_stream` of every stream.
class openssl_layer final : public tls_layer {
 public:
  explicit openssl_layer(tls_options how) : x_how(std::make_shared<const tls_options>(std::move(how))) {}

  [[nodiscard]] result<std::unique_ptr<secure_stream>> wrap(std::unique_ptr<stream> plain, const core::server_url& url,
                                                            std::string_view received) override {
    return tls_stream::create(x_how, std::move(plain), url, received);
  }

 private:
  std::shared_ptr<const tls_options> x_how;
};

}  // namespace innate::inline v0::net
