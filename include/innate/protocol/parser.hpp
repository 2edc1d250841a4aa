// SPDX-License-Identifier: Apache-2.0
/// Pull parser for both directions of the wire: bytes in, one op at a time out, as views into those bytes.
///
/// The caller passes everything it has not consumed yet and gets an op, or how many bytes it takes to go on. What was
/// already looked at is remembered as offsets, so the bytes may move to another buffer between calls, and a control
/// line that arrives in pieces is scanned once. Never allocates.
#pragma once

#include <innate/protocol/arguments.hpp>
#include <innate/protocol/delivery.hpp>
#include <innate/protocol/errc.hpp>
#include <innate/protocol/limits.hpp>
#include <innate/protocol/message_run.hpp>
#include <innate/protocol/op.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string_view>

namespace innate::inline v0::protocol {

struct parse_result {
  enum class kind_type : std::uint8_t { need, op, error };
  parse_result() noexcept {}  // g++ clears an aggregate of this size with a slow string instruction
  kind_type kind = kind_type::need;
  errc error{};
  protocol::op value{};
  std::size_t consumed = 0;  ///< bytes of this op
  std::size_t need = 0;      ///< bytes from the start of the span that are needed to go on
};

class parser {
 public:
  enum class role : std::uint8_t {
    client,  ///< reads what a server sends
    server,  ///< reads what a client sends
  };

  explicit parser(role side, limits bounds = {}) noexcept : x_bounds(bounds), x_role(side) {}

  /// `bytes` begins at the first unconsumed byte. After an error every call gives the same error until `reset`.
  [[nodiscard]] parse_result parse(std::span<const char> bytes) noexcept {
    parse_result r;
    const auto size = parse_delivery(bytes, r.value);
    if (size == 0) return parse_any({bytes.data(), bytes.size()});
    if (size > bytes.size()) return need(size);
    r.kind = parse_result::kind_type::op;
    r.consumed = size;
    return r;
  }

  /// The size of the message that `bytes` begins with, which `to` describes when it is there whole (kind, subject, sid,
  /// header, payload, and reply if there is one; the rest stays as it is); 0 when it takes `parse` to tell what is
  /// there.
  [[nodiscard, gnu::always_inline]] std::size_t parse_delivery(std::span<const char> bytes, op& to) noexcept {
    if (x_state != state::start) return 0;
    const std::string_view all{bytes.data(), bytes.size()};
    if (x_role == role::server) return delivery::from_client(all, x_bounds, to);
    if (x_run.known()) {
      if (const auto size = x_run.next(all, x_bounds, to)) return size;
    }
    return x_run.wants_another() ? learn_delivery(all, to) : delivery::from_server(all, x_bounds, to);
  }

  void reset() noexcept {
    x_state = state::start;
    x_scanned = 0;
  }

 private:
  [[nodiscard, gnu::noinline]] std::size_t learn_delivery(std::string_view all, op& to) noexcept {
    const auto size = delivery::from_server(all, x_bounds, to);
    if (size != 0 && size <= all.size()) x_run.learn(all, to);
    return size;
  }

  static constexpr std::size_t npos = std::string_view::npos;

  struct verb {
    std::string_view name;
    op_kind kind;
    role reader;
    bool both;  // any role may receive it
  };
  static constexpr std::array<verb, 12> verbs{{{"MSG", op_kind::msg, role::client, false},
                                               {"HMSG", op_kind::hmsg, role::client, false},
                                               {"INFO", op_kind::info, role::client, false},
                                               {"+OK", op_kind::ok, role::client, false},
                                               {"-ERR", op_kind::err, role::client, false},
                                               {"PING", op_kind::ping, role::client, true},
                                               {"PONG", op_kind::pong, role::client, true},
                                               {"PUB", op_kind::pub, role::server, false},
                                               {"HPUB", op_kind::hpub, role::server, false},
                                               {"SUB", op_kind::sub, role::server, false},
                                               {"UNSUB", op_kind::unsub, role::server, false},
                                               {"CONNECT", op_kind::connect, role::server, false}}};

  enum class state : std::uint8_t {
    start,    // nothing is known of the first unconsumed byte
    line,     // as much of its control line as `x_scanned` says has no end
    payload,  // its control line is read, the frame is not there yet
    failed,
  };

