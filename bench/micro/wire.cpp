// SPDX-License-Identifier: Apache-2.0
/// micro: frames parsed and encoded, headers looked up.
#include "operations.hpp"

#include <innate/protocol/encoder.hpp>
#include <innate/protocol/headers.hpp>
#include <innate/protocol/parser.hpp>

#include <array>
#include <cstddef>
#include <cstdlib>
#include <span>
#include <string>
#include <string_view>

namespace micro {

namespace {

namespace protocol = innate::protocol;
using role = protocol::parser::role;

constexpr std::string_view subject = "bench.subject.name";
constexpr std::string_view inbox = "_INBOX.ANDITSTWENTYTWOSIGNS0.1c";
constexpr std::string_view payload = "0123456789abcdef";
constexpr std::string_view block = "NATS/1.0\r\nTrace-Id: 0123456789\r\nKind: test\r\n\r\n";

/// Many such frames in one buffer, as a read fills it.
struct frames {
  template <class Write>
  frames(std::string_view headers, Write write) {
    std::array<char, 256> line{};
    for (int i = 0; i != 1000; ++i) {
      char* const end = write(line.data(), i);
      const auto one = std::string{line.data(), end}.append(headers).append(payload).append("\r\n");
      size = one.size();
      all += one;
    }
  }
  std::size_t size = 0;  // of one
  std::string all{};
};

// As a connection does with all that come in a row.
void parse(const frames& given, role side, std::size_t times) {
  protocol::parser parser{side};
  protocol::op op;
  for (std::size_t done = 0; done < times;) {
    for (std::span<const char> rest{given.all}; !rest.empty() && done != times; ++done) {
      op.reply = {};
      const auto size = parser.parse_delivery(rest, op);
      if (size == 0) std::abort();
      keep(op.payload);
      rest = rest.subspan(size);
    }
  }
}

const frames msg_in_a_row{{}, [](char* at, int) { return protocol::write_msg(at, subject, 17, {}, payload.size()); }};
/// No two in a row have the same subject and sid.
const frames msg{{}, [](char* at, int i) {
                   std::string other{subject};
                   other.back() = static_cast<char>('a' + i % 26);
                   return protocol::write_msg(at, other, 10U + static_cast<unsigned>(i % 90), {}, payload.size());
                 }};
const frames msg_with_reply{{},
                            [](char* at, int) { return protocol::write_msg(at, subject, 17, inbox, payload.size()); }};
const frames hmsg{block, [](char* at, int) {
                    return protocol::write_hmsg(at, subject, 17, {}, block.size(), block.size() + payload.size());
                  }};
const frames pub{{}, [](char* at, int) { return protocol::write_pub(at, subject, {}, payload.size()); }};

void encode_pub(std::size_t times) {
  std::array<char, 256> out{};
  for (std::size_t i = 0; i != times; ++i) {
    const auto line = protocol::pub_size(subject, {}, payload.size());
    char* const end = protocol::wire::put(protocol::write_pub(out.data(), subject, {}, payload.size()), payload);
    keep(protocol::wire::end_line(end) == out.data() + line + payload.size() + 2);
  }
}

void encode_hpub(std::size_t times) {
  std::array<char, 256> out{};
  const auto total = block.size() + payload.size();
  for (std::size_t i = 0; i != times; ++i) {
    char* end = protocol::write_hpub(out.data(), subject, inbox, block.size(), total);
    end = protocol::wire::put(protocol::wire::put(end, block), payload);
    keep(*protocol::wire::end_line(end));
  }
}

void find_header(std::size_t times) {
  for (std::size_t i = 0; i != times; ++i) {
    const protocol::headers_view headers{block};
    keep(headers.get("Kind"));
  }
}

}  // namespace

void add_wire(std::vector<operation>& to) {
  to.push_back({"parse/MSG", msg.size, [](std::size_t n) { parse(msg, role::client, n); }});
  to.push_back(
      {"parse/MSG of one subject", msg_in_a_row.size, [](std::size_t n) { parse(msg_in_a_row, role::client, n); }});
  to.push_back(
      {"parse/MSG with reply", msg_with_reply.size, [](std::size_t n) { parse(msg_with_reply, role::client, n); }});
  to.push_back({"parse/HMSG", hmsg.size, [](std::size_t n) { parse(hmsg, role::client, n); }});
  to.push_back({"parse/PUB", pub.size, [](std::size_t n) { parse(pub, role::server, n); }});
  to.push_back({"encode/PUB", pub.size, encode_pub});
  to.push_back({"encode/HPUB with reply", hmsg.size, encode_hpub});
  to.push_back({"headers/find the second", block.size(), find_header});
}

}  // namespace micro
