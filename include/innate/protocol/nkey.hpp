// SPDX-License-Identifier: Apache-2.0
/// nkeys, NATS's spelling of Ed25519 keys: what a seed or a public key says, and whether it is whole.
///
/// Text is base32 over prefix, 32 key bytes and a CRC16 of both. A public key has one prefix byte, whose letter opens
/// the text (`U…` a user, `A…` an account); a seed has two, `S` and that letter (`SU…`). Nothing here signs.
#pragma once

#include <innate/protocol/base32.hpp>
#include <innate/protocol/errc.hpp>
#include <innate/protocol/error.hpp>
#include <innate/protocol/wipe.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace innate::inline v0::protocol {

/// Whose key it is; the value is the letter in the text.
enum class nkey_kind : char {
  account = 'A',
  cluster = 'C',
  server = 'N',
  operator_ = 'O',
  user = 'U',
  curve = 'X',
};

[[nodiscard]] constexpr std::string_view to_string(nkey_kind kind) noexcept {
  switch (kind) {
  case nkey_kind::account: return "account";
  case nkey_kind::cluster: return "cluster";
  case nkey_kind::server: return "server";
  case nkey_kind::operator_: return "operator";
  case nkey_kind::user: return "user";
  case nkey_kind::curve: return "curve";
  }
  return "unknown";
}

namespace nkey_parts {

inline constexpr std::size_t key_size = 32;
inline constexpr std::size_t crc_size = 2;
inline constexpr std::uint8_t seed_prefix = ('S' - 'A') << 3;

/// CRC16 as XMODEM has it.
[[nodiscard]] constexpr std::uint16_t crc16(std::span<const std::uint8_t> bytes) noexcept {
  unsigned crc = 0;
  for (const std::uint8_t byte : bytes) {
    crc ^= static_cast<unsigned>(byte) << 8;
    for (int bit = 0; bit != 8; ++bit) crc = (crc & 0x8000) != 0 ? (crc << 1) ^ 0x1021 : crc << 1;
  }
  return static_cast<std::uint16_t>(crc);
}

/// The bits that an encoded prefix byte has for this kind.
[[nodiscard]] constexpr std::uint8_t prefix_of(nkey_kind kind) noexcept {
  return static_cast<std::uint8_t>((static_cast<char>(kind) - 'A') << 3);
}

[[nodiscard]] constexpr std::optional<nkey_kind> kind_of(std::uint8_t prefix) noexcept {
  for (const nkey_kind kind : {nkey_kind::account, nkey_kind::cluster, nkey_kind::server, nkey_kind::operator_,
                               nkey_kind::user, nkey_kind::curve})
    if (prefix_of(kind) == prefix) return kind;
  return std::nullopt;
}

/// The last two bytes hold the checksum of those before, low byte first.
[[nodiscard]] constexpr bool checksum_holds(std::span<const std::uint8_t> raw) noexcept {
  const auto crc = crc16(raw.first(raw.size() - crc_size));
  return raw[raw.size() - 2] == (crc & 0xff) && raw[raw.size() - 1] == crc >> 8;
}
constexpr void put_checksum(std::span<std::uint8_t> raw) noexcept {
  const auto crc = crc16(raw.first(raw.size() - crc_size));
  raw[raw.size() - 2] = static_cast<std::uint8_t>(crc & 0xff);
  raw[raw.size() - 1] = static_cast<std::uint8_t>(crc >> 8);
}

using public_bytes = std::array<std::uint8_t, 1 + key_size + crc_size>;

/// The bytes of a seed's text; wiped at the end.
struct seed_bytes {
  seed_bytes() noexcept {}
  seed_bytes(const seed_bytes&) = delete;
  seed_bytes& operator=(const seed_bytes&) = delete;
  ~seed_bytes() { wipe(raw.data(), raw.size()); }
  std::array<std::uint8_t, 2 + key_size + crc_size> raw{};
};

}  // namespace nkey_parts

/// A public key: who somebody says to be.
struct nkey_public {
  nkey_kind kind = nkey_kind::user;
  std::array<std::uint8_t, nkey_parts::key_size> key{};

  friend bool operator==(const nkey_public&, const nkey_public&) = default;
};

