// SPDX-License-Identifier: Apache-2.0
/// Where a connection takes its streams, its clock, its timer and its randomness from; replace it to dial through a
/// proxy, or to own time in a test.
#pragma once

#include <innate/core/clock.hpp>
#include <innate/core/url.hpp>
#include <innate/meta/decl.hpp>
#include <innate/net/dial_result.hpp>
#include <innate/net/stream.hpp>

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>

#include <cstdint>
#include <memory>
#include <random>

namespace innate::inline v0 {

/// One rearmable alarm.
class timer {
 public:
  timer() = default;
  timer(const timer&) = delete;
  timer& operator=(const timer&) = delete;
  virtual ~timer() = default;

  /// Completes at `when` or at `cancel`, whichever is first. One wait at a time; `time_point::max()` never comes.
  virtual asio::awaitable<void> wait_until(time_point when) = 0;
  virtual void cancel() noexcept = 0;
};

/// Must outlive every connection that uses it, which holding it by `shared_ptr` ensures.
class environment {
 public:
  environment() = default;
  environment(const environment&) = delete;
  environment& operator=(const environment&) = delete;
  virtual ~environment() = default;

  [[nodiscard]] virtual time_point now() const;
  /// 64 random bits: for shuffling, jitter and inbox names.
  [[nodiscard]] virtual std::uint64_t random();
  [[nodiscard]] virtual std::unique_ptr<timer> make_timer(const asio::any_io_executor& executor);

  /// Opens a stream to `url`. The connection bounds it with its connect deadline: it is cancelled (and, should it not
  /// react, abandoned) after that. Default: TCP to every address of the host in turn, shuffled when `randomize`.
  [[nodiscard]] virtual asio::awaitable<dial_result> dial(core::server_url url, bool randomize);

 private:
  std::random_device x_device{};
};

}  // namespace innate::inline v0

#if !defined(INNATE_SEPARATE_COMPILATION)
#include <innate/net/environment.ipp>
#endif
