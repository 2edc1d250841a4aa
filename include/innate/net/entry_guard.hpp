// SPDX-License-Identifier: Apache-2.0
/// Catches, in debug builds, two threads inside one connection at the same time; the layout is the same in all builds.
#pragma once

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <thread>

namespace innate::inline v0::net {

class entry_guard {
 public:
  class scope {
   public:
    explicit scope([[maybe_unused]] entry_guard& guard) {
#ifndef NDEBUG
      const auto self = std::this_thread::get_id();
      std::thread::id nobody{};
      if (guard.x_inside.compare_exchange_strong(nobody, self)) {
        x_guard = &guard;
      } else if (nobody != self) {
        std::fputs("innate: one connection is used by two threads at once; use shared_handle from other threads\n",
                   stderr);
        std::abort();
      }
#endif
    }
    scope(const scope&) = delete;
    scope& operator=(const scope&) = delete;
    ~scope() {
      if (x_guard) x_guard->x_inside.store(std::thread::id{});
    }

   private:
    entry_guard* x_guard = nullptr;  // null when nested, or in release builds
  };

 private:
  std::atomic<std::thread::id> x_inside{};
};

}  // namespace innate::inline v0::net