  /// The general way, for what `delivery` leaves.
  [[nodiscard, gnu::cold]] parse_result parse_any(std::string_view all) noexcept {
    if (x_state == state::failed) return fail(x_failed);
    if (x_state != state::payload) {
      const auto end = find_line_end(all);
      if (end == npos) return incomplete_line(all);
      if (const auto done = read_line(all, end)) return *done;
    }
    return read_payload(all);
  }

  [[nodiscard]] parse_result fail(errc why) noexcept {
    x_state = state::failed;
    x_failed = why;
    parse_result r;
    r.kind = parse_result::kind_type::error;
    r.error = why;
    return r;
  }

  [[nodiscard]] static parse_result need(std::size_t bytes) noexcept {
    parse_result r;
    r.need = bytes;
    return r;
  }

  [[nodiscard]] static parse_result done(const op& value, std::size_t consumed) noexcept {
    parse_result r;
    r.kind = parse_result::kind_type::op;
    r.value = value;
    r.consumed = consumed;
    return r;
  }

  [[nodiscard]] std::size_t find_line_end(std::string_view all) noexcept {
    if (all.size() <= x_scanned) return npos;
    const void* found = std::memchr(all.data() + x_scanned, '\n', all.size() - x_scanned);
    return found ? static_cast<std::size_t>(static_cast<const char*>(found) - all.data()) : npos;
  }

  /// No line end yet: is this still the beginning of something, and not too long already?
  [[nodiscard, gnu::cold]] parse_result incomplete_line(std::string_view all) noexcept {
    x_state = state::line;
    x_scanned = all.size();
    const verb* v = match(all);
    if (!v && !could_become_verb(all)) return fail(errc::protocol_error);
    if (too_long(without_cr(all), v && has_json(v->kind))) return fail(errc::inbound_line_too_long);
    return need(all.size() + 1);
  }

  [[nodiscard]] static constexpr std::string_view without_cr(std::string_view line) noexcept {
    return line.ends_with('\r') ? line.substr(0, line.size() - 1) : line;
  }
  [[nodiscard]] static constexpr bool has_json(op_kind kind) noexcept {
    return kind == op_kind::info || kind == op_kind::connect;
  }
  /// The first thing that is checked of a line whose verb is known, so that it is refused alike whole and in pieces.
  [[nodiscard]] bool too_long(std::string_view line, bool json) const noexcept {
    return line.size() > (json ? x_bounds.info_line : x_bounds.control_line);
  }

  [[nodiscard]] bool readable(const verb& v) const noexcept { return v.both || v.reader == x_role; }

  /// The verb that `line` begins with, followed by a blank or the line's end.
  [[nodiscard, gnu::cold]] const verb* match(std::string_view line) const noexcept {
    for (const verb& v : verbs) {
      if (!readable(v) || line.size() < v.name.size() || !arguments::same(line.substr(0, v.name.size()), v.name))
        continue;
      if (line.size() == v.name.size() || arguments::blank(line[v.name.size()]) || line[v.name.size()] == '\r')
        return &v;
    }
    return nullptr;
  }

  [[nodiscard, gnu::cold]] bool could_become_verb(std::string_view line) const noexcept {
    for (const verb& v : verbs) {
      if (readable(v) && line.size() < v.name.size() && arguments::same(line, v.name.substr(0, line.size())))
        return true;
    }
    return false;
  }

  /// Reads the control line that ends at `end`; empty when a payload follows, which `x_frame` and what follows it then
  /// describe.
  [[nodiscard, gnu::cold]] std::optional<parse_result> read_line(std::string_view all, std::size_t end) noexcept {
    x_state = state::start;
    x_scanned = 0;
    const auto consumed = end + 1;
    const auto line = without_cr(all.substr(0, end));
    const verb* v = match(line);
    if (!v) return fail(errc::protocol_error);
    const arguments rest{line.substr(v->name.size())};
    const bool json = has_json(v->kind);
    if (too_long(line, json)) return fail(errc::inbound_line_too_long);
    switch (v->kind) {
    case op_kind::msg:
    case op_kind::hmsg:
    case op_kind::pub:
    case op_kind::hpub: return read_delivery(rest, v->kind, consumed, all);
    case op_kind::sub: return read_sub(rest, consumed);
    case op_kind::unsub: return read_unsub(rest, consumed);
    case op_kind::ping:
    case op_kind::pong:
    case op_kind::ok:
    case op_kind::err:
    case op_kind::info:
    case op_kind::connect: break;
    }
    op o;
    o.kind = v->kind;
    if (o.kind == op_kind::err || json) o.text = rest.text();
    if (o.kind == op_kind::err && o.text.size() > 1 && o.text.front() == '\'' && o.text.back() == '\'')
      o.text = o.text.substr(1, o.text.size() - 2);
    return done(o, consumed);
  }

