// SPDX-License-Identifier: Apache-2.0
/// The protocol once more, written for clarity alone: what the parser is compared with.
#pragma once

#include <innate/protocol/limits.hpp>
#include <innate/protocol/parser.hpp>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fuzz {

/// Everything that an op says, in one comparable line.
inline std::string show(const innate::protocol::op& o) {
  std::string s{innate::protocol::to_string(o.kind)};
  for (const auto part : {o.subject, o.reply, o.queue, o.header, o.payload, o.text}) s.append("|").append(part);
  return s.append("|").append(std::to_string(o.sid)).append("|").append(std::to_string(o.max));
}

struct naive_parser {
  using op = innate::protocol::op;
  using op_kind = innate::protocol::op_kind;

  bool client;
  innate::protocol::limits bounds;
  std::vector<std::string> ops{};
  bool failed = false;

  void parse(std::string_view bytes) {
    while (!bytes.empty() && !failed) {
      const auto end = bytes.find('\n');
      if (end == bytes.npos) {
        failed = !may_go_on(bytes);
        return;
      }
      auto line = bytes.substr(0, end);
      if (line.ends_with('\r')) line.remove_suffix(1);
      const auto used = read(line, bytes.substr(end + 1));
      if (!used) return;
      bytes.remove_prefix(end + 1 + *used);
    }
  }

 private:
  static std::string upper(std::string_view text) {
    std::string out{text};
    for (char& c : out) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    return out;
  }

  [[nodiscard]] std::vector<std::string> verbs() const {
    if (client) return {"MSG", "HMSG", "INFO", "+OK", "-ERR", "PING", "PONG"};
    return {"PUB", "HPUB", "SUB", "UNSUB", "CONNECT", "PING", "PONG"};
  }

  [[nodiscard]] std::optional<std::string> verb_of(std::string_view line) const {
    const auto all = verbs();
    const auto word = upper(line.substr(0, line.find_first_of(" \t\r")));
    return std::find(all.begin(), all.end(), word) == all.end() ? std::nullopt : std::optional{word};
  }

  [[nodiscard]] bool too_long(std::string_view line, const std::string& verb) const {
    return line.size() > (verb == "INFO" || verb == "CONNECT" ? bounds.info_line : bounds.control_line);
  }

  /// Can more bytes still make an op of this beginning of a line?
  [[nodiscard]] bool may_go_on(std::string_view line) const {
    if (const auto verb = verb_of(line))
      return !too_long(line.ends_with('\r') ? line.substr(0, line.size() - 1) : line, *verb);
    for (const auto& verb : verbs())
      if (verb.starts_with(upper(line))) return true;
    return false;
  }

  static std::vector<std::string_view> words(std::string_view line) {
    std::vector<std::string_view> all;
    while (true) {
      const auto start = line.find_first_not_of(" \t");
      if (start == line.npos) return all;
      line.remove_prefix(start);
      const auto size = std::min(line.find_first_of(" \t"), line.size());
      all.push_back(line.substr(0, size));
      line.remove_prefix(size);
    }
  }

  static std::optional<std::uint64_t> number(std::string_view word) {
    if (word.size() > 20 || word.find_first_not_of("0123456789") != word.npos) return std::nullopt;
    std::uint64_t n = 0;
    const auto [end, bad] = std::from_chars(word.data(), word.data() + word.size(), n);
    return bad == std::errc{} && !word.empty() ? std::optional{n} : std::nullopt;
  }

  std::optional<std::size_t> fail() {
    failed = true;
    return std::nullopt;
  }

  std::optional<std::size_t> done(const op& o, std::size_t used = 0) {
    ops.push_back(show(o));
    return used;
  }

  /// Reads one line and, from `after` it, its payload; gives what it took of that, or nothing when it ends here.
  std::optional<std::size_t> read(std::string_view line, std::string_view after) {
    const auto verb = verb_of(line);
    if (!verb || too_long(line, *verb)) return fail();
    const auto rest = line.substr(verb->size());
    const auto w = words(rest);
    if (*verb == "MSG" || *verb == "HMSG" || *verb == "PUB" || *verb == "HPUB") return delivery(*verb, w, after);
    op o;
    if (*verb == "SUB") {
      o.kind = op_kind::sub;
      if (w.size() < 2 || w.size() > 3 || !number(w.back())) return fail();
      o.subject = w[0];
      if (w.size() == 3) o.queue = w[1];
      o.sid = *number(w.back());
      return done(o);
    }
    if (*verb == "UNSUB") {
      o.kind = op_kind::unsub;
      if (w.empty() || w.size() > 2 || !number(w[0]) || !number(w.back())) return fail();
      o.sid = *number(w[0]);
      o.max = w.size() == 2 ? *number(w[1]) : 0;
      return done(o);
    }
    for (const op_kind kind :
         {op_kind::info, op_kind::connect, op_kind::ping, op_kind::pong, op_kind::ok, op_kind::err})
      if (innate::protocol::to_string(kind) == *verb) o.kind = kind;
    if (!w.empty() && (o.kind == op_kind::err || o.kind == op_kind::info || o.kind == op_kind::connect)) {
      const auto start = static_cast<std::size_t>(w.front().data() - rest.data());
      o.text = rest.substr(start, static_cast<std::size_t>(w.back().data() + w.back().size() - w.front().data()));
    }
    if (o.kind == op_kind::err && o.text.size() > 1 && o.text.starts_with('\'') && o.text.ends_with('\''))
      o.text = o.text.substr(1, o.text.size() - 2);
    return done(o);
  }

  std::optional<std::size_t> delivery(const std::string& verb, const std::vector<std::string_view>& w,
                                      std::string_view after) {
    const bool from_server = verb.ends_with("MSG");
    const bool headers = verb.starts_with('H');
    const std::size_t least = 2U + (from_server ? 1U : 0U) + (headers ? 1U : 0U);
    if (w.size() != least && w.size() != least + 1) return fail();
    op o;
    o.kind = from_server ? (headers ? op_kind::hmsg : op_kind::msg) : (headers ? op_kind::hpub : op_kind::pub);
    o.subject = w[0];
    if (from_server && !number(w[1])) return fail();
    if (from_server) o.sid = *number(w[1]);
    if (w.size() != least) o.reply = w[from_server ? 2 : 1];
    const auto total = number(w.back());
    const auto header = headers ? number(w[w.size() - 2]) : 0;
    if (!total || !header || *header > *total || *total > bounds.payload) return fail();
    const auto size = static_cast<std::size_t>(*total);
    if (after.size() < size + 2) return std::nullopt;
    if (after.substr(size, 2) != "\r\n") return fail();
    o.header = after.substr(0, static_cast<std::size_t>(*header));
    o.payload = after.substr(o.header.size(), size - o.header.size());
    return done(o, size + 2);
  }
};

}  // namespace fuzz
