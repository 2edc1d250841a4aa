// SPDX-License-Identifier: Apache-2.0
/// Measures a stretch of this process and prints one line of JSON about it.
#pragma once

#include "counters.hpp"

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>

#include <sys/resource.h>
#include <time.h>

namespace bench {

/// A number of /proc/self/status: kibibytes for `RssAnon` and `VmRSS`, a count for `Threads`.
inline std::uint64_t of_process(const std::string& name) {
  std::uint64_t value = 0;
  std::FILE* const status = std::fopen("/proc/self/status", "r");
  char line[256];
  while (status && std::fgets(line, sizeof line, status))
    if (const std::string_view text{line}; text.starts_with(name + ":"))
      value = std::strtoull(line + name.size() + 1, nullptr, 10);
  if (status) std::fclose(status);
  return value;
}

/// One line of JSON, built field by field.
class json_line {
 public:
  json_line& add(std::string_view name, std::uint64_t value) { return key(name).raw(std::to_string(value)); }
  json_line& add(std::string_view name, double value) {
    char digits[32];
    std::snprintf(digits, sizeof digits, "%.9g", value);
    return key(name).raw(digits);
  }
  json_line& add(std::string_view name, std::string_view value) {
    return key(name).raw("\"" + std::string{value} + "\"");
  }
  void print() const { std::printf("%s}\n", x_text.c_str()); }

 private:
  json_line& key(std::string_view name) {
    x_text += x_text.size() > 1 ? ", \"" : "\"";
    x_text.append(name);
    x_text += "\": ";
    return *this;
  }
  json_line& raw(std::string_view value) {
    x_text.append(value);
    return *this;
  }
  std::string x_text = "{";
};

class stopwatch {
 public:
  void start() {
    x_counted = count_so_far();
    x_usage = usage();
    x_wall = std::chrono::steady_clock::now();
    x_cpu = cpu();
  }

  /// What happened since `start`, for `messages` messages.
  [[nodiscard]] json_line stop(std::string_view what, std::uint64_t messages) const {
    const auto cpu_now = cpu();
    const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - x_wall;
    const auto used = usage();
    const auto counted = count_so_far();
    json_line line;
    line.add("what", what).add("messages", messages).add("wall_s", wall.count());
    line.add("cpu_s", cpu_now - x_cpu);
    line.add("user_s", seconds(used.ru_utime) - seconds(x_usage.ru_utime));
    line.add("sys_s", seconds(used.ru_stime) - seconds(x_usage.ru_stime));
    line.add("allocations", counted.allocations - x_counted.allocations);
    line.add("reads", counted.reads - x_counted.reads);
    line.add("writes", counted.writes - x_counted.writes);
    line.add("waits", counted.waits - x_counted.waits);
    line.add("rss_kib", of_process("VmRSS")).add("anon_kib", of_process("RssAnon"));
    line.add("threads", of_process("Threads"));
    return line;
  }

 private:
  static rusage usage() {
    rusage u{};
    ::getrusage(RUSAGE_SELF, &u);
    return u;
  }
  static double seconds(const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  }
  static double cpu() {
    timespec t{};
    ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) / 1e9;
  }

  counters x_counted{};
  rusage x_usage{};
  std::chrono::steady_clock::time_point x_wall{};
  double x_cpu = 0;
};

}  // namespace bench