  [[nodiscard, gnu::cold]] parse_result read_sub(arguments rest, std::size_t consumed) noexcept {
    const auto words = rest.split();
    op o;
    o.kind = op_kind::sub;
    if (words.count != 2 && words.count != 3) return fail(errc::protocol_error);
    o.subject = words.at[0];
    if (words.count == 3) o.queue = words.at[1];
    if (!arguments::number(words.at[words.count - 1], o.sid)) return fail(errc::protocol_error);
    return done(o, consumed);
  }

  [[nodiscard, gnu::cold]] parse_result read_unsub(arguments rest, std::size_t consumed) noexcept {
    const auto words = rest.split();
    op o;
    o.kind = op_kind::unsub;
    if (words.count != 1 && words.count != 2) return fail(errc::protocol_error);
    if (!arguments::number(words.at[0], o.sid)) return fail(errc::protocol_error);
    if (words.count == 2 && !arguments::number(words.at[1], o.max)) return fail(errc::protocol_error);
    return done(o, consumed);
  }

  /// `[H]MSG subject sid [reply] [header size] size` and `[H]PUB subject [reply] [header size] size`.
  [[nodiscard]] std::optional<parse_result> read_delivery(arguments rest, op_kind kind, std::size_t line_size,
                                                          std::string_view all) noexcept {
    const bool from_server = kind == op_kind::msg || kind == op_kind::hmsg;
    const bool headers = kind == op_kind::hmsg || kind == op_kind::hpub;
    const auto words = rest.split();
    const std::size_t least = 2 + std::size_t{from_server} + std::size_t{headers};
    if (words.count != least && words.count != least + 1) return fail(errc::protocol_error);
    std::uint64_t sid = 0;
    if (from_server && !arguments::number(words.at[1], sid)) return fail(errc::protocol_error);
    std::uint64_t total = 0;
    std::uint64_t header = 0;
    if (!arguments::number(words.at[words.count - 1], total)) return fail(errc::inbound_size_invalid);
    if (headers && !arguments::number(words.at[words.count - 2], header)) return fail(errc::inbound_size_invalid);
    if (header > total) return fail(errc::inbound_size_invalid);
    if (total > x_bounds.payload) return fail(errc::inbound_payload_too_large);
    x_state = state::payload;
    x_kind = kind;
    x_sid = sid;
    x_subject = place(words.at[0], all);
    x_reply = words.count == least ? part{} : place(words.at[from_server ? 2 : 1], all);
    x_line = line_size;
    x_header = static_cast<std::size_t>(header);
    x_frame = line_size + static_cast<std::size_t>(total) + 2;
    return std::nullopt;
  }

  [[nodiscard]] parse_result read_payload(std::string_view all) noexcept {
    if (all.size() < x_frame) return need(x_frame);
    if (all[x_frame - 2] != '\r' || all[x_frame - 1] != '\n') return fail(errc::protocol_error);
    op o;
    o.kind = x_kind;
    o.sid = x_sid;
    o.subject = all.substr(x_subject.offset, x_subject.size);
    o.reply = all.substr(x_reply.offset, x_reply.size);
    o.header = all.substr(x_line, x_header);
    o.payload = all.substr(x_line + x_header, x_frame - 2 - x_line - x_header);
    x_state = state::start;
    return done(o, x_frame);
  }

  struct part {
    std::size_t offset = 0;
    std::size_t size = 0;
  };
  [[nodiscard]] static part place(std::string_view word, std::string_view all) noexcept {
    return {static_cast<std::size_t>(word.data() - all.data()), word.size()};
  }

  limits x_bounds;
  role x_role;
  message_run x_run;
  state x_state = state::start;
  errc x_failed{};
  std::size_t x_scanned = 0;  // of an incomplete control line
  std::size_t x_frame = 0;    // whole size of the message whose control line is read
  std::size_t x_line = 0;     // its control line
  std::size_t x_header = 0;
  std::uint64_t x_sid = 0;
  part x_subject;
  part x_reply;
  op_kind x_kind{};
};

}  // namespace innate::inline v0::protocol
