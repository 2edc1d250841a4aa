// SPDX-License-Identifier: Apache-2.0
/// Bounds on what the other side may send, checked before anything is reserved for it.
#pragma once

#include <cstddef>

namespace innate::inline v0::protocol {

struct limits {
  std::size_t info_line = std::size_t{1} << 20;      ///< INFO and CONNECT, which carry JSON
  std::size_t control_line = std::size_t{64} << 10;  ///< every other line
  std::size_t payload = std::size_t{64} << 20;       ///< headers and payload of one message
};

}  // namespace innate::inline v0::protocol