/// A private key. Move-only, and overwritten in memory when it ends or is moved from.
class nkey_seed {
 public:
  nkey_seed(nkey_kind kind, std::span<const std::uint8_t, nkey_parts::key_size> key) noexcept : x_kind(kind) {
    std::copy(key.begin(), key.end(), x_key.begin());
  }
  nkey_seed(nkey_seed&& other) noexcept : x_kind(other.x_kind), x_key(other.x_key) { other.forget(); }
  nkey_seed& operator=(nkey_seed&& other) noexcept {
    if (this == &other) return *this;
    x_kind = other.x_kind;
    x_key = other.x_key;
    other.forget();
    return *this;
  }
  ~nkey_seed() { forget(); }

  [[nodiscard]] nkey_kind kind() const noexcept { return x_kind; }
  [[nodiscard]] std::span<const std::uint8_t, nkey_parts::key_size> key() const noexcept { return x_key; }

 private:
  void forget() noexcept { wipe(x_key.data(), x_key.size()); }

  nkey_kind x_kind;
  std::array<std::uint8_t, nkey_parts::key_size> x_key;
};

/// Fails with `invalid_nkey` (length, alphabet, prefix) or `nkey_checksum`; the detail says what `name` calls the key
/// and which check failed.
[[nodiscard]] inline result<nkey_public> decode_public_nkey(std::string_view text,
                                                            std::string_view name = "the public nkey") {
  const auto refuse = [name](errc code, std::string_view why) { return error{code, std::string{name}.append(why)}; };
  nkey_parts::public_bytes raw{};
  if (text.starts_with('S')) return refuse(errc::invalid_nkey, " is a seed; a public key is needed, and never a seed");
  if (!base32_decode(text, raw)) return refuse(errc::invalid_nkey, " is not 56 characters of A-Z and 2-7");
  if (!nkey_parts::checksum_holds(raw)) return refuse(errc::nkey_checksum, " has a checksum that does not fit");
  const auto kind = nkey_parts::kind_of(raw[0]);
  if (!kind) return refuse(errc::invalid_nkey, " has a first letter that no public key has");
  nkey_public decoded;
  decoded.kind = *kind;
  std::copy_n(raw.begin() + 1, decoded.key.size(), decoded.key.begin());
  return decoded;
}

[[nodiscard]] inline std::string encode_nkey(const nkey_public& key) {
  nkey_parts::public_bytes raw{};
  raw[0] = nkey_parts::prefix_of(key.kind);
  std::copy(key.key.begin(), key.key.end(), raw.begin() + 1);
  nkey_parts::put_checksum(raw);
  return base32_encode(raw);
}

/// Fails as `decode_public_nkey`; the detail holds nothing of the seed.
[[nodiscard]] inline result<nkey_seed> decode_nkey_seed(std::string_view text,
                                                        std::string_view name = "the nkey seed") {
  const auto refuse = [name](errc code, std::string_view why) { return error{code, std::string{name}.append(why)}; };
  nkey_parts::seed_bytes bytes;
  auto& raw = bytes.raw;
  if (!base32_decode(text, raw)) return refuse(errc::invalid_nkey, " is not 58 characters of A-Z and 2-7");
  if (!nkey_parts::checksum_holds(raw)) return refuse(errc::nkey_checksum, " has a checksum that does not fit");
  // The kind's five bits stand across both bytes; the low three of the second one mean nothing.
  const auto kind = nkey_parts::kind_of(static_cast<std::uint8_t>((raw[0] & 7) << 5 | raw[1] >> 3));
  if ((raw[0] & 0xf8) != nkey_parts::seed_prefix) return refuse(errc::invalid_nkey, " does not start with S");
  if (!kind) return refuse(errc::invalid_nkey, " has a second letter that no seed has");
  return nkey_seed{*kind, std::span{raw}.subspan<2, nkey_parts::key_size>()};
}

/// The caller looks after the text.
[[nodiscard]] inline std::string encode_nkey(const nkey_seed& seed) {
  nkey_parts::seed_bytes bytes;
  const auto prefix = nkey_parts::prefix_of(seed.kind());
  bytes.raw[0] = static_cast<std::uint8_t>(nkey_parts::seed_prefix | prefix >> 5);
  bytes.raw[1] = static_cast<std::uint8_t>((prefix & 31) << 3);
  std::copy(seed.key().begin(), seed.key().end(), bytes.raw.begin() + 2);
  nkey_parts::put_checksum(bytes.raw);
  return base32_encode(bytes.raw);
}

}  // namespace innate::inline v0::protocol
