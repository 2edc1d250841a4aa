// SPDX-License-Identifier: Apache-2.0
/// The whole system on a real server: seven components run five flows, and each event is checked.
///
/// usage: system [--processes], server in NATS_URL. With --processes each component is a process of its own, which is
/// this program with --role NAME. Exit status 0 when everything expected happened, and nothing else.
#include "roles.hpp"
#include "script.hpp"

#include <asio/co_spawn.hpp>
#include <asio/io_context.hpp>

#include <cstdio>
#include <exception>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <csignal>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

/// The components that run as processes; whatever happens, none outlives this one.
class processes {
 public:
  processes() = default;
  processes(const processes&) = delete;
  processes& operator=(const processes&) = delete;
  ~processes() {
    for (const auto pid : x_running) ::kill(pid, SIGKILL);
    for (const auto pid : x_running) ::waitpid(pid, nullptr, 0);
  }

  void start(std::string role) {
    std::string self = "/proc/self/exe";
    std::string option = "--role";
    std::vector<char*> argv{self.data(), option.data(), role.data(), nullptr};
    pid_t pid = 0;
    if (const int failed = ::posix_spawn(&pid, self.c_str(), nullptr, nullptr, argv.data(), environ))
      throw std::system_error(failed, std::generic_category(), "cannot start the role " + role);
    x_running.push_back(pid);
  }

 private:
  std::vector<pid_t> x_running;
};

constexpr const char* usage =
    "usage: demo [--processes]\n"
    "Seven components run five flows on the server that NATS_URL names; each event is checked.\n"
    "  --processes   each component is a process of its own\n";

/// Runs one coroutine to its end; false when it threw, which is told.
bool run_to_end(asio::io_context& io, asio::awaitable<void> body) {
  bool good = false;
  asio::co_spawn(io, std::move(body), [&](const std::exception_ptr& thrown) {
    try {
      if (thrown) std::rethrow_exception(thrown);
      good = true;
    } catch (const std::exception& e) {
      std::fprintf(stderr, "demo failed: %s\n", e.what());
    }
    io.stop();
  });
  io.run();
  return good;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string_view> words{argv + 1, argv + argc};
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  asio::io_context io{1};
  if (words.size() == 2 && words[0] == "--role") return run_to_end(io, demo::play(std::string{words[1]})) ? 0 : 1;
  if (words.size() == 1 && (words[0] == "--help" || words[0] == "-h")) {
    std::fputs(usage, stdout);
    return 0;
  }
  const bool apart = words.size() == 1 && words[0] == "--processes";
  if (!words.empty() && !apart) {
    std::fprintf(stderr, "demo: '%s' is not understood\n%s", argv[words[0] == "--processes" ? 2 : 1], usage);
    return 2;
  }
  processes children;
  const auto start_role = [&](std::string_view role) {
    if (apart) return children.start(std::string{role});
    asio::co_spawn(io, demo::play(std::string{role}), [](const std::exception_ptr& thrown) {
      if (thrown) std::rethrow_exception(thrown);  // out of io.run()
    });
  };
  bool good = false;
  try {
    good = run_to_end(io, demo::run_flows(start_role));
  } catch (const std::exception& e) {
    std::fprintf(stderr, "demo failed: %s\n", e.what());
  }
  if (good) std::puts("\ndone: everything expected happened, and nothing else");
  return good ? 0 : 1;
}
