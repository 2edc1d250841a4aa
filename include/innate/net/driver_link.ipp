// SPDX-License-Identifier: Apache-2.0
/// driver: one link, from dialing to its end.
#pragma once

#include <innate/meta/decl.hpp>
#include <innate/net/driver.hpp>

#include <asio/bind_cancellation_slot.hpp>
#include <asio/cancellation_signal.hpp>
#include <asio/co_spawn.hpp>
#include <asio/error.hpp>

#include <array>
#include <exception>

namespace innate::inline v0::net {

/// Shared with the dialing coroutine, which may outlast the wait for it.
struct driver::dialing {
  asio::cancellation_signal cancel;
  dial_result result;
  bool done = false;
};

/// Closes the stream when the connect deadline passes, which fails whatever the handshake awaits.
class handshake_deadline final : public core::operation {
 public:
  handshake_deadline(core::engine& engine, stream& s, time_point when) : x_engine(engine), x_stream(s) {
    x_engine.wait(*this, x_list, when);
  }
  ~handshake_deadline() { x_engine.forget(*this); }
  void resume() noexcept override {
    x_passed = true;
    x_stream.close();
  }
  [[nodiscard]] bool passed() const noexcept { return x_passed; }

 private:
  core::engine& x_engine;
  stream& x_stream;
  core::operation_list x_list;
  bool x_passed = false;
};

INNATE_DECL asio::awaitable<dial_result> driver::dial(core::server_url url, time_point deadline) {
  const auto attempt = std::make_shared<dialing>();
  // Not a named lambda: a coroutine frame must not hold a type without linkage (innate/src.hpp).
  asio::co_spawn(x_executor, x_world->dial(std::move(url), x_engine.options().randomize),
                 asio::bind_cancellation_slot(
                     attempt->cancel.slot(),
                     [attempt, self = shared_from_this()](const std::exception_ptr& thrown, dial_result r) {
                       attempt->result = std::move(r);
                       if (thrown)
                         attempt->result = dial_result{asio::error::operation_aborted, "the dialer threw an exception"};
                       attempt->done = true;
                       self->x_engine.finish_all(self->x_dialing);
                       self->settle();
                     }));
  std::error_code waited;
  while (!attempt->done && !waited) waited = co_await wait(x_dialing, deadline);
  if (attempt->done) co_return std::move(attempt->result);
  attempt->cancel.emit(asio::cancellation_type::terminal);
  if (waited == errc::timeout) co_return dial_result{errc::connect_timeout, "no connection in time"};
  co_return dial_result{waited, "connecting was given up"};
}

INNATE_DECL asio::awaitable<error> driver::connect_once(core::server_url url) {
  const auto deadline = core::after(now(), x_engine.options().connect_timeout);
  auto dialed = co_await dial(url, deadline);
  if (dialed.error) co_return error{dialed.error, std::move(dialed.detail)};
  if (x_engine.closed()) co_return error{errc::connection_closed};
  x_stream = std::move(dialed.stream);
  x_inbound.reset();
  x_link_error = {};
  const handshake_deadline limit{x_engine, *x_stream, deadline};
  settle();
  auto failed = co_await shake_hands(url);
  if (limit.passed()) failed = error{errc::connect_timeout, "the server did not finish the handshake in time"};
  if (failed.code) x_stream->close();
  co_return failed;
}

INNATE_DECL asio::awaitable<error> driver::shake_hands(const core::server_url& url) {
  core::handshake shake{x_engine.options(), url, core::credentials_for(x_engine.options(), url), false, false};
  while (true) {
    const auto parsed = x_inbound.next();
    if (parsed.kind == protocol::parse_result::kind_type::error)
      co_return error{parsed.error, "during the handshake with " + x_server};
    if (parsed.kind == protocol::parse_result::kind_type::need) {
      const auto room = x_inbound.prepare();
      const auto [failed, size] = co_await x_stream->read_some(asio::mutable_buffer{room.data(), room.size()});
      if (failed) co_return error{failed, "the link ended during the handshake with " + x_server};
      x_inbound.commit(size);
      x_engine.count_received(size);
      continue;
    }
    auto step = shake.on_op(parsed.value);
    if (!step.bytes.empty()) {
      if (const auto failed = co_await send_all(step.bytes))
        co_return error{failed, "the link ended during the handshake with " + x_server};
    }
    using action = core::handshake::action;
    if (step.what == action::failed) co_return std::move(step.why);
    if (step.what == action::done) {
      x_handshake_info = shake.info();
      co_return error{};
    }
  }
}

INNATE_DECL asio::awaitable<std::error_code> driver::send_all(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto [failed, size] = co_await x_stream->write_some(std::span{&bytes, 1});
    if (failed) co_return failed;
    x_engine.count_sent(size);
    bytes.remove_prefix(size);
  }
  co_return std::error_code{};
}

INNATE_DECL asio::awaitable<error> driver::serve_link() {
  x_writing = true;
  asio::co_spawn(x_executor, write_loop(), [self = shared_from_this()](const std::exception_ptr&) {
    self->x_writing = false;
    self->x_engine.finish_all(self->x_children);
    self->settle();
  });
  while (true) {
    if (const auto broken = x_engine.receive(x_inbound, now())) end_link(broken, "the server broke the protocol");
    settle();
    if (x_link_error.code) break;
    const auto room = x_inbound.prepare();
    const auto [failed, size] = co_await x_stream->read_some(asio::mutable_buffer{room.data(), room.size()});
    if (failed) {
      end_link(failed == asio::error::eof ? make_error_code(errc::server_closed_connection) : failed);
      break;
    }
    x_inbound.commit(size);
    x_engine.count_received(size);
  }
  while (x_writing) co_await wait(x_children);
  x_stream.reset();
  co_return std::exchange(x_link_error, {});
}

INNATE_DECL asio::awaitable<void> driver::write_loop() {
  std::array<std::string_view, max_write_pieces> pieces;
  while (!x_link_error.code) {
    const auto count = x_engine.out.gather(pieces);
    if (count == 0) {
      co_await wait(x_engine.writer);
      continue;
    }
    const auto [failed, size] = co_await x_stream->write_some(std::span{pieces.data(), count});
    if (failed) {
      end_link(failed);
      break;
    }
    x_engine.count_sent(size);
    x_engine.sent(size);
    settle();
  }
}

/// The first reason counts; a server that complained before it hung up gave a better one.
INNATE_DECL void driver::end_link(std::error_code why, std::string detail) {
  if (!x_stream || x_link_error.code) return;
  const bool hung_up = why == errc::server_closed_connection && x_engine.server_complaint().code;
  x_link_error = hung_up ? x_engine.server_complaint() : error{why, std::move(detail)};
  x_stream->close();
  x_engine.finish_all(x_engine.writer);
}

}  // namespace innate::inline v0::net
