// SPDX-License-Identifier: Apache-2.0
/// Checks a publish against everything the server would refuse, then encodes it whole, or not at all.
#pragma once

#include <innate/core/options.hpp>
#include <innate/core/outbound.hpp>
#include <innate/core/payload.hpp>
#include <innate/core/statistics.hpp>
#include <innate/protocol/encoder.hpp>
#include <innate/protocol/errc.hpp>
#include <innate/protocol/headers.hpp>
#include <innate/protocol/info.hpp>
#include <innate/protocol/subject_ref.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace innate::inline v0 {

/// Parameters of a publish besides subject and payload, all optional. Views only have to live until the call returns.
struct publish_options {
  std::string_view reply{};  ///< subject for answers
  protocol::headers_view headers{};
};

}  // namespace innate::inline v0

namespace innate::inline v0::core {

/// The default argument of every publish: made once, not by every call.
inline constexpr publish_options plain_publish{};

class publisher {
 public:
  publisher(const options& opts, outbound& out, statistics& stats)
      : x_options(opts), x_outbound(&out), x_statistics(stats) {}

  /// Frames go to `out` from now on.
  void set_outbound(outbound& out) noexcept { x_outbound = &out; }

  /// Limits of the server we talk to now; an INFO may change them while connected.
  void set_server(const protocol::server_info& info) noexcept {
    x_max_payload = info.max_payload;
    x_server_headers = info.headers;
  }
  void set_online(bool online) noexcept { x_online = online; }
  [[nodiscard]] bool online() const noexcept { return x_online; }
  [[nodiscard]] std::uint64_t max_payload() const noexcept { return x_max_payload; }

  /// Copies the payload into the outbound buffer. `mark` is how full the buffer may be before.
  errc publish(const protocol::subject_ref& subject, std::string_view payload, const publish_options& how,
               std::size_t mark) {
    const frame f{subject, how, payload.size()};
    if (const auto refused = refuse(f, mark); refused != errc{}) return refused;
    char* const begin = x_outbound->reserve(f.most_line_size() + f.header_size() + payload.size() + 2);
    char* const end = protocol::wire::end_line(protocol::wire::put(write_head(begin, f), payload));
    x_outbound->commit(static_cast<std::size_t>(end - begin));
    ++x_statistics.messages_out;
    return {};
  }

  /// The same for a payload handed over: large ones are chained, not copied.
  errc publish(const protocol::subject_ref& subject, owned_payload payload, const publish_options& how,
               std::size_t mark) {
    const auto bytes = payload.view();
    if (bytes.size() < x_options.outbound.chain_from) return publish(subject, bytes, how, mark);
    const frame f{subject, how, bytes.size()};
    if (const auto refused = refuse(f, mark); refused != errc{}) return refused;
    char* const begin = x_outbound->reserve(f.most_line_size() + f.header_size());
    x_outbound->commit(static_cast<std::size_t>(write_head(begin, f) - begin));
    x_outbound->splice(std::move(payload));
    x_outbound->append("\r\n");
    ++x_statistics.messages_out;
    return {};
  }

  /// What `errc` a publish failed with, in words: the subject, the size, the limit.
  [[nodiscard, gnu::cold]] std::string explain(std::error_code code, std::string_view subject, std::size_t size) const {
    std::string text = "publish to '" + std::string{subject} + "'";
    if (code == errc::invalid_subject || code == errc::invalid_wildcard)
      text += ": " + protocol::describe(protocol::check_subject(subject), subject);
    if (code == errc::max_payload_exceeded)
      text += ": headers and payload are " + std::to_string(size) + " bytes, the server takes " +
              std::to_string(x_max_payload);
    return text;
  }

 private:
  // Of references, because a view that was just made is read piecewise sooner than it is copied.
  struct frame {
    const protocol::subject_ref& subject;
    const publish_options& how;
    std::size_t payload;

    [[nodiscard]] std::size_t header_size() const noexcept { return how.headers.raw().size(); }
    [[nodiscard]] std::size_t size() const noexcept { return header_size() + payload; }
    /// No line of such words is longer, whatever its numbers are.
    [[nodiscard]] std::size_t most_line_size() const noexcept { return subject.view().size() + how.reply.size() + 50; }
    [[nodiscard]] std::size_t line_size() const noexcept {
      return header_size() == 0 ? protocol::pub_size(subject.view(), how.reply, payload)
                                : protocol::hpub_size(subject.view(), how.reply, header_size(), size());
    }
  };

  /// Control line and headers.
  [[nodiscard, gnu::always_inline]] static char* write_head(char* at, const frame& f) noexcept {
    if (f.header_size() == 0) return protocol::write_pub(at, f.subject.view(), f.how.reply, f.payload);
    at = protocol::write_hpub(at, f.subject.view(), f.how.reply, f.header_size(), f.size());
    return protocol::wire::put(at, f.how.headers.raw());
  }

  [[nodiscard, gnu::always_inline]] errc refuse(const frame& f, std::size_t mark) const {
    if (!f.subject.checked()) {
      if (const auto fault = fault_of(f.subject.view()); fault != errc{}) return fault;
    }
    if (!f.how.reply.empty()) {
      if (const auto fault = fault_of(f.how.reply); fault != errc{}) return fault;
    }
    if (f.header_size() != 0 && x_online && !x_server_headers) return errc::headers_not_supported;
    if (x_max_payload && f.size() > x_max_payload) return errc::max_payload_exceeded;
    const auto most = x_options.outbound.max_control_line;
    if (f.most_line_size() > most && f.line_size() > most) return errc::control_line_too_long;
    if (!x_online) return refuse_offline(f);
    return x_outbound->size() >= mark ? errc::outbound_full : errc{};
  }

  // What seldom runs, or is long, is out of line: the rest of a publish is then small enough to be inlined.
  [[nodiscard, gnu::noinline]] errc refuse_offline(const frame& f) const {
    if (x_options.reconnect.buffer == 0) return errc::not_connected;
    const auto wanted = x_outbound->size() + f.line_size() + f.size();
    return wanted > x_options.reconnect.buffer ? errc::reconnect_buffer_full : errc{};
  }
  [[nodiscard, gnu::noinline]] static errc fault_of(std::string_view subject) noexcept {
    const auto check = protocol::check_subject(subject);
    if (check.fault == protocol::subject_fault::none) return {};
    return check.fault == protocol::subject_fault::wildcard ? errc::invalid_wildcard : errc::invalid_subject;
  }

  const options& x_options;
  outbound* x_outbound;
  statistics& x_statistics;
  std::uint64_t x_max_payload = 0;  // 0: no server has told us yet
  bool x_server_headers = true;
  bool x_online = false;
};

}  // namespace innate::inline v0::core
