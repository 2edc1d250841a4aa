// SPDX-License-Identifier: Apache-2.0
#include <innate/protocol/encoder.hpp>
#include <innate/protocol/parser.hpp>

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using innate::errc;
namespace protocol = innate::protocol;
using protocol::op_kind;
using protocol::parse_result;
using protocol::parser;
using role = protocol::parser::role;

namespace {

/// Everything that an op says, in one comparable line.
std::string show(const protocol::op& o) {
  std::string s{protocol::to_string(o.kind)};
  for (const auto part : {o.subject, o.reply, o.queue, o.header, o.payload, o.text}) s.append("|").append(part);
  return s.append("|").append(std::to_string(o.sid)).append("|").append(std::to_string(o.max));
}

/// Feeds `bytes` in pieces of the given sizes (the last one takes the rest), from a buffer that moves at every call.
std::vector<std::string> feed(role side, std::string_view bytes, std::vector<std::size_t> pieces,
                              protocol::limits bounds = {}) {
  parser p{side, bounds};
  std::vector<std::string> ops;
  std::string unconsumed;
  std::size_t at = 0;
  for (std::size_t i = 0; at < bytes.size(); ++i) {
    const auto size = i < pieces.size() ? std::min(pieces[i], bytes.size() - at) : bytes.size() - at;
    unconsumed.append(bytes.substr(at, size));
    at += size;
    while (true) {
      std::vector<char> moved(unconsumed.begin(), unconsumed.end());  // exactly as long: reading past it is seen
      const auto r = p.parse(moved);
      if (r.kind == parse_result::kind_type::need) {
        CHECK(r.need > moved.size());
        break;
      }
      if (r.kind == parse_result::kind_type::error) {
        ops.push_back("error " + make_error_code(r.error).message());
        return ops;
      }
      ops.push_back(show(r.value));
      unconsumed.erase(0, r.consumed);
      if (unconsumed.empty()) break;
    }
  }
  return ops;
}

struct entry {
  role side;
  std::string bytes;
  std::vector<std::string> ops;
};

const std::vector<entry>& corpus() {
  static const std::vector<entry> all{
      {role::client, "PING\r\n", {"PING|||||||0|0"}},
      {role::client, "pong\r\n", {"PONG|||||||0|0"}},
      {role::client, "+OK\r\n+ok\r\n", {"+OK|||||||0|0", "+OK|||||||0|0"}},
      {role::client, "PING\nPONG\n", {"PING|||||||0|0", "PONG|||||||0|0"}},
      {role::client, "-ERR 'Stale Connection'\r\n", {"-ERR||||||Stale Connection|0|0"}},
      {role::client, "-ERR no quotes\r\n", {"-ERR||||||no quotes|0|0"}},
      {role::client, "INFO {\"a\":1}\r\n", {"INFO||||||{\"a\":1}|0|0"}},
      {role::client, "MSG foo 9 5\r\nhello\r\n", {"MSG|foo||||hello||9|0"}},
      {role::client, "MSG foo 9 in.box 0\r\n\r\n", {"MSG|foo|in.box|||||9|0"}},
      {role::client, "MSG  foo \t 9   5  \r\nhello\r\n", {"MSG|foo||||hello||9|0"}},
      {role::client, "msg foo 9 5\r\nhello\r\n", {"MSG|foo||||hello||9|0"}},
      {role::client, "MSG\tfoo\t9\t5\r\nhello\r\n", {"MSG|foo||||hello||9|0"}},
      {role::client, "MSG a 1 4\r\n\r\n\r\n\r\n", {"MSG|a||||\r\n\r\n||1|0"}},
      {role::client, "MSG a 18446744073709551615 1\r\nx\r\n", {"MSG|a||||x||18446744073709551615|0"}},
      {role::client, "HMSG foo 9 12 17\r\nNATS/1.0\r\n\r\nhello\r\n", {"HMSG|foo|||NATS/1.0\r\n\r\n|hello||9|0"}},
      {role::client, "HMSG foo 9 r 16 16\r\nNATS/1.0 503\r\n\r\n\r\n", {"HMSG|foo|r||NATS/1.0 503\r\n\r\n|||9|0"}},
      {role::client,
       "MSG a 1 1\r\nx\r\nPING\r\nMSG b 2 1\r\ny\r\n",
       {"MSG|a||||x||1|0", "PING|||||||0|0", "MSG|b||||y||2|0"}},
      {role::server, "CONNECT {}\r\nPING\r\n", {"CONNECT||||||{}|0|0", "PING|||||||0|0"}},
      {role::server, "PUB a 2\r\nhi\r\n", {"PUB|a||||hi||0|0"}},
      {role::server, "PUB a r 2\r\nhi\r\n", {"PUB|a|r|||hi||0|0"}},
      {role::server, "HPUB a r 12 14\r\nNATS/1.0\r\n\r\nhi\r\n", {"HPUB|a|r||NATS/1.0\r\n\r\n|hi||0|0"}},
      {role::server, "SUB a.* 7\r\nSUB a q 8\r\n", {"SUB|a.*||||||7|0", "SUB|a||q||||8|0"}},
      {role::server, "UNSUB 7\r\nUNSUB 8 5\r\n", {"UNSUB|||||||7|0", "UNSUB|||||||8|5"}},
      {role::client, "XYZ\r\n", {"error " + make_error_code(errc::protocol_error).message()}},
      {role::client, "PIN\r\n", {"error " + make_error_code(errc::protocol_error).message()}},
      {role::client, "PUB a 2\r\nhi\r\n", {"error " + make_error_code(errc::protocol_error).message()}},
      {role::server, "MSG a 1 2\r\nhi\r\n", {"error " + make_error_code(errc::protocol_error).message()}},
      {role::client, "MSG a 1\r\n", {"error " + make_error_code(errc::protocol_error).message()}},
      {role::client, "MSG a b c d e f 1\r\n", {"error " + make_error_code(errc::protocol_error).message()}},
      {role::client, "MSG a 1 2\r\nhiXX", {"error " + make_error_code(errc::protocol_error).message()}},
      {role::client, "MSG  1 2\r\nhi\r\n", {"error " + make_error_code(errc::protocol_error).message()}},
      {role::client, "MSG a x 2\r\nhi\r\n", {"error " + make_error_code(errc::protocol_error).message()}},
      {role::client, "MSG a 1 r s 2\r\nhi\r\n", {"error " + make_error_code(errc::protocol_error).message()}},
      {role::client, "MSG a 1 2\rhi\r\n", {"error " + make_error_code(errc::inbound_size_invalid).message()}},
      {role::client, "HMSG a 1 2\r\nhi\r\n", {"error " + make_error_code(errc::protocol_error).message()}},
      {role::client, "HMSG a 1 x 2\r\nhi\r\n", {"error " + make_error_code(errc::inbound_size_invalid).message()}},
      {role::client, "MSG a 1 -1\r\n", {"error " + make_error_code(errc::inbound_size_invalid).message()}},
      {role::client, "MSG a 1 5x\r\n", {"error " + make_error_code(errc::inbound_size_invalid).message()}},
      {role::client,
       "MSG a 1 18446744073709551616\r\n",
       {"error " + make_error_code(errc::inbound_size_invalid).message()}},
      {role::client, "HMSG a 1 9 5\r\n", {"error " + make_error_code(errc::inbound_size_invalid).message()}},
      {role::client, "MSG a 1 67108865\r\n", {"error " + make_error_code(errc::inbound_payload_too_large).message()}},
  };
  return all;
}

}  // namespace

