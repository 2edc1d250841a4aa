// SPDX-License-Identifier: Apache-2.0
/// Credentials files and nkeys: what is read is whole, and encoded again it is read the same; a refusal shows nothing
/// of the input; a creds file made of what was read gives it back.
#include "fuzz.hpp"

#include <innate/protocol/base32.hpp>
#include <innate/protocol/base64url.hpp>
#include <innate/protocol/creds.hpp>
#include <innate/protocol/nkey.hpp>

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace {

namespace protocol = innate::protocol;
using fuzz::expect;

bool same(const protocol::nkey_seed& a, const protocol::nkey_seed& b) {
  return a.kind() == b.kind() && std::ranges::equal(a.key(), b.key());
}

template <class T>
void refusal(const innate::result<T>& r, std::string_view input) {
  expect(bool{r.error().code} && !r.error().detail.empty(), "a refusal has a code and a reason");
  // Pieces of eight bytes that could be a part of a seed.
  constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  for (std::size_t at = 0; at + 8 <= input.size(); ++at) {
    const auto piece = input.substr(at, 8);
    if (piece.find_first_not_of(alphabet) != piece.npos) continue;
    expect(r.error().message().find(piece) == std::string::npos, "a refusal shows nothing of a seed");
  }
}

void keys(std::string_view input) {
  const auto key = protocol::decode_public_nkey(input);
  if (key)
    expect(protocol::encode_nkey(*key) == input, "a public key is written as it was");
  else
    refusal(key, input);
  const auto seed = protocol::decode_nkey_seed(input);
  if (!seed) return refusal(seed, input);
  const auto again = protocol::decode_nkey_seed(protocol::encode_nkey(*seed));
  expect(again && same(*again, *seed), "a seed is read as it was");
}

void files(std::string_view input) {
  const auto seed = protocol::parse_user_seed(input);
  if (seed)
    expect(seed->kind() == protocol::nkey_kind::user, "only a user's seed is one");
  else
    refusal(seed, input);
  const auto creds = protocol::parse_creds(input);
  if (!creds) return refusal(creds, input);
  expect(protocol::creds_parts::looks_like_jwt(creds->jwt), "the JWT looks like one");
  expect(seed && same(creds->seed, *seed), "the seed is the one of the file");
  const auto file = "-----BEGIN NATS USER JWT-----\n" + creds->jwt + "\n------END NATS USER JWT------\n\n" +
                    "-----BEGIN USER NKEY SEED-----\n" + protocol::encode_nkey(creds->seed) +
                    "\n------END USER NKEY SEED------\n";
  const auto again = protocol::parse_creds(file);
  expect(again && again->jwt == creds->jwt && same(again->seed, creds->seed), "a file made of them gives them back");
}

/// Any 32 bytes make a seed, and one changed character unmakes it.
void made(std::string_view input) {
  std::array<std::uint8_t, protocol::nkey_parts::key_size> bytes{};
  std::copy_n(input.begin(), std::min(input.size(), bytes.size()), bytes.begin());
  const protocol::nkey_seed seed{protocol::nkey_kind::user, bytes};
  auto text = protocol::encode_nkey(seed);
  const auto read = protocol::decode_user_seed(text, "it");
  expect(read && same(*read, seed), "a seed that was made is read as it is");
  const auto at = (input.empty() ? 0U : static_cast<unsigned char>(input.back())) % text.size();
  text[at] = text[at] == 'A' ? 'B' : 'A';
  expect(!protocol::decode_user_seed(text, "it"), "a changed seed is refused");
}

void texts(std::string_view input) {
  std::vector<std::uint8_t> bytes(input.begin(), input.end());
  const auto text = protocol::base32_encode(bytes);
  expect(text.size() == protocol::base32_size(bytes.size()), "base32 is as long as it says");
  std::vector<std::uint8_t> decoded(bytes.size());
  expect(protocol::base32_decode(text, decoded) && decoded == bytes, "base32 gives back what was encoded");
  std::vector<std::uint8_t> out(input.size() * 5 / 8);
  if (protocol::base32_decode(input, out))
    expect(protocol::base32_encode(out) == input, "only one text says these bytes");
  const auto url = protocol::base64url(input);
  expect(url.size() == (input.size() * 4 + 2) / 3, "base64 has no padding");
  expect(url.find_first_of("+/=") == url.npos, "base64 is that of URLs");
}

}  // namespace

void fuzz::run(std::string_view input) {
  keys(input);
  files(input);
  made(input);
  texts(input);
}
