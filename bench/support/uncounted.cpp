// SPDX-License-Identifier: Apache-2.0
// In place of counters.cpp where counting would cost what is measured: programs that allocate for every message.
#include "counters.hpp"

namespace bench {

counters count_so_far() noexcept { return {}; }

}  // namespace bench
