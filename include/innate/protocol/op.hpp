// SPDX-License-Identifier: Apache-2.0
/// One operation of the wire protocol, either direction, as views into the bytes it was parsed from.
#pragma once

#include <cstdint>
#include <string_view>

namespace innate::inline v0::protocol {

enum class op_kind : std::uint8_t { info, connect, pub, hpub, sub, unsub, msg, hmsg, ping, pong, ok, err };

[[nodiscard]] constexpr std::string_view to_string(op_kind kind) noexcept {
  constexpr std::string_view names[] = {"INFO", "CONNECT", "PUB",  "HPUB", "SUB", "UNSUB",
                                        "MSG",  "HMSG",    "PING", "PONG", "+OK", "-ERR"};
  return names[static_cast<std::size_t>(kind)];
}

struct op {
  op_kind kind{};
  std::string_view subject{};
  std::string_view reply{};
  std::string_view queue{};
  std::uint64_t sid = 0;
  std::uint64_t max = 0;       ///< of UNSUB; 0: none
  std::string_view header{};   ///< raw header block of HPUB and HMSG
  std::string_view payload{};  ///< without the header block
  std::string_view text{};     ///< JSON of INFO and CONNECT, text of -ERR without its quotes
};

}  // namespace innate::inline v0::protocol
