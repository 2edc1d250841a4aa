// SPDX-License-Identifier: Apache-2.0
/// A real nats-server on a free loopback port, for as long as this object lives.
#pragma once

#include "temporary_folder.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

namespace test {

/// A port that nobody listens on now; the kernel does not give it out again soon.
inline int free_port() {
  const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (::bind(fd, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
      ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0)
    throw std::system_error(errno, std::generic_category(), "no free port");
  ::close(fd);
  return ntohs(address.sin_port);
}

class nats_server {
 public:
  /// `config` is added to the server's configuration file.
  explicit nats_server(const std::string& config = {}) : x_port(free_port()) {
    configure(config);
    start();
  }
  nats_server(const nats_server&) = delete;
  nats_server& operator=(const nats_server&) = delete;
  ~nats_server() { kill(); }

  [[nodiscard]] std::string url() const { return "nats://127.0.0.1:" + std::to_string(x_port); }
  [[nodiscard]] std::string url(const std::string& credentials) const {
    return "nats://" + credentials + "@127.0.0.1:" + std::to_string(x_port);
  }

  [[nodiscard]] int port() const noexcept { return x_port; }

  /// What the next start reads.
  void configure(const std::string& config) const {
    x_folder.file("server.conf", "listen: 127.0.0.1:" + std::to_string(x_port) + "\n" + config + "\n");
  }

  /// Starts it and waits until it accepts connections.
  void start() {
    const auto binary = path();
    const auto config = x_folder.path("server.conf");
    std::array<std::string, 3> words{binary, "-c", config};
    std::array<char*, 4> argv{words[0].data(), words[1].data(), words[2].data(), nullptr};
    posix_spawn_file_actions_t quiet;
    ::posix_spawn_file_actions_init(&quiet);
    const auto log = x_folder.path("log");
    ::posix_spawn_file_actions_addopen(&quiet, 2, log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    ::posix_spawn_file_actions_addclosefrom_np(&quiet, 3);  // a socket that it inherits would outlive its closing here
    const int failed = ::posix_spawn(&x_pid, binary.c_str(), &quiet, nullptr, argv.data(), environ);
    ::posix_spawn_file_actions_destroy(&quiet);
    if (failed) throw std::system_error(failed, std::generic_category(), "cannot start " + binary);
    while (!accepts()) {
      if (::waitpid(x_pid, nullptr, WNOHANG) == x_pid) throw std::runtime_error("nats-server ended at its start");
      ::sched_yield();
    }
  }

  void kill(int signal = SIGKILL) {
    if (x_pid == 0) return;
    ::kill(x_pid, signal);
    ::waitpid(x_pid, nullptr, 0);
    x_pid = 0;
  }
  void signal(int number) { ::kill(x_pid, number); }

 private:
  static std::string path() {
    const char* given = std::getenv("INNATE_NATS_SERVER");
    if (given && *given) return given;
    return "/usr/sbin/nats-server";
  }

  [[nodiscard]] bool accepts() const {
    const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(x_port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const bool connected = ::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
    ::close(fd);
    return connected;
  }

  int x_port;
  temporary_folder x_folder;
  pid_t x_pid = 0;
};

}  // namespace test
