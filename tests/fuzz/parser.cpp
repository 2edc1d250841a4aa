// SPDX-License-Identifier: Apache-2.0
/// The wire parser: any split of the bytes gives the same ops and the same error, which are those of a naive parser; no
/// op is waited for longer than it is; what the encoder makes of an op is read as that op.
///
/// The first byte of an input is `c` for what a client reads, `s` for what a server reads, a capital for tight limits;
/// the second one seeds the splits; the rest is on the wire.
#include "fuzz.hpp"
#include "naive_parser.hpp"

#include <innate/protocol/encoder.hpp>
#include <innate/protocol/parser.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace {

namespace protocol = innate::protocol;
using fuzz::expect;
using protocol::op_kind;
using protocol::parse_result;
using role = protocol::parser::role;

struct outcome {
  std::vector<std::string> ops{};
  std::string error{};
  friend bool operator==(const outcome&, const outcome&) = default;
};

class feeder {
 public:
  feeder(role side, protocol::limits bounds) : x_side(side), x_parser(side, bounds) {}

  /// Gives the parser `more` behind what it has not consumed; false after an error.
  bool feed(std::string_view more) {
    x_unconsumed.append(more);
    while (x_unconsumed.size() >= x_need && !x_unconsumed.empty()) {
      const fuzz::exact_copy moved{x_unconsumed};
      const auto r = x_parser.parse(moved.text());
      if (r.kind == parse_result::kind_type::error) return fail(r, moved.text());
      if (r.kind == parse_result::kind_type::need) {
        expect(r.need > x_unconsumed.size(), "more bytes are needed than there are");
        if (x_obeys) x_need = r.need;
        return true;
      }
      take(r, moved.text());
    }
    return true;
  }

  /// From now on the parser is asked again only when it has the bytes that it needs.
  void obey() noexcept { x_obeys = true; }

  outcome seen{};

 private:
  bool fail(const parse_result& r, std::string_view bytes) {
    expect(r.error != innate::errc{}, "an error has a code");
    expect(x_parser.parse(bytes).error == r.error, "an error stays");
    seen.error = make_error_code(r.error).message();
    return false;
  }

  void take(const parse_result& r, std::string_view bytes) {
    expect(r.consumed != 0 && r.consumed <= bytes.size(), "an op consumes what is there");
    const auto& o = r.value;
    for (const auto part : {o.subject, o.reply, o.queue, o.header, o.payload, o.text})
      expect(part.empty() || (part.data() >= bytes.data() && part.data() + part.size() <= bytes.data() + r.consumed),
             "the parts of an op lie within it");
    seen.ops.push_back(fuzz::show(o));
    again(o);
    x_unconsumed.erase(0, r.consumed);
    x_need = 0;
  }

  /// Encoded by our own encoder and read once more, it is the same op.
  void again(const protocol::op& o) const {
    const std::string bytes = encode(o);
    protocol::parser once{x_side};
    const auto r = once.parse(bytes);
    expect(r.kind == parse_result::kind_type::op && r.consumed == bytes.size(), "what is encoded can be read");
    expect(fuzz::show(r.value) == fuzz::show(o), "what is encoded is read as it was");
  }

  template <class Write>
  static std::string line(std::size_t size, Write write) {
    std::string out(size, '\0');
    expect(write(out.data()) == out.data() + size, "the encoder fills the size that it told");
    return out;
  }

  static std::string encode(const protocol::op& o) {
    using namespace protocol;
    const auto body = std::string{o.header}.append(o.payload).append("\r\n");
    const auto all = o.header.size() + o.payload.size();
    switch (o.kind) {
    case op_kind::info: return info_line(o.text);
    case op_kind::connect: return connect_line(o.text);
    case op_kind::ping: return std::string{ping_line};
    case op_kind::pong: return std::string{pong_line};
    case op_kind::ok: return std::string{ok_line};
    case op_kind::err: return err_line(o.text);
    case op_kind::sub:
      return line(sub_size(o.subject, o.queue, o.sid),
                  [&](char* at) { return write_sub(at, o.subject, o.queue, o.sid); });
    case op_kind::unsub: return line(unsub_size(o.sid, o.max), [&](char* at) { return write_unsub(at, o.sid, o.max); });
    case op_kind::pub:
      return line(pub_size(o.subject, o.reply, all), [&](char* at) { return write_pub(at, o.subject, o.reply, all); }) +
             body;
    case op_kind::hpub:
      return line(hpub_size(o.subject, o.reply, o.header.size(), all),
                  [&](char* at) { return write_hpub(at, o.subject, o.reply, o.header.size(), all); }) +
             body;
    case op_kind::msg:
      return line(msg_size(o.subject, o.sid, o.reply, all),
                  [&](char* at) { return write_msg(at, o.subject, o.sid, o.reply, all); }) +
             body;
    case op_kind::hmsg:
      return line(hmsg_size(o.subject, o.sid, o.reply, o.header.size(), all),
                  [&](char* at) { return write_hmsg(at, o.subject, o.sid, o.reply, o.header.size(), all); }) +
             body;
    }
    return {};
  }

  role x_side;
  protocol::parser x_parser;
  std::string x_unconsumed{};
  std::size_t x_need = 0;
  bool x_obeys = false;
};

outcome feed_whole(role side, protocol::limits bounds, std::string_view bytes) {
  feeder f{side, bounds};
  static_cast<void>(f.feed(bytes));
  return f.seen;
}

/// In pieces of the sizes that `next()` gives.
template <class Next>
outcome feed_pieces(role side, protocol::limits bounds, std::string_view bytes, bool obey, Next next) {
  feeder f{side, bounds};
  if (obey) f.obey();
  while (!bytes.empty()) {
    const auto size = std::clamp<std::size_t>(next(), 1, bytes.size());
    if (!f.feed(bytes.substr(0, size))) break;
    bytes.remove_prefix(size);
  }
  return f.seen;
}

protocol::limits tight() noexcept {
  protocol::limits bounds;
  bounds.info_line = 40;
  bounds.control_line = 20;
  bounds.payload = 30;
  return bounds;
}

}  // namespace

void fuzz::run(std::string_view input) {
  const auto mode = take_byte(input);
  const auto seed = take_byte(input);
  const role side = mode == 's' || mode == 'S' ? role::server : role::client;
  const auto bounds = mode == 'C' || mode == 'S' ? tight() : protocol::limits{};
  const auto whole = feed_whole(side, bounds, input);

  naive_parser naive{side == role::client, bounds};
  naive.parse(input);
  expect(whole.ops == naive.ops, "the ops are those of the naive parser");
  expect(whole.error.empty() != naive.failed, "an error is one for the naive parser too");

  std::uint32_t random = seed * 2654435761U + 1;
  const auto some = [&random] {
    random = random * 1664525U + 1013904223U;
    return std::size_t{random >> 24U} % ((random >> 16U & 1U) != 0 ? 4 : 64);
  };
  const auto one = [] { return std::size_t{1}; };
  expect(feed_pieces(side, bounds, input, false, some) == whole, "pieces give the same as the whole");
  expect(feed_pieces(side, bounds, input, true, some) == whole, "pieces as needed give the same as the whole");
  if (input.size() > 512) return;
  expect(feed_pieces(side, bounds, input, false, one) == whole, "single bytes give the same as the whole");
  expect(feed_pieces(side, bounds, input, true, one) == whole, "single bytes as needed give the same as the whole");
  if (input.size() > 64) return;
  for (std::size_t split = 1; split < input.size(); ++split)
    expect(feed_pieces(side, bounds, input, false, [&] { return split; }) == whole,
           "pieces of any size give the same as the whole");
}
