// SPDX-License-Identifier: Apache-2.0
/// Authentication with nkey seeds and credentials files, signed by OpenSSL: the program links libcrypto.
///
/// Files are read at every attempt, so that what an operator renews is used at the next reconnect. Errors name the file
/// and what is wrong with it, never what stands in it.
#pragma once

#include <innate/authenticator.hpp>
#include <innate/net/ed25519.hpp>
#include <innate/net/read_file.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace innate::inline v0 {

namespace net {

/// `Load` gives a `result<nkey_seed>` at each attempt.
template <class Load>
class seed_authenticator final : public authenticator {
 public:
  explicit seed_authenticator(Load load) : x_load(std::move(load)) {}
  asio::awaitable<result<credentials>> authenticate(auth_request request) override { co_return answer(request); }

 private:
  result<credentials> answer(const auth_request& request) {
    const auto seed = x_load();
    if (!seed) return seed.error();
    if (request.nonce.empty()) return error{errc::nonce_missing, request.server};
    const auto key = public_nkey_of(*seed);
    if (!key) return key.error();
    const auto signature = sign(*seed, request.nonce);
    if (!signature) return signature.error();
    credentials who;
    who.nkey = protocol::encode_nkey(*key);
    who.signature = protocol::base64url(*signature);
    return who;
  }

  Load x_load;
};

/// `Load` gives a `result<creds>` at each attempt.
template <class Load>
class creds_authenticator final : public authenticator {
 public:
  explicit creds_authenticator(Load load) : x_load(std::move(load)) {}
  asio::awaitable<result<credentials>> authenticate(auth_request request) override { co_return answer(request); }

 private:
  result<credentials> answer(const auth_request& request) {
    auto read = x_load();
    if (!read) return read.error();
    credentials who;
    who.jwt = std::move(read->jwt);
    if (request.nonce.empty()) return who;
    const auto signature = sign(read->seed, request.nonce);
    if (!signature) return signature.error();
    who.signature = protocol::base64url(*signature);
    return who;
  }

  Load x_load;
};

template <class Load>
std::shared_ptr<authenticator> make_seed_authenticator(Load load) {
  return std::make_shared<seed_authenticator<Load>>(std::move(load));
}
template <class Load>
std::shared_ptr<authenticator> make_creds_authenticator(Load load) {
  return std::make_shared<creds_authenticator<Load>>(std::move(load));
}

}  // namespace net

/// Is the user of this seed (`SU…`). Attempts fail with `invalid_nkey`, `nkey_checksum`, `nkey_wrong_kind`, or with
/// `nonce_missing` where the server does not take nkeys. The seed is wiped with the authenticator; copies that the
/// caller keeps are the caller's.
[[nodiscard]] inline std::shared_ptr<authenticator> nkey_from_seed(std::string seed) {
  return net::make_seed_authenticator([text = protocol::secret_string{std::move(seed)}] {
    return protocol::parse_user_seed(text.text(), "the nkey seed");
  });
}

/// The same from a file that holds the seed, alone in a line or in a SEED block. Also `file_unreadable`.
[[nodiscard]] inline std::shared_ptr<authenticator> nkey_from_file(std::string path) {
  return net::make_seed_authenticator([path = std::move(path)]() -> result<protocol::nkey_seed> {
    const auto text = net::read_file("nkey file", path);
    if (!text) return text.error();
    return protocol::parse_user_seed(text->text(), net::named("nkey file", path));
  });
}

/// Is the user of a credentials file: its JWT, signed for by its seed. Attempts fail with `file_unreadable`,
/// `invalid_creds` (a block is missing or cut off), `invalid_nkey`, `nkey_checksum` or `nkey_wrong_kind`.
[[nodiscard]] inline std::shared_ptr<authenticator> creds_from_file(std::string path) {
  return net::make_creds_authenticator([path = std::move(path)]() -> result<protocol::creds> {
    const auto text = net::read_file("creds file", path);
    if (!text) return text.error();
    return protocol::parse_creds(text->text(), net::named("creds file", path));
  });
}

/// The same from the text of such a file.
[[nodiscard]] inline std::shared_ptr<authenticator> creds_from_memory(std::string creds) {
  return net::make_creds_authenticator([text = protocol::secret_string{std::move(creds)}] {
    return protocol::parse_creds(text.text(), "the credentials in memory");
  });
}

}  // namespace innate::inline v0
