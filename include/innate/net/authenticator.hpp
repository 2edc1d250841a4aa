// SPDX-License-Identifier: Apache-2.0
/// Who the connection says to be, decided by code of the user at every attempt: between INFO and CONNECT.
#pragma once

#include <innate/core/options.hpp>
#include <innate/protocol/base64url.hpp>
#include <innate/protocol/error.hpp>
#include <innate/protocol/nkey.hpp>

#include <asio/awaitable.hpp>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace innate::inline v0 {

/// What an authenticator is asked with.
struct auth_request {
  auth_request() {}
  auth_request(std::string to_sign, std::string url) : nonce(std::move(to_sign)), server(std::move(url)) {}

  std::string nonce{};   ///< what the server wants signed, as text; empty when it does not take nkeys or JWTs
  std::string server{};  ///< its URL, without credentials
};

/// Answers under the connect deadline, and is cancelled when that passes. What it throws, or the error it returns,
/// fails the attempt. Connections on several threads that share one ask it at the same time.
class authenticator {
 public:
  authenticator() = default;
  authenticator(const authenticator&) = delete;
  authenticator& operator=(const authenticator&) = delete;
  virtual ~authenticator() = default;

  virtual asio::awaitable<result<credentials>> authenticate(auth_request request) = 0;
};

namespace net {

template <class T>
struct answer_of {
  using type = T;
  static constexpr bool later = false;
};
template <class T, class Executor>
struct answer_of<asio::awaitable<T, Executor>> {
  using type = T;
  static constexpr bool later = true;
};

/// What a user's callable becomes, so that no coroutine of ours holds a type of the user's. The arguments live until
/// the answer is there.
template <class T, class... Args>
using asked = std::function<asio::awaitable<result<T>>(const Args&...)>;

template <class T>
asio::awaitable<result<T>> at_once(result<T> answer) {
  co_return answer;
}

template <class T, class U>
asio::awaitable<result<T>> in_time(asio::awaitable<U> answer) {
  result<T> done{co_await std::move(answer)};
  co_return done;
}

/// `f` may be a coroutine or not, and may give a `T`, a `result<T>` or something that converts to one.
template <class T, class... Args, class F>
[[nodiscard]] asked<T, Args...> ask_by(F f) {
  return [f = std::move(f)](const Args&... args) mutable -> asio::awaitable<result<T>> {
    if constexpr (answer_of<std::invoke_result_t<F&, const Args&...>>::later) {
      return in_time<T>(f(args...));
    } else {
      return at_once<T>(result<T>{f(args...)});
    }
  };
}

class asking_authenticator final : public authenticator {
 public:
  explicit asking_authenticator(asked<credentials, auth_request> f) : x_ask(std::move(f)) {}
  asio::awaitable<result<credentials>> authenticate(auth_request request) override {
    co_return co_await x_ask(request);
  }

 private:
  asked<credentials, auth_request> x_ask;
};

class nkey_authenticator final : public authenticator {
 public:
  nkey_authenticator(std::string key, asked<std::string, std::string> signer)
      : x_key(std::move(key)), x_sign(std::move(signer)) {}
  asio::awaitable<result<credentials>> authenticate(auth_request request) override {
    const auto key = protocol::decode_public_nkey(x_key);
    if (!key) co_return key.error();
    if (key->kind != protocol::nkey_kind::user) {
      co_return error{errc::nkey_wrong_kind, "the public nkey is of kind " +
                                                 std::string{protocol::to_string(key->kind)} +
                                                 "; a user's, which starts with U, is needed"};
    }
    if (request.nonce.empty()) co_return error{errc::nonce_missing, request.server};
    const auto signature = co_await x_sign(request.nonce);
    if (!signature) co_return signature.error();
    credentials who;
    who.nkey = x_key;
    who.signature = protocol::base64url(*signature);
    co_return who;
  }

 private:
  std::string x_key;
  asked<std::string, std::string> x_sign;
};

class jwt_authenticator final : public authenticator {
 public:
  jwt_authenticator(asked<std::string> source, asked<std::string, std::string> signer)
      : x_jwt(std::move(source)), x_sign(std::move(signer)) {}
  asio::awaitable<result<credentials>> authenticate(auth_request request) override {
    auto jwt = co_await x_jwt();
    if (!jwt) co_return jwt.error();
    credentials who;
    who.jwt = std::move(*jwt);
    if (request.nonce.empty()) co_return who;
    const auto signature = co_await x_sign(request.nonce);
    if (!signature) co_return signature.error();
    who.signature = protocol::base64url(*signature);
    co_return who;
  }

 private:
  asked<std::string> x_jwt;
  asked<std::string, std::string> x_sign;
};

}  // namespace net

/// Asks `f(auth_request)` for the credentials. It returns `credentials` or `result<credentials>`, or is a coroutine of
/// one of them (`asio::awaitable<credentials>`); it runs on the connection's executor.
template <class F>
[[nodiscard]] std::shared_ptr<authenticator> authenticate_with(F f) {
  return std::make_shared<net::asking_authenticator>(net::ask_by<credentials, auth_request>(std::move(f)));
}

/// Is the user with this public nkey. `signer(std::string nonce)` gives the 64 raw bytes of the Ed25519 signature over
/// the nonce as `std::string` or `result<std::string>`, or is a coroutine of one of them.
template <class Signer>
[[nodiscard]] std::shared_ptr<authenticator> sign_with_nkey(std::string public_key, Signer signer) {
  return std::make_shared<net::nkey_authenticator>(std::move(public_key),
                                                   net::ask_by<std::string, std::string>(std::move(signer)));
}

/// Shows the user JWT that `source()` gives at each attempt, and signs as `sign_with_nkey` does with the nkey that the
/// JWT is for.
template <class Source, class Signer>
[[nodiscard]] std::shared_ptr<authenticator> show_jwt(Source source, Signer signer) {
  return std::make_shared<net::jwt_authenticator>(net::ask_by<std::string>(std::move(source)),
                                                  net::ask_by<std::string, std::string>(std::move(signer)));
}

}  // namespace innate::inline v0