TEST_CASE("every corpus entry gives its ops when fed whole", "[parser]") {
  for (const auto& e : corpus()) CHECK(feed(e.side, e.bytes, {}) == e.ops);
}

TEST_CASE("ParserSplitMsg: the same ops at every split position", "[parser]") {
  for (const auto& e : corpus())
    for (std::size_t split = 1; split < e.bytes.size(); ++split) CHECK(feed(e.side, e.bytes, {split}) == e.ops);
}

TEST_CASE("the same ops in three pieces, at every pair of splits", "[parser]") {
  for (const auto& e : corpus())
    for (std::size_t one = 1; one < e.bytes.size(); ++one)
      for (std::size_t two = 1; one + two < e.bytes.size(); ++two)
        if (feed(e.side, e.bytes, {one, two}) != e.ops) FAIL(e.bytes << " at " << one << " and " << two);
}

TEST_CASE("the same ops byte by byte", "[parser]") {
  for (const auto& e : corpus()) CHECK(feed(e.side, e.bytes, std::vector<std::size_t>(e.bytes.size(), 1)) == e.ops);
}

TEST_CASE("INFO may be far longer than other lines, but not endless", "[parser]") {
  const std::string json = "{\"connect_urls\":[\"" + std::string(200'000, 'a') + "\"]}";
  CHECK(feed(role::client, protocol::info_line(json), {1000}).front().find(json) != std::string::npos);
  const auto refused = "error " + make_error_code(errc::inbound_line_too_long).message();
  CHECK(feed(role::client, "INFO " + std::string(2 << 20, 'x'), {}) == std::vector{refused});
  CHECK(feed(role::client, "MSG " + std::string(70'000, 'x'), {}) == std::vector{refused});
  CHECK(feed(role::client, "MSG " + std::string(70'000, 'x') + " 1 0\r\n\r\n", {}) == std::vector{refused});
}

TEST_CASE("a line is as long as its limit allows, and the limit is checked first, whole and in pieces", "[parser]") {
  protocol::limits bounds;
  bounds.control_line = 20;
  const auto refused = "error " + make_error_code(errc::inbound_line_too_long).message();
  const auto alike = [&](const std::string& bytes, const std::string& expected) {
    CHECK(feed(role::client, bytes, {}, bounds) == std::vector{expected});
    CHECK(feed(role::client, bytes, std::vector<std::size_t>(bytes.size(), 1), bounds) == std::vector{expected});
  };
  alike("-ERR '1234567890123'\r\n", "-ERR||||||1234567890123|0|0");
  alike("-ERR '12345678901234'\r\n", refused);
  alike("MSG a234567890 1 100\r\n" + std::string(100, 'x') + "\r\n",
        "MSG|a234567890||||" + std::string(100, 'x') + "||1|0");
  alike("MSG a2345678901 1 100\r\n", refused);
  alike("MSG too many words for it\r\n", refused);
}

TEST_CASE("what follows PING, PONG and +OK is no text of theirs", "[parser]") {
  CHECK(feed(role::client, "PING a\r\nPONG \t\r\n+OK b c\r\n", {}) ==
        std::vector<std::string>{"PING|||||||0|0", "PONG|||||||0|0", "+OK|||||||0|0"});
}

TEST_CASE("garbage is refused after its first bytes, without waiting for a line end", "[parser]") {
  CHECK(feed(role::client, "Z", {}).size() == 1);
  CHECK(feed(role::client, "HTTP", {}).size() == 1);
  CHECK(feed(role::client, std::string(1, '\0'), {}).size() == 1);
}

TEST_CASE("a known frame asks for exactly what it lacks", "[parser]") {
  parser p{role::client};
  const std::string part = "MSG a 1 1000\r\nabc";
  const auto r = p.parse(part);
  CHECK(r.kind == parse_result::kind_type::need);
  CHECK(r.need == 14 + 1000 + 2);
}

TEST_CASE("a limit counts for a message that is there whole", "[parser]") {
  const protocol::limits narrow{.info_line = 100, .control_line = 20, .payload = 10};
  CHECK(feed(role::client, "MSG a 12345 10\r\n0123456789\r\n", {}, narrow).front() == "MSG|a||||0123456789||12345|0");
  CHECK(feed(role::client, "MSG a 1 11\r\n0123456789x\r\n", {}, narrow).front() ==
        "error " + make_error_code(errc::inbound_payload_too_large).message());
  CHECK(feed(role::client, "MSG abcdefghijklm 1 0\r\n\r\n", {}, narrow).front() ==
        "error " + make_error_code(errc::inbound_line_too_long).message());
}

TEST_CASE("word ends are found the same way with and without the machine's help", "[parser]") {
  namespace ends = protocol::word_ends;
  std::array<char, ends::block> bytes{};
  for (std::size_t i = 0; i != bytes.size(); ++i) {
    for (int byte = 0; byte != 256; ++byte) {
      bytes.fill('x');
      bytes[i] = static_cast<char>(byte);
      const auto expected = byte <= ' ' ? std::uint32_t{1} << i : 0;
      REQUIRE(ends::find(bytes.data()) == expected);
      REQUIRE(ends::find_portably(bytes.data()) == expected);
    }
  }
  bytes.fill(' ');
  CHECK(ends::find_portably(bytes.data()) == 0xffffffff);
  const std::string line = "0123456789 0123456789 0123456789 0123456789 ";
  for (std::size_t size = 1; size <= line.size(); ++size) {
    for (std::size_t from = 0; from != size; ++from) {
      const std::vector<char> exact(line.begin(), line.begin() + static_cast<std::ptrdiff_t>(size));
      std::uint32_t expected = 0;
      for (std::size_t i = from; i != std::min(size, from + ends::block); ++i)
        expected |= std::uint32_t{exact[i] == ' '} << (i - from);
      REQUIRE(ends::find({exact.data(), size}, from) == expected);
    }
  }
}

TEST_CASE("messages of a run are read as each of them alone", "[parser]") {
  const auto msg = [](std::string_view words, std::size_t size, char fill) {
    return "MSG " + std::string{words} + " " + std::to_string(size) + "\r\n" + std::string(size, fill) + "\r\n";
  };
  std::vector<std::string> frames;
  for (std::size_t size = 0; size != 120; ++size) frames.push_back(msg("a.subject.b 17", size, '1'));
  for (const std::string_view words :
       {"a.subject.b 17 1", "a.subject.b 17", "a.subject.b 18", "a.subject.c 18", "a.subject.c 180", "s 1", "s 1",
        "s 1 r", "s 1", "a.subject.of.nearly.as.many.bytes.as.are.learn 1",
        "a.subject.of.nearly.as.many.bytes.as.are.learn 1", "a.subject.of.nearly.as.many.bytes.as.are.learnt 1",
        "a.subject.of.nearly.as.many.bytes.as.are.learnt 1"}) {
    for (const std::size_t size : {90U, 5U, 100'000U}) frames.push_back(msg(words, size, '\n'));
  }
  for (int i = 0; i != 70; ++i) frames.push_back(msg("s " + std::to_string(1 + i % 2), 60, 'x'));  // no run
  for (int i = 0; i != 70; ++i) frames.push_back(msg("s 1", 60, 'x'));
  frames.push_back("MSG s 1 00000060\r\n" + std::string(60, 'x') + "\r\n");
  frames.push_back("MSG s 1 000000060\r\n" + std::string(60, 'x') + "\r\n");
  for (int i = 0; i != 70; ++i) frames.push_back(msg("s 1", 60, 'x'));
  for (int i = 0; i != 5; ++i) frames.push_back("HMSG s 1 12 62\r\nNATS/1.0\r\n\r\n" + std::string(50, 'h') + "\r\n");
  for (int i = 0; i != 5; ++i) frames.push_back(msg("s 1", 60, 'x'));

  std::string all;
  std::vector<std::string> expected;
  for (const auto& frame : frames) {
    all += frame;
    expected.push_back(feed(role::client, frame, {}).at(0));
  }
  CHECK(feed(role::client, all, {}) == expected);
}

TEST_CASE("a run does not lead past what is wrong or too large", "[parser]") {
  // How many messages there are before the error, and which it is.
  const auto outcome = [](const std::string& bytes) {
    protocol::limits bounds;
    bounds.payload = 1000;
    parser p{role::client, bounds};
    std::span<const char> left{bytes};
    for (std::size_t messages = 0; true; ++messages) {
      const auto r = p.parse(left);
      if (r.kind != parse_result::kind_type::op) return std::pair{messages, r.error};
      left = left.subspan(r.consumed);
    }
  };
  const std::string rest = std::string(1001, 'x') + "\r\n" + std::string(100, 'x');
  for (const std::string_view words : {"s 1", "a.subject 1", "a.subject.of.more.bytes 17"}) {
    const std::string beginning = "MSG " + std::string{words} + " ";
    const std::string good = beginning + "60\r\n" + std::string(60, 'x') + "\r\n";
    for (const std::string_view end : {"\r\n", "\r\n\r\n", "6x\r\n", "-6\r\n", "6\r\n1234567\r\n", "6\r\r123456\r\n",
                                       "1001\r\n", "99999999\r\n", "18446744073709551616\r\n", "6 \x7f 6 6 6\r\n"}) {
      const auto bad = beginning + std::string{end} + rest;
      INFO(bad.substr(0, 50));
      const auto [messages, error] = outcome(bad);
      CHECK(error != errc{});
      CHECK(outcome(good + good + good + bad) == std::pair{messages + 3, error});
    }
    for (std::size_t i = 0; i != beginning.size(); ++i) {
      auto other = good;
      other[i] = '\x01';
      CHECK(outcome(good + good + good + other + good).first == 3 + outcome(other + good).first);
    }
  }
}

TEST_CASE("an error stays until reset", "[parser]") {
  parser p{role::client};
  const std::string bad = "nonsense\r\n";
  const std::string good = "PING\r\n";
  CHECK(p.parse(bad).kind == parse_result::kind_type::error);
  CHECK(p.parse(good).kind == parse_result::kind_type::error);
  p.reset();
  CHECK(p.parse(good).kind == parse_result::kind_type::op);
}

TEST_CASE("what the encoder writes the parser reads, with the size it promised", "[encoder]") {
  const auto line = [](std::size_t size, auto write) {
    std::string bytes(size, '?');
    CHECK(write(bytes.data()) == bytes.data() + size);
    return bytes;
  };
  using namespace protocol;
  for (const std::size_t n : {0U, 9U, 10U, 99'999U}) {
    const std::string payload(n, 'p');
    const std::string header = "NATS/1.0\r\nA: b\r\n\r\n";
    const auto total = header.size() + n;
    CHECK(feed(role::server,
               line(pub_size("a.b", "r", n), [&](char* o) { return write_pub(o, "a.b", "r", n); }) + payload + "\r\n",
               {}) == std::vector<std::string>{"PUB|a.b|r|||" + payload + "||0|0"});
    CHECK(feed(role::server,
               line(hpub_size("a", "", header.size(), total),
                    [&](char* o) { return write_hpub(o, "a", "", header.size(), total); }) +
                   header + payload + "\r\n",
               {}) == std::vector<std::string>{"HPUB|a|||" + header + "|" + payload + "||0|0"});
    CHECK(
        feed(role::client,
             line(msg_size("a", 12, "r", n), [&](char* o) { return write_msg(o, "a", 12, "r", n); }) + payload + "\r\n",
             {}) == std::vector<std::string>{"MSG|a|r|||" + payload + "||12|0"});
    CHECK(feed(role::client,
               line(hmsg_size("a", 1, "", header.size(), total),
                    [&](char* o) { return write_hmsg(o, "a", 1, "", header.size(), total); }) +
                   header + payload + "\r\n",
               {}) == std::vector<std::string>{"HMSG|a|||" + header + "|" + payload + "||1|0"});
  }
  CHECK(line(sub_size("a", "q", 10), [](char* o) { return write_sub(o, "a", "q", 10); }) == "SUB a q 10\r\n");
  CHECK(line(unsub_size(10, 0), [](char* o) { return write_unsub(o, 10, 0); }) == "UNSUB 10\r\n");
  CHECK(line(unsub_size(1, 100), [](char* o) { return write_unsub(o, 1, 100); }) == "UNSUB 1 100\r\n");
}

TEST_CASE("words of every length are written whole, and nothing beside them", "[encoder]") {
  const std::string alphabet = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
  for (std::size_t size = 0; size != 40; ++size) {
    const std::vector<char> word(alphabet.begin(), alphabet.begin() + static_cast<std::ptrdiff_t>(size));
    std::vector<char> written(size);
    CHECK(protocol::wire::put(written.data(), std::string_view{word.data(), size}) == written.data() + size);
    CHECK(written == word);
  }
}
