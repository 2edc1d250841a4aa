// SPDX-License-Identifier: Apache-2.0
/// Cases tried against a server, and a table of what was expected and seen.
#pragma once

#include "run.hpp"
#include "temporary_folder.hpp"

#include <catch2/catch_test_macros.hpp>

#include <cstdio>
#include <functional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace test {

/// What became of one attempt to connect.
struct outcome_of_case {
  outcome_of_case() {}
  std::error_code code{};
  std::string text{};  ///< everything the connection said: error, events
  int attempts_failed = 0;
};

/// Connects once; when that works, sends itself a message.
inline asio::awaitable<outcome_of_case> try_to_connect(innate::options opts) {
  outcome_of_case seen;
  opts.on_event = [&seen](const innate::connection_event& e) {
    seen.attempts_failed += e.kind == innate::event_kind::connect_failed ? 1 : 0;
    seen.text +=
        std::string{innate::to_string(e.kind)} + " " + e.server + " " + e.code.message() + ": " + e.detail + "\n";
  };
  try {
    auto nc = co_await innate::connect(opts);
    auto sub = nc.subscribe("case.>");
    const std::string large(100'000, 'x');
    co_await nc.publish("case.small", "a");
    co_await nc.publish("case.large", large);
    const auto small = co_await sub.next();
    const auto big = co_await sub.next();
    if (small->data() != "a" || big->data() != large) throw std::runtime_error("the messages came back changed");
    co_await nc.drain();
  } catch (const std::system_error& e) {
    seen.code = e.code();
    seen.text += e.what();
  }
  co_return seen;
}

/// Rows of case, expected, seen; printed when the table ends (tools/test shows lines that begin with |).
class case_table {
 public:
  explicit case_table(std::string title) : x_title(std::move(title)) {}
  case_table(const case_table&) = delete;
  case_table& operator=(const case_table&) = delete;
  ~case_table() {
    std::printf("\n| %s\n| %-52s %-68s %s\n", x_title.c_str(), "case", "expected", "seen");
    for (const auto& r : x_rows) std::printf("| %-52s %-68s %s\n", r.what.c_str(), r.expected.c_str(), r.seen.c_str());
    std::fflush(stdout);
  }

  /// Connects with `opts`, checks how it ends, that `says` is told, and that none of the secrets is.
  void connect(const std::string& what, innate::options opts, std::error_code expected, std::string_view says = {}) {
    outcome_of_case seen;
    run([&]() -> asio::awaitable<void> { seen = co_await try_to_connect(std::move(opts)); });
    note(what, expected, seen.code);
    CAPTURE(what, seen.text);
    CHECK(seen.code == expected);
    CHECK(seen.text.find(says) != std::string::npos);
    CHECK(seen.attempts_failed <= 1);  // no storm
    for (const auto& secret : secrets) CHECK(seen.text.find(secret) == std::string::npos);
  }

  void note(const std::string& what, std::error_code expected, std::error_code seen) {
    x_rows.push_back({what, name(expected), name(seen)});
  }

  std::vector<std::string> secrets;  ///< never to be told

 private:
  struct row {
    std::string what;
    std::string expected;
    std::string seen;
  };

  static std::string name(std::error_code code) {
    return code ? std::string{code.category().name()} + ": " + code.message() : "connected";
  }

  std::string x_title;
  std::vector<row> x_rows;
};

}  // namespace test
