// SPDX-License-Identifier: Apache-2.0
/// An honest nats-server in memory: it answers what links bring, routes messages, and notes what it was told.
#pragma once

#include "scripted_world.hpp"

#include <charconv>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace test {

/// Written anew rather than with the library's own rules, so that one checks the other.
[[nodiscard]] inline bool subject_matches(std::string_view filter, std::string_view subject) {
  while (true) {
    const auto f = filter.substr(0, filter.find('.'));
    const auto s = subject.substr(0, subject.find('.'));
    if (f == ">") return !subject.empty();
    if (f != "*" && f != s) return false;
    const bool filter_ends = f.size() == filter.size();
    if (filter_ends || s.size() == subject.size()) return filter_ends && s.size() == subject.size();
    filter.remove_prefix(f.size() + 1);
    subject.remove_prefix(s.size() + 1);
  }
}

class scripted_server {
 public:
  struct published {
    std::size_t session = 0;
    std::string subject, reply, headers, payload;
  };
  struct subscribed {
    std::string subject, queue;
    std::uint64_t delivered = 0, max = 0;
  };
  /// One link as the server sees it.
  struct session {
    std::shared_ptr<link> to;
    std::string unread;
    std::map<std::uint64_t, subscribed> subs;
    std::vector<std::uint64_t> sids;  // every SUB it got
    std::string refused;              // what it was that is not the protocol
    bool secure = false;              // after the toy handshake
    bool connected = false;           // CONNECT was right
  };

  bool wants_tls = false;
  std::string wants_token;  // with a nonce in INFO
  std::vector<std::unique_ptr<session>> sessions;
  std::vector<published> publishes;

  session& accept(std::shared_ptr<link> to) {
    sessions.push_back(std::make_unique<session>());
    auto& s = *sessions.back();
    s.to = std::move(to);
    std::string greeting = R"(INFO {"server_id":"S","version":"2.10.0","proto":1,"headers":true,"max_payload":100000)";
    if (wants_tls) greeting += R"(,"tls_required":true)";
    if (!wants_token.empty()) greeting += R"(,"auth_required":true,"nonce":"n0nce")";
    say(s, greeting + "}\r\n");
    return s;
  }

  /// The link brought this; what it means happens at once.
  void receive(session& s, std::string_view bytes) {
    if (s.to->closed) return;
    s.unread += s.secure ? toy_cipher(bytes) : std::string{bytes};
    while (s.refused.empty() && !s.to->closed && (wants_tls && !s.secure ? shake_hands(s) : obey(s))) {
    }
    if (s.refused.empty()) return;
    say(s, "-ERR 'Unknown Protocol Operation'\r\n");
    s.to->cut();
  }

  /// Stands for encryption: whoever skips it is not understood.
  [[nodiscard]] static std::string toy_cipher(std::string_view bytes) {
    std::string out{bytes};
    for (char& c : out) c = static_cast<char>(c ^ 0x55);
    return out;
  }
  static constexpr std::string_view client_hello = "client-hello";
  static constexpr std::string_view server_hello = "server-hello";

 private:
  static void say(session& s, const std::string& text) {
    if (!s.to->closed) s.to->send(s.secure ? toy_cipher(text) : text);
  }

  static bool shake_hands(session& s) {
    if (s.unread.size() < client_hello.size()) return false;
    if (!s.unread.starts_with(client_hello)) {
      s.refused = s.unread;
      return false;
    }
    say(s, std::string{server_hello});
    s.secure = true;
    s.unread = toy_cipher(std::string_view{s.unread}.substr(client_hello.size()));
    return !s.unread.empty();
  }

