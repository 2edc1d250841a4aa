// SPDX-License-Identifier: Apache-2.0
// receive --port N [--count N] [--size N] [--form plain|headers] [--mode next|try_next|next_batch|callback]
#include "scenario.hpp"

#include <array>
#include <span>

namespace bench {

namespace {

// Takes `count` messages in the way `mode` says and returns the bytes of their payloads.
asio::awaitable<std::uint64_t> take(innate::subscription& sub, std::uint64_t count, std::string_view mode) {
  std::uint64_t bytes = 0;
  if (mode == "next") {
    for (std::uint64_t i = 0; i != count; ++i) bytes += (co_await sub.next())->data().size();
  } else if (mode == "try_next") {
    for (std::uint64_t i = 0; i != count;) {
      bytes += (co_await sub.next())->data().size();
      for (++i; i != count; ++i) {
        const auto m = sub.try_next();
        if (!m) break;
        bytes += m->data().size();
      }
    }
  } else if (mode == "next_batch") {
    std::array<innate::message, 256> batch;
    for (std::uint64_t i = 0; i != count;) {
      const auto n = co_await sub.next_batch(std::span{batch}.first(std::min<std::size_t>(batch.size(), count - i)));
      for (std::size_t k = 0; k != n; ++k) bytes += std::exchange(batch[k], {}).data().size();
      i += n;
    }
  } else {
    unknown("mode", mode);
  }
  co_return bytes;
}

void check(std::uint64_t bytes, std::uint64_t count, std::string_view payload) {
  if (bytes != count * payload.size()) throw std::runtime_error("not every byte arrived");
}

struct wanted {
  std::uint64_t count;
  std::string payload, mode;
  bool headers;
  [[nodiscard]] std::string subject(std::uint64_t messages) const { return go{messages, false, headers}.subject(); }
};

// One subscription, one handler for all: the warm-up and what is measured.
scenario receive_by_callback(innate::connection& nc, const wanted& w) {
  const auto warm_up = w.count / 10;
  std::uint64_t seen = 0, bytes = 0;
  stopwatch watch;
  auto sub = nc.subscribe("bench.data");
  co_await nc.publish(w.subject(warm_up), w.payload);
  co_await sub.for_each([&](const innate::message& m) {
    bytes += m.data().size();
    ++seen;
    if (seen == warm_up) {
      watch.start();
      if (const auto failed = nc.try_publish(w.subject(w.count), w.payload)) throw std::system_error(failed);
    } else if (seen == warm_up + w.count) {
      watch.stop("innate receive callback", w.count).print();
      sub.unsubscribe();
    }
  });
  check(bytes, warm_up + w.count, w.payload);
}

scenario receive_by_pull(innate::connection& nc, const wanted& w) {
  auto sub = nc.subscribe("bench.data");
  const auto ask_and_take = [&](std::uint64_t messages) -> asio::awaitable<void> {
    co_await nc.publish(w.subject(messages), w.payload);
    check(co_await take(sub, messages, w.mode), messages, w.payload);
  };
  co_await ask_and_take(w.count / 10);
  stopwatch watch;
  watch.start();
  co_await ask_and_take(w.count);
  watch.stop("innate receive " + w.mode, w.count).print();
}

}  // namespace

scenario receive(const arguments& given) {
  const wanted w{given.number("count", 100'000), std::string(given.number("size", 16), 'x'), given.text("mode", "next"),
                 given.text("form", "plain") == "headers"};
  auto nc = co_await dial(given);
  if (w.mode == "callback") {
    co_await receive_by_callback(nc, w);
  } else {
    co_await receive_by_pull(nc, w);
  }
}

}  // namespace bench
