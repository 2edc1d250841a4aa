// SPDX-License-Identifier: Apache-2.0
#include <innate/protocol/base64url.hpp>
#include <innate/protocol/nkey.hpp>
#include <innate/protocol/wipe.hpp>

#include <catch2/catch_test_macros.hpp>

#include <array>
#include <cstdint>
#include <numeric>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using innate::errc;
using namespace innate::protocol;

namespace {

std::array<std::uint8_t, 32> counting(std::uint8_t first) {
  std::array<std::uint8_t, 32> key{};
  std::iota(key.begin(), key.end(), first);
  return key;
}

std::string seed_text(nkey_kind kind = nkey_kind::user) {
  const auto key = counting(7);
  return encode_nkey(nkey_seed{kind, std::span{key}});
}

std::string public_text(nkey_kind kind = nkey_kind::user) { return encode_nkey(nkey_public{kind, counting(7)}); }

constexpr std::array kinds{nkey_kind::account,   nkey_kind::cluster, nkey_kind::server,
                           nkey_kind::operator_, nkey_kind::user,    nkey_kind::curve};

}  // namespace

TEST_CASE("base32 and base64url have the alphabets and lengths of their RFC", "[nkey]") {
  const std::vector<std::pair<std::string_view, std::string_view>> vectors{{"", ""},
                                                                           {"f", "MY"},
                                                                           {"fo", "MZXQ"},
                                                                           {"foo", "MZXW6"},
                                                                           {"foob", "MZXW6YQ"},
                                                                           {"fooba", "MZXW6YTB"},
                                                                           {"foobar", "MZXW6YTBOI"}};
  for (const auto& [plain, coded] : vectors) {
    const std::vector<std::uint8_t> bytes{plain.begin(), plain.end()};
    CHECK(base32_encode(bytes) == coded);
    std::vector<std::uint8_t> back(bytes.size());
    CHECK(base32_decode(coded, back));
    CHECK(back == bytes);
  }
  std::array<std::uint8_t, 1> one{};
  CHECK_FALSE(base32_decode("my", one));   // lower case
  CHECK_FALSE(base32_decode("M1", one));   // outside the alphabet
  CHECK_FALSE(base32_decode("MZ", one));   // stray bits
  CHECK_FALSE(base32_decode("MY=", one));  // padding
  CHECK_FALSE(base32_decode("M", one));
  CHECK(base64url("") == "");
  CHECK(base64url("f") == "Zg");
  CHECK(base64url("fo") == "Zm8");
  CHECK(base64url("foo") == "Zm9v");
  CHECK(base64url("\xfb\xff") == "-_8");
}

TEST_CASE("the checksum is CRC16 as XMODEM has it", "[nkey]") {
  const std::string_view check = "123456789";
  CHECK(nkey_parts::crc16(std::vector<std::uint8_t>{check.begin(), check.end()}) == 0x31c3);
}

TEST_CASE("what is encoded is decoded, and its letters tell the kind", "[nkey]") {
  for (const auto kind : kinds) {
    const auto text = public_text(kind);
    CHECK(text.size() == 56);
    CHECK(text.front() == static_cast<char>(kind));
    const auto decoded = decode_public_nkey(text);
    REQUIRE(decoded);
    CHECK(*decoded == nkey_public{kind, counting(7)});

    const auto secret = seed_text(kind);
    CHECK(secret.size() == 58);
    CHECK(secret.substr(0, 2) == std::string{'S', static_cast<char>(kind)});
    const auto seed = decode_nkey_seed(secret);
    REQUIRE(seed);
    CHECK(seed->kind() == kind);
    const auto key = counting(7);
    CHECK(std::equal(key.begin(), key.end(), seed->key().begin()));
  }
}

