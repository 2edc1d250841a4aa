// SPDX-License-Identifier: Apache-2.0
/// nkeys, and the JWTs that operators and accounts sign with them, made on the spot.
#pragma once

#include <innate/net/ed25519.hpp>
#include <innate/protocol/base64url.hpp>
#include <innate/protocol/nkey.hpp>

#include <openssl/rand.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace test {

/// A random key pair.
class key_pair {
 public:
  explicit key_pair(innate::protocol::nkey_kind kind) : x_seed(make(kind)) {}

  [[nodiscard]] std::string seed() const { return innate::protocol::encode_nkey(x_seed); }
  [[nodiscard]] std::string public_key() const {
    return innate::protocol::encode_nkey(*innate::net::public_nkey_of(x_seed));
  }
  [[nodiscard]] std::string sign(std::string_view text) const { return *innate::net::sign(x_seed, text); }

 private:
  static innate::protocol::nkey_seed make(innate::protocol::nkey_kind kind) {
    std::array<std::uint8_t, 32> bytes{};
    RAND_bytes(bytes.data(), 32);
    return {kind, std::span{bytes}};
  }

  innate::protocol::nkey_seed x_seed;
};

[[nodiscard]] inline long long unix_now() {
  using namespace std::chrono;
  return duration_cast<seconds>(system_clock::now().time_since_epoch()).count();
}

/// `nats` is the JSON object of what the JWT grants; `expires` in Unix seconds, 0: never.
[[nodiscard]] inline std::string make_jwt(const key_pair& issuer, const std::string& subject, const std::string& nats,
                                          long long expires = 0) {
  const std::string header = R"({"typ":"JWT","alg":"ed25519-nkey"})";
  std::string claims = R"({"jti":"TEST","iat":)" + std::to_string(unix_now() - 60);
  if (expires != 0) claims += ",\"exp\":" + std::to_string(expires);
  claims += R"(,"iss":")" + issuer.public_key() + R"(","name":"test","sub":")" + subject + R"(","nats":)" + nats + "}";
  const auto text = innate::protocol::base64url(header) + "." + innate::protocol::base64url(claims);
  return text + "." + innate::protocol::base64url(issuer.sign(text));
}

/// One operator with one account, as a server's configuration, and the users of that account.
class nats_operator {
 public:
  [[nodiscard]] std::string config(const std::string& more_of_account = {}) const {
    const auto by_account =
        make_jwt(x_operator, x_account.public_key(),
                 R"({"limits":{"subs":-1,"data":-1,"payload":-1,"imports":-1,"exports":-1,"wildcards":true,)"
                 R"("conn":-1,"leaf":-1},"default_permissions":{"pub":{},"sub":{}},)" +
                     more_of_account + R"("type":"account","version":2})");
    return "operator: " + x_by_itself + "\nresolver: MEMORY\nresolver_preload: { " + x_account.public_key() + ": " +
           by_account + " }\n";
  }

  [[nodiscard]] std::string user_jwt(const key_pair& user, long long expires = 0, bool bearer = false) const {
    return make_jwt(x_account, user.public_key(),
                    std::string{R"({"pub":{},"sub":{},"subs":-1,"data":-1,"payload":-1,)"} +
                        (bearer ? R"("bearer_token":true,)" : "") + R"("type":"user","version":2})",
                    expires);
  }

  [[nodiscard]] static std::string creds(const std::string& jwt, const std::string& seed) {
    return "-----BEGIN NATS USER JWT-----\n" + jwt + "\n------END NATS USER JWT------\n\n" +
           "-----BEGIN USER NKEY SEED-----\n" + seed + "\n------END USER NKEY SEED------\n";
  }
  [[nodiscard]] std::string creds(const key_pair& user, long long expires = 0) const {
    return creds(user_jwt(user, expires), user.seed());
  }

 private:
  key_pair x_operator{innate::protocol::nkey_kind::operator_};
  key_pair x_account{innate::protocol::nkey_kind::account};
  // Signed once: a server refuses to reload a configuration whose operator has changed, be it by a second.
  const std::string x_by_itself = make_jwt(x_operator, x_operator.public_key(), R"({"type":"operator","version":2})");
};

}  // namespace test
