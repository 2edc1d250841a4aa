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
  std::error_code publish(protocol::subject_ref subject, std::string_view payload, const publish_options& how,
                          std::size_t mark) {
    const frame f{subject.view(), how.reply, how.headers.raw(), payload.size()};
    if (const auto refused = refuse(subject, f, mark)) return refused;
    char* at = write_line(x_outbound->append(f.line_size() + f.header.size() + payload.size() + 2), f);
    at = copy(at, f.header);
    at = copy(at, payload);
    at[0] = '\r';
    at[1] = '\n';
    ++x_statistics.messages_out;
    return {};
  }

  /// The same for a payload handed over: large ones are chained, not copied.
  std::error_code publish(protocol::subject_ref subject, owned_payload payload, const publish_options& how,
                          std::size_t mark) {
    const auto bytes = payload.view();
    if (bytes.size() < x_options.outbound.chain_from) return publish(subject, bytes, how, mark);
    const frame f{subject.view(), how.reply, how.headers.raw(), bytes.size()};
    if (const auto refused = refuse(subject, f, mark)) return refused;
    copy(write_line(x_outbound->append(f.line_size() + f.header.size()), f), f.header);
    x_outbound->splice(std::move(payload));
    x_outbound->append("\r\n");
    ++x_statistics.messages_out;
    return {};
  }

  /// What `errc` a publish failed with, in words: the subject, the size, the limit.
  [[nodiscard]] std::string explain(std::error_code code, std::string_view subject, std::size_t size) const {
    std::string text = "publish to '" + std::string{subject} + "'";
    if (code == errc::invalid_subject || code == errc::invalid_wildcard)
      text += ": " + protocol::describe(protocol::check_subject(subject), subject);
    if (code == errc::max_payload_exceeded)
      text += ": headers and payload are " + std::to_string(size) + " bytes, the server takes " +
              std::to_string(x_max_payload);
    return text;
  }

 private:
  struct frame {
    std::string_view subject;
    std::string_view reply;
    std::string_view header;
    std::size_t payload;

    [[nodiscard]] std::size_t line_size() const noexcept {
      return header.empty() ? protocol::pub_size(subject, reply, payload)
                            : protocol::hpub_size(subject, reply, header.size(), header.size() + payload);
    }
  };

  [[nodiscard]] static char* write_line(char* at, const frame& f) noexcept {
    return f.header.empty()
               ? protocol::write_pub(at, f.subject, f.reply, f.payload)
               : protocol::write_hpub(at, f.subject, f.reply, f.header.size(), f.header.size() + f.payload);
  }

  static char* copy(char* at, std::string_view bytes) noexcept {
    if (!bytes.empty()) std::memcpy(at, bytes.data(), bytes.size());
    return at + bytes.size();
  }

  [[nodiscard]] static std::error_code fault_code(protocol::subject_check check) noexcept {
    if (check.fault == protocol::subject_fault::none) return {};
    return check.fault == protocol::subject_fault::wildcard ? errc::invalid_wildcard : errc::invalid_subject;
  }

  [[nodiscard]] std::error_code refuse(protocol::subject_ref subject, const frame& f, std::size_t mark) const {
    if (const auto fault = fault_code(subject.check())) return fault;
    if (!f.reply.empty()) {
      if (const auto fault = fault_code(protocol::check_subject(f.reply))) return fault;
    }
    if (!f.header.empty() && x_online && !x_server_headers) return errc::headers_not_supported;
    const auto size = f.header.size() + f.payload;
    if (x_max_payload && size > x_max_payload) return errc::max_payload_exceeded;
    const auto line = f.line_size();
    if (line > x_options.outbound.max_control_line) return errc::control_line_too_long;
    if (x_online) return x_outbound->size() >= mark ? make_error_code(errc::outbound_full) : std::error_code{};
    if (x_options.reconnect.buffer == 0) return errc::not_connected;
    if (x_outbound->size() + line + size > x_options.reconnect.buffer) return errc::reconnect_buffer_full;
    return {};
  }

  const options& x_options;
  outbound* x_outbound;
  statistics& x_statistics;
  std::uint64_t x_max_payload = 0;  // 0: no server has told us yet
  bool x_server_headers = true;
  bool x_online = false;
};

}  // namespace innate::inline v0::core
