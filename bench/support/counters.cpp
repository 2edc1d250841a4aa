// SPDX-License-Identifier: Apache-2.0
// Stands in front of glibc's allocator and system calls and counts. Linked into a program it counts that; as a shared
// object in LD_PRELOAD it counts a program that knows nothing of it, and tells at the end on the descriptor that
// BENCH_COUNTERS_FD names.
#include "counters.hpp"

#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <cstdlib>

#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

namespace {

std::atomic<std::uint64_t> allocations, reads, writes, waits;

void add(std::atomic<std::uint64_t>& counter) noexcept { counter.fetch_add(1, std::memory_order_relaxed); }

}  // namespace

namespace bench {

counters count_so_far() noexcept { return {allocations.load(), reads.load(), writes.load(), waits.load()}; }

}  // namespace bench

extern "C" {

void* __libc_malloc(std::size_t);
void* __libc_calloc(std::size_t, std::size_t);
void* __libc_realloc(void*, std::size_t);
void* __libc_memalign(std::size_t, std::size_t);

void* malloc(std::size_t size) {
  add(allocations);
  return __libc_malloc(size);
}
void* calloc(std::size_t count, std::size_t size) {
  add(allocations);
  return __libc_calloc(count, size);
}
void* realloc(void* old, std::size_t size) {
  add(allocations);
  return __libc_realloc(old, size);
}
void* aligned_alloc(std::size_t alignment, std::size_t size) {
  add(allocations);
  return __libc_memalign(alignment, size);
}
int posix_memalign(void** into, std::size_t alignment, std::size_t size) {
  add(allocations);
  *into = __libc_memalign(alignment, size);
  return *into ? 0 : ENOMEM;
}

ssize_t read(int fd, void* into, std::size_t size) {
  add(reads);
  return ::syscall(SYS_read, fd, into, size);
}
ssize_t readv(int fd, const iovec* parts, int count) {
  add(reads);
  return ::syscall(SYS_readv, fd, parts, count);
}
ssize_t recvfrom(int fd, void* into, std::size_t size, int flags, sockaddr* from, socklen_t* from_size) {
  add(reads);
  return ::syscall(SYS_recvfrom, fd, into, size, flags, from, from_size);
}
ssize_t recv(int fd, void* into, std::size_t size, int flags) {
  return recvfrom(fd, into, size, flags, nullptr, nullptr);
}
ssize_t recvmsg(int fd, msghdr* message, int flags) {
  add(reads);
  return ::syscall(SYS_recvmsg, fd, message, flags);
}

ssize_t write(int fd, const void* bytes, std::size_t size) {
  add(writes);
  return ::syscall(SYS_write, fd, bytes, size);
}
ssize_t writev(int fd, const iovec* parts, int count) {
  add(writes);
  return ::syscall(SYS_writev, fd, parts, count);
}
ssize_t sendto(int fd, const void* bytes, std::size_t size, int flags, const sockaddr* to, socklen_t to_size) {
  add(writes);
  return ::syscall(SYS_sendto, fd, bytes, size, flags, to, to_size);
}
ssize_t send(int fd, const void* bytes, std::size_t size, int flags) {
  return sendto(fd, bytes, size, flags, nullptr, 0);
}
ssize_t sendmsg(int fd, const msghdr* message, int flags) {
  add(writes);
  return ::syscall(SYS_sendmsg, fd, message, flags);
}

int epoll_wait(int fd, epoll_event* events, int size, int timeout) {
  add(waits);
  return static_cast<int>(::syscall(SYS_epoll_pwait, fd, events, size, timeout, nullptr, 8));
}
int poll(pollfd* fds, nfds_t count, int timeout) {
  add(waits);
  return static_cast<int>(::syscall(SYS_poll, fds, count, timeout));
}

}  // extern "C"
