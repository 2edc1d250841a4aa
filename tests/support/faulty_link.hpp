// SPDX-License-Identifier: Apache-2.0
/// Links to a scripted server that misbehave at one chosen step or byte.
#pragma once

#include "scripted_server.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace test {

enum class fault : std::uint8_t {
  none,
  fail,       // the link ends at this read or write
  stall,      // from this read or write on nothing moves, either way
  half_open,  // from this read or write on writes go nowhere and nothing comes
  trickle,    // from this read or write on one byte at a time
  cut,        // the link ends after this byte
  corrupt,    // this byte changes on its way
};

[[nodiscard]] inline std::string_view to_string(fault f) {
  static constexpr std::array<std::string_view, 7> names{"none",    "fail", "stall",  "half-open",
                                                         "trickle", "cut",  "corrupt"};
  return names[static_cast<std::size_t>(f)];
}

/// What goes wrong, and what was counted over all links of a run. It happens once.
struct fault_plan {
  fault what = fault::none;
  bool writing = false;    // else reading
  std::size_t at = 0;      // which step or byte of that direction, from 0
  unsigned char mask = 0;  // of a corrupted byte

  std::size_t reads = 0, writes = 0, bytes_read = 0, bytes_written = 0;
  bool struck = false;

  [[nodiscard]] std::string describe() const {
    const bool byte = what == fault::cut || what == fault::corrupt;
    return std::string{to_string(what)} + " at " + (writing ? "write" : "read") + (byte ? " byte " : " ") +
           std::to_string(at) + (mask ? " with mask " + std::to_string(mask) : "");
  }
};

/// A link to the scripted server, with the plan's fault in it.
class faulty_stream final : public innate::stream {
 public:
  faulty_stream(scripted_server& server, fault_plan& plan, std::shared_ptr<link> l, int& alive)
      : x_server(server), x_plan(plan), x_link(std::move(l)), x_session(server.accept(x_link)), x_alive(alive) {
    ++x_alive;
  }
  ~faulty_stream() override { --x_alive; }

  asio::awaitable<innate::io_result> read_some(asio::mutable_buffer into) override {
    step(false, x_plan.reads++);
    const auto most = room(false, x_plan.bytes_read, into.size());
    if (most == 0) {
      x_link->cut();
      co_return innate::io_result{asio::error::eof, 0};
    }
    const auto done = co_await x_link->read(asio::mutable_buffer{into.data(), most});
    if (const auto bad = corrupted(false, x_plan.bytes_read, done.size))
      static_cast<char*>(into.data())[*bad] ^= mask();
    x_plan.bytes_read += done.size;
    co_return done;
  }

  asio::awaitable<innate::io_result> write_some(std::span<const std::string_view> pieces) override {
    step(true, x_plan.writes++);
    const auto most = room(true, x_plan.bytes_written, pieces.front().size());
    if (most == 0) {
      x_link->cut();
      co_return innate::io_result{asio::error::broken_pipe, 0};
    }
    const std::string_view piece = pieces.front().substr(0, most);
    const auto done = co_await x_link->write({&piece, 1});
    auto brought = std::exchange(x_link->received, {});
    if (const auto bad = corrupted(true, x_plan.bytes_written, done.size)) brought[*bad] ^= mask();
    x_plan.bytes_written += done.size;
    if (!x_link->mute) x_server.receive(x_session, brought);
    co_return done;
  }

  void close() noexcept override { x_link->cut(); }

 private:
  [[nodiscard]] char mask() const { return static_cast<char>(x_plan.mask); }

  void step(bool writing, std::size_t number) {
    if (x_plan.struck || x_plan.writing != writing || number != x_plan.at) return;
    switch (x_plan.what) {
    case fault::fail: x_link->cut(); break;
    case fault::stall:
      x_link->block();
      x_link->mute = true;
      break;
    case fault::half_open: x_link->mute = true; break;
    case fault::trickle: x_link->most_per_read = x_link->most_per_write = 1; break;
    default: return;
    }
    x_plan.struck = true;
  }

  /// How much may move before the link is to end: 0 is now.
  [[nodiscard]] std::size_t room(bool writing, std::size_t moved, std::size_t wanted) {
    if (x_plan.struck || x_plan.what != fault::cut || x_plan.writing != writing) return wanted;
    const auto left = x_plan.at - moved;
    x_plan.struck = left == 0;
    return std::min(wanted, left);
  }

  [[nodiscard]] std::optional<std::size_t> corrupted(bool writing, std::size_t moved, std::size_t size) {
    if (x_plan.what != fault::corrupt || x_plan.writing != writing || x_plan.at < moved || x_plan.at >= moved + size)
      return std::nullopt;
    x_plan.struck = true;
    return x_plan.at - moved;
  }

  scripted_server& x_server;
  fault_plan& x_plan;
  std::shared_ptr<link> x_link;
  scripted_server::session& x_session;
  int& x_alive;
};

class faulty_environment final : public manual_environment {
 public:
  faulty_environment(asio::io_context& io, scripted_server& server, fault_plan& plan)
      : manual_environment(io), x_io(io), x_server(server), x_plan(plan) {}

  asio::awaitable<innate::dial_result> dial(innate::core::server_url, bool) override {
    links.push_back(std::make_shared<link>(x_io));
    co_return innate::dial_result{std::make_unique<faulty_stream>(x_server, x_plan, links.back(), streams)};
  }
  [[nodiscard]] std::uint64_t random() override { return ++x_random; }

  int streams = 0;  // alive

 private:
  asio::io_context& x_io;
  scripted_server& x_server;
  fault_plan& x_plan;
  std::uint64_t x_random = 0;
};

}  // namespace test
