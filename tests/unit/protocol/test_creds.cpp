// SPDX-License-Identifier: Apache-2.0
#include <innate/protocol/creds.hpp>

#include <catch2/catch_test_macros.hpp>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using innate::errc;
using namespace innate::protocol;

namespace {

const std::string jwt = "eyJ0.eyJq.c2ln-_";

std::string seed_text(nkey_kind kind = nkey_kind::user) {
  std::array<std::uint8_t, 32> key{};
  key[5] = 42;
  return encode_nkey(nkey_seed{kind, std::span{key}});
}

std::string jwt_block(const std::string& content = jwt) {
  return "-----BEGIN NATS USER JWT-----\n" + content + "\n------END NATS USER JWT------\n";
}
std::string seed_block(const std::string& content = seed_text()) {
  return "-----BEGIN USER NKEY SEED-----\n" + content + "\n------END USER NKEY SEED------\n";
}

void replace(std::string& text, std::string_view from, std::string_view to) {
  for (auto at = text.find(from); at != text.npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
}

}  // namespace

TEST_CASE("creds are read whatever stands around the blocks", "[creds]") {
  const auto plain = jwt_block() + "\n************* IMPORTANT *************\nkeep it secret\n\n" + seed_block();
  auto windows = plain;
  replace(windows, "\n", "\r\n");
  auto spaced = plain;
  replace(spaced, "\n", "  \n\n\t");
  auto cut = plain;
  cut.pop_back();  // no line end at the end
  for (const auto& text : {plain, windows, spaced, cut, seed_block() + jwt_block(), "\xef\xbb\xbf# mine\n" + plain}) {
    const auto read = parse_creds(text);
    REQUIRE(read);
    CHECK(read->jwt == jwt);
    CHECK(read->seed.kind() == nkey_kind::user);
    CHECK(read->seed.key()[5] == 42);
  }
}

TEST_CASE("what is wrong with creds is told by name, and nothing of the secrets", "[creds]") {
  struct bad {
    std::string text;
    errc code;
    std::string_view says;
  };
  auto damaged = seed_text();
  damaged[30] = damaged[30] == 'A' ? 'B' : 'A';
  const auto seed = seed_text();
  const std::vector<bad> all{
      {"", errc::invalid_creds, "has no JWT block"},
      {jwt, errc::invalid_creds, "has no JWT block"},
      {seed_block(), errc::invalid_creds, "has no JWT block"},
      {jwt_block(), errc::invalid_creds, "has no SEED block"},
      {"-----BEGIN NATS USER JWT-----\n" + jwt + "\n", errc::invalid_creds, "has no END line after its JWT block"},
      {"-----BEGIN NATS USER JWT-----\n" + jwt + "\n" + seed_block(), errc::invalid_creds, "no END line after its JWT"},
      {jwt_block() + "-----BEGIN USER NKEY SEED-----\n" + seed, errc::invalid_creds, "no END line after its SEED"},
      {jwt_block("") + seed_block(), errc::invalid_creds, "nothing in its JWT block"},
      {jwt_block() + seed_block(" "), errc::invalid_creds, "nothing in its SEED block"},
      {jwt_block(jwt + "\n" + jwt) + seed_block(), errc::invalid_creds, "more than one line in its JWT"},
      {jwt_block("not a jwt") + seed_block(), errc::invalid_creds, "no JWT in its JWT block"},
      {jwt_block("a..c") + seed_block(), errc::invalid_creds, "no JWT in its JWT block"},
      {jwt_block("a.b.") + seed_block(), errc::invalid_creds, "no JWT in its JWT block"},
      {jwt_block("a.b.c\"}") + seed_block(), errc::invalid_creds, "no JWT in its JWT block"},
      {jwt_block() + seed_block(damaged), errc::nkey_checksum, "the seed of creds file 'x' has a checksum"},
      {jwt_block() + seed_block(seed.substr(0, 40)), errc::invalid_nkey, "the seed of creds file 'x' is not 58"},
      {jwt_block() + seed_block(seed_text(nkey_kind::account)), errc::nkey_wrong_kind, "is of kind account"},
  };
  for (const auto& b : all) {
    CAPTURE(b.says);
    const auto read = parse_creds(b.text, "creds file 'x'");
    REQUIRE_FALSE(read);
    CAPTURE(read.error().detail);
    CHECK(read.error().code == b.code);
    CHECK(read.error().detail.find(b.says) != std::string::npos);
    CHECK(read.error().detail.find("creds file 'x'") != std::string::npos);
    CHECK(read.error().detail.find(seed.substr(10, 8)) == std::string::npos);
    CHECK(read.error().detail.find(damaged.substr(20, 12)) == std::string::npos);
  }
}

TEST_CASE("a file cut off anywhere is an error or whole", "[creds]") {
  const auto text = jwt_block() + seed_block();
  for (std::size_t size = 0; size != text.size(); ++size) {
    const auto read = parse_creds(std::string_view{text}.substr(0, size));
    if (read) {
      CHECK(read->jwt == jwt);
      CHECK(size + 4 >= text.size());  // only dashes of the last line are missing
    }
  }
}

TEST_CASE("a seed file is a line or a block", "[creds]") {
  const auto seed = seed_text();
  for (const auto& text :
       {seed, seed + "\n", "# user joe\n\n  " + seed + "\r\n# end", seed_block(), jwt_block() + seed_block()})
    CHECK(parse_user_seed(text));
  CHECK(parse_user_seed("").error().code == errc::invalid_nkey);
  CHECK(parse_user_seed("# nothing").error().code == errc::invalid_nkey);
  CHECK(parse_user_seed(jwt_block()).error().code == errc::invalid_creds);
  CHECK(parse_user_seed(seed_text(nkey_kind::operator_)).error().code == errc::nkey_wrong_kind);
}
