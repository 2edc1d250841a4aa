// SPDX-License-Identifier: Apache-2.0
/// Signs with nkeys, by OpenSSL.
#pragma once

#include <innate/net/openssl_handle.hpp>
#include <innate/protocol/errc.hpp>
#include <innate/protocol/error.hpp>
#include <innate/protocol/nkey.hpp>

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

namespace innate::inline v0::net {

[[nodiscard]] inline pkey_ptr ed25519_key(const protocol::nkey_seed& seed) {
  return pkey_ptr{EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, seed.key().data(), seed.key().size())};
}

[[nodiscard]] inline error ed25519_failure(std::string_view what) {
  return {errc::authenticator_failed, std::string{what}.append(" by Ed25519: ").append(openssl_reason())};
}

/// The public key that belongs to a seed.
[[nodiscard]] inline result<protocol::nkey_public> public_nkey_of(const protocol::nkey_seed& seed) {
  protocol::nkey_public made;
  made.kind = seed.kind();
  auto size = made.key.size();
  const auto key = ed25519_key(seed);
  if (!key || EVP_PKEY_get_raw_public_key(key.get(), made.key.data(), &size) != 1)
    return ed25519_failure("making a public key");
  return made;
}

/// The 64 raw bytes of the signature.
[[nodiscard]] inline result<std::string> sign(const protocol::nkey_seed& seed, std::string_view text) {
  std::array<unsigned char, 64> signature{};
  auto size = signature.size();
  const auto key = ed25519_key(seed);
  const digest_ptr digest{EVP_MD_CTX_new()};
  const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
  if (!key || !digest || EVP_DigestSignInit(digest.get(), nullptr, nullptr, nullptr, key.get()) != 1 ||
      EVP_DigestSign(digest.get(), signature.data(), &size, bytes, text.size()) != 1)
    return ed25519_failure("signing");
  return std::string{signature.begin(), signature.end()};
}

}  // namespace innate::inline v0::net