  /// One operation, if it is here whole.
  bool obey(session& s) {
    const auto end = s.unread.find("\r\n");
    if (end == s.unread.npos) {
      if (s.unread.size() > 4096) s.refused = "a line without end";
      return false;
    }
    std::vector<std::string> words;
    for (std::size_t at = 0; at < end;) {
      const auto space = std::min(s.unread.find(' ', at), end);
      if (space != at) words.push_back(s.unread.substr(at, space - at));
      at = space + 1;
    }
    const std::string op = words.empty() ? "" : words[0];
    if (op == "PUB" || op == "HPUB") return publish(s, words, end + 2);
    const std::string line = s.unread.substr(0, end);
    s.unread.erase(0, end + 2);
    if (op == "CONNECT") {
      greet(s, line);
    } else if (op == "PING") {
      say(s, "PONG\r\n");
    } else if (op == "SUB" && (words.size() == 3 || words.size() == 4)) {
      const auto sid = number(words.back());
      s.sids.push_back(sid);
      s.subs[sid] = {words[1], words.size() == 4 ? words[2] : "", 0, 0};
    } else if (op == "UNSUB" && (words.size() == 2 || words.size() == 3)) {
      const auto found = s.subs.find(number(words[1]));
      if (found != s.subs.end()) {
        found->second.max = words.size() == 3 ? number(words[2]) : 0;
        if (found->second.delivered >= found->second.max) s.subs.erase(found);
      }
    } else if (op != "PONG") {
      s.refused = line;
    }
    return true;
  }

  void greet(session& s, const std::string& line) const {
    s.connected = wants_token.empty() || line.find("\"auth_token\":\"" + wants_token + "\"") != line.npos;
    if (s.connected) return;
    say(s, "-ERR 'Authorization Violation'\r\n");
    s.to->cut();
  }

  bool publish(session& s, const std::vector<std::string>& words, std::size_t begin) {
    const bool headers = words[0] == "HPUB";
    const std::size_t numbers = headers ? 2 : 1;
    if (words.size() != 2 + numbers && words.size() != 3 + numbers) {
      s.refused = "PUB with so many words";
      return false;
    }
    const std::size_t size = number(words.back());
    const std::size_t header_size = headers ? number(words[words.size() - 2]) : 0;
    if (size > 100'000 || header_size > size || !s.connected) s.refused = "PUB " + words.back();
    if (!s.refused.empty() || s.unread.size() < begin + size + 2) return false;
    if (s.unread.compare(begin + size, 2, "\r\n") != 0) {
      s.refused = "a payload without end";
      return false;
    }
    published p{0, words[1], words.size() == 3 + numbers ? words[2] : "", s.unread.substr(begin, header_size),
                s.unread.substr(begin + header_size, size - header_size)};
    while (sessions[p.session].get() != &s) ++p.session;
    s.unread.erase(0, begin + size + 2);
    publishes.push_back(p);
    route(s, p);
    return true;
  }

  void route(session& from, const published& p) {
    bool heard = false;
    for (const auto& to : sessions) {
      std::vector<std::string> served;  // queue groups: one member each
      for (auto at = to->subs.begin(); at != to->subs.end();) {
        auto& [sid, sub] = *at;
        const bool taken = !sub.queue.empty() && std::find(served.begin(), served.end(), sub.queue) != served.end();
        if (to->to->closed || taken || !subject_matches(sub.subject, p.subject)) {
          ++at;
          continue;
        }
        if (!sub.queue.empty()) served.push_back(sub.queue);
        heard = true;
        deliver(*to, sid, p);
        at = ++sub.delivered == sub.max ? to->subs.erase(at) : std::next(at);
      }
    }
    if (heard || p.reply.empty()) return;
    for (const auto& [sid, sub] : from.subs)
      if (subject_matches(sub.subject, p.reply)) {
        deliver(from, sid, {0, p.reply, "", "NATS/1.0 503\r\n\r\n", ""});
        return;
      }
  }

  static void deliver(session& to, std::uint64_t sid, const published& p) {
    const auto all = std::to_string(p.headers.size() + p.payload.size());
    say(to, (p.headers.empty() ? "MSG " : "HMSG ") + p.subject + " " + std::to_string(sid) + " " +
                (p.reply.empty() ? "" : p.reply + " ") +
                (p.headers.empty() ? all : std::to_string(p.headers.size()) + " " + all) + "\r\n" + p.headers +
                p.payload + "\r\n");
  }

  static std::uint64_t number(std::string_view text) {
    std::uint64_t n = 0;
    const auto [end, bad] = std::from_chars(text.data(), text.data() + text.size(), n);
    return bad == std::errc{} && end == text.data() + text.size() ? n : ~std::uint64_t{0};
  }
};

}  // namespace test