TEST_CASE("keys that other tools made are read", "[nkey]") {
  const auto seed = decode_nkey_seed("SUACSSL3UAHUDXKFSNVUZRF5UHPMWZ6BFDTJ7M6USDXIEDNPPQYYYCU3VY");
  REQUIRE(seed);
  CHECK(seed->kind() == nkey_kind::user);
  const auto key = decode_public_nkey("UDXU4RCSJNZOIQHZNWXHXORDPRTGNJAHAHFRGZNEEJCPQTT2M7NLCNF4");
  REQUIRE(key);
  CHECK(key->kind == nkey_kind::user);
}

TEST_CASE("a damaged, cut or foreign key says which check it failed and nothing of itself", "[nkey]") {
  const auto seed = seed_text();
  const auto key = public_text();
  const auto refused = [](std::string_view text, errc code) {
    const auto s = decode_nkey_seed(text, "the test seed");
    REQUIRE_FALSE(s);
    CHECK(s.error().code == code);
    CHECK(s.error().detail.starts_with("the test seed "));
    if (text.size() > 4) CHECK(s.error().detail.find(text.substr(0, 5)) == std::string::npos);
  };
  for (std::size_t i = 0; i != seed.size(); ++i) {  // every single damage is noticed
    auto bad = seed;
    bad[i] = bad[i] == 'A' ? 'B' : 'A';
    const auto read = decode_nkey_seed(bad);
    CHECK_FALSE(read);
    auto bad_key = key;
    if (i < key.size()) {
      bad_key[i] = bad_key[i] == 'A' ? 'B' : 'A';
      CHECK_FALSE(decode_public_nkey(bad_key));
    }
    refused(std::string_view{seed}.substr(0, i), errc::invalid_nkey);
    CHECK_FALSE(decode_public_nkey(std::string_view{key}.substr(0, std::min(i, key.size() - 1))));
  }
  auto bad = seed;
  bad[20] = bad[20] == 'C' ? 'D' : 'C';
  refused(bad, errc::nkey_checksum);
  refused(seed + "A", errc::invalid_nkey);
  refused(std::string(58, '!'), errc::invalid_nkey);
  refused("", errc::invalid_nkey);
  refused(key, errc::invalid_nkey);
  const auto mistaken = decode_public_nkey(seed);
  REQUIRE_FALSE(mistaken);
  CHECK(mistaken.error().code == errc::invalid_nkey);
  CHECK(mistaken.error().detail.find("is a seed") != std::string::npos);
}

TEST_CASE("whole keys with a prefix that does not exist are refused", "[nkey]") {
  nkey_parts::seed_bytes bytes;
  for (unsigned prefix = 0; prefix != 0x10000; prefix += 8) {
    bytes.raw[0] = static_cast<std::uint8_t>(prefix >> 8);
    bytes.raw[1] = static_cast<std::uint8_t>(prefix);
    nkey_parts::put_checksum(bytes.raw);
    const auto text = base32_encode(bytes.raw);
    bool known = false;
    for (const auto kind : kinds)
      known |= text.starts_with(std::string{'S', static_cast<char>(kind)}) && (bytes.raw[1] & 0x3f) == 0;
    CHECK(static_cast<bool>(decode_nkey_seed(text)) == known);
  }
}

TEST_CASE("secrets are overwritten where they lay", "[nkey]") {
  auto key = counting(1);
  nkey_seed seed{nkey_kind::user, std::span{key}};
  const auto* where = seed.key().data();
  const nkey_seed moved{std::move(seed)};
  CHECK(std::accumulate(where, where + 32, 0) == 0);
  CHECK(moved.key()[0] == 1);

  std::string text = "a secret that is too long for the string object itself";
  const char* bytes = text.data();
  wipe(text);
  CHECK(text.empty());
  CHECK(std::string_view{bytes, 8} == std::string_view{"\0\0\0\0\0\0\0\0", 8});

  secret_string grown{"short"};
  for (int i = 0; i != 100; ++i) grown.append("0123456789", 10);
  CHECK(grown.text().size() == 1005);
  CHECK(grown.text().starts_with("short0123"));
  secret_string taken{std::move(grown)};
  CHECK(taken.text().size() == 1005);
  CHECK(grown.text().empty());
}
