// SPDX-License-Identifier: Apache-2.0
/// Blocking TCP on loopback, as the floor programs and the servers of the benchmarks use it.
#pragma once

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <system_error>
#include <utility>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

namespace bench {

[[noreturn]] inline void fail(const char* what) { throw std::system_error(errno, std::generic_category(), what); }

/// Move-only owner of a file descriptor.
class socket {
 public:
  explicit socket(int fd) : x_fd(fd) {
    if (fd < 0) fail("socket");
  }
  socket(socket&& other) noexcept : x_fd(std::exchange(other.x_fd, -1)) {}
  socket& operator=(socket&& other) noexcept {
    std::swap(x_fd, other.x_fd);
    return *this;
  }
  ~socket() {
    if (x_fd >= 0) ::close(x_fd);
  }

  [[nodiscard]] int fd() const noexcept { return x_fd; }

  /// At least one byte; 0 when the other side has closed.
  std::size_t read_some(char* into, std::size_t size) const {
    const auto n = ::recv(x_fd, into, size, 0);
    if (n < 0 && errno == ECONNRESET) return 0;
    if (n < 0) fail("recv");
    return static_cast<std::size_t>(n);
  }

  /// All of it; false when the other side has gone.
  bool write_all(std::string_view bytes) const {
    while (!bytes.empty()) {
      const auto n = ::send(x_fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (n < 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(n));
    }
    return true;
  }

  void no_delay() const {
    const int on = 1;
    ::setsockopt(x_fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  }

 private:
  int x_fd;
};

inline sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

inline socket connect_to(std::uint16_t port) {
  socket s{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  const auto address = loopback(port);
  if (::connect(s.fd(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) fail("connect");
  s.no_delay();
  return s;
}

/// Listens on a port that the kernel chooses.
inline std::pair<socket, std::uint16_t> listen_anywhere() {
  socket s{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  auto address = loopback(0);
  socklen_t size = sizeof address;
  if (::bind(s.fd(), reinterpret_cast<sockaddr*>(&address), size) != 0 || ::listen(s.fd(), 16) != 0 ||
      ::getsockname(s.fd(), reinterpret_cast<sockaddr*>(&address), &size) != 0)
    fail("listen");
  return {std::move(s), ntohs(address.sin_port)};
}

inline socket accept_one(const socket& listener) {
  socket s{::accept4(listener.fd(), nullptr, nullptr, SOCK_CLOEXEC)};
  s.no_delay();
  return s;
}

}  // namespace bench
