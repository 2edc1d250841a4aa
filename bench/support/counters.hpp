// SPDX-License-Identifier: Apache-2.0
/// What this process has asked of the heap and of the kernel so far, counted by counters.cpp.
#pragma once

#include <cstdint>

namespace bench {

struct counters {
  std::uint64_t allocations = 0;  ///< malloc and all that stands on it, operator new among it
  std::uint64_t reads = 0;        ///< read, readv, recv, recvfrom, recvmsg
  std::uint64_t writes = 0;       ///< write, writev, send, sendto, sendmsg
  std::uint64_t waits = 0;        ///< epoll_wait, poll, select
};

[[nodiscard]] counters count_so_far() noexcept;

}  // namespace bench
