// SPDX-License-Identifier: Apache-2.0
/// driver: one link, from dialing to its end.
#pragma once

#include <innate/core/tls_errc.hpp>
#include <innate/meta/decl.hpp>
#include <innate/net/driver.hpp>

#include <asio/as_tuple.hpp>
#include <asio/bind_cancellation_slot.hpp>
#include <asio/buffer.hpp>
#include <asio/co_spawn.hpp>
#include <asio/deferred.hpp>
#include <asio/error.hpp>

#include <array>
#include <exception>
#include <optional>
#include <tuple>

namespace innate::inline v0::net {

/// Work of others that the connect deadline bounds; shared with its coroutine, which may outlast the wait for it.
struct driver::attempt {
  asio::cancellation_signal cancel;
  std::exception_ptr thrown;
  bool done = false;
};

template <class T>
struct driver::attempt_for : attempt {
  [[gnu::cold]] static asio::awaitable<void> carry_out(std::shared_ptr<attempt_for> a, asio::awaitable<T> work) {
    a->value.emplace(co_await std::move(work));
  }

  std::optional<T> value;
};

/// Closes the stream when the connect deadline passes, which fails whatever the handshake awaits.
class handshake_deadline final : public core::operation {
 public:
  [[gnu::cold]] handshake_deadline(core::engine& engine, channel& c, time_point when) : x_engine(engine), x_channel(c) {
    x_engine.wait(*this, x_list, when);
  }
  ~handshake_deadline() { x_engine.forget(*this); }
  void resume(core::turn) noexcept override {
    x_passed = true;
    if (x_channel.stream) x_channel.stream->close();
  }
  [[nodiscard]] bool passed() const noexcept { return x_passed; }

 private:
  core::engine& x_engine;
  channel& x_channel;  // an upgrade replaces its stream
  core::operation_list x_list;
  bool x_passed = false;
};

INNATE_COLD void driver::spawn(asio::awaitable<void> work, child_end then, asio::cancellation_slot slot) {
  asio::co_spawn(x_executor, std::move(work), asio::bind_cancellation_slot(slot, std::move(then)));
}

/// What an end of stream means here.
[[nodiscard]] inline std::error_code or_closed(std::error_code failed) noexcept {
  return failed == asio::error::eof ? make_error_code(errc::server_closed_connection) : failed;
}

/// Empty when `a` is done; else why not, and the work is cancelled and, should it not react, abandoned.
INNATE_COLD asio::awaitable<std::error_code> driver::finish_by(time_point deadline, std::shared_ptr<attempt> a,
                                                               asio::awaitable<void> work) {
  // No named lambda: a coroutine frame must not hold a type without linkage (innate/src.hpp).
  spawn(
      std::move(work),
      [a, self = shared_from_this()](const std::exception_ptr& thrown) {
        a->thrown = thrown;
        a->done = true;
        self->x_engine.finish_all(self->x_attempting);
        self->settle();
      },
      a->cancel.slot());
  std::error_code waited;
  while (!a->done && !waited) waited = co_await wait(x_attempting, deadline);
  if (a->done) co_return std::error_code{};
  a->cancel.emit(asio::cancellation_type::terminal);
  co_return waited;
}

INNATE_COLD asio::awaitable<dial_result> driver::dial(core::server_url url, time_point deadline) {
  using dialing = attempt_for<dial_result>;
  const auto a = std::make_shared<dialing>();
  auto work = dialing::carry_out(a, x_world->dial(std::move(url), x_engine.options().randomize));
  const auto given_up = co_await finish_by(deadline, a, std::move(work));
  if (given_up == errc::timeout) co_return dial_result{errc::connect_timeout, "no connection in time"};
  if (given_up) co_return dial_result{given_up, "connecting was given up"};
  if (a->thrown) co_return dial_result{asio::error::operation_aborted, "the dialer threw an exception"};
  co_return std::move(*a->value);
}

INNATE_COLD asio::awaitable<error> driver::connect_once(channel_ptr c, core::server_url url) {
  const auto deadline = core::after(now(), x_engine.options().connect_timeout);
  c->link->server = url.to_string();
  auto dialed = co_await dial(url, deadline);
  if (dialed.error) co_return error{dialed.error, std::move(dialed.detail)};
  if (x_engine.closed()) co_return error{errc::connection_closed};
  c->stream = std::move(dialed.stream);
  c->link->in.reset();
  const handshake_deadline limit{x_engine, *c, deadline};
  settle();
  auto failed = co_await shake_hands(*c, url, deadline);
  if (limit.passed() && failed.code != errc::connect_timeout)
    failed = error{errc::connect_timeout, "the server did not finish the handshake in time"};
  if (failed.code && c->stream) c->stream->close();
  co_return failed;
}

INNATE_COLD asio::awaitable<error> driver::shake_hands(channel& c, const core::server_url& url, time_point deadline) {
  using action = core::handshake::action;
  const auto& tls = x_engine.options().tls;
  auto& in = c.link->in;
  const bool tls_first = tls.layer && tls.use == tls_use::first;
  if (tls_first) {
    auto failed = co_await upgrade(c, url);
    if (failed.code) co_return failed;
  }
  core::handshake shake{x_engine.options(), url, tls_first};
  std::error_code unsent;  // what the server still has to say explains more
  while (true) {
    const auto parsed = in.next();
    if (parsed.kind == protocol::parse_result::kind_type::error)
      co_return error{parsed.error, "during the handshake with " + c.link->server};
    if (parsed.kind == protocol::parse_result::kind_type::need) {
      const auto room = in.prepare();
      const auto [failed, size] = co_await c.stream->read_some(asio::mutable_buffer{room.data(), room.size()});
      if (failed) {
        const bool told = failed.category() == tls_errc_category();
        co_return error{unsent && !told ? unsent : or_closed(failed),
                        "the link ended during the handshake with " + c.link->server};
      }
      in.commit(size);
      x_engine.count_received(size);
      continue;
    }
    auto step = shake.on_op(parsed.value);
    if (step.what == action::upgrade_tls) {
      auto failed = co_await upgrade(c, url);
      if (failed.code) co_return failed;
      step = shake.on_tls();
    }
    if (step.what == action::authenticate) {
      auth_request request{shake.info().nonce, c.link->server};
      auto who = co_await authenticate(url, std::move(request), deadline);
      if (!who) co_return who.error();
      step = shake.on_credentials(*who);
    }
    if (!step.bytes.empty() && !unsent) unsent = co_await send_all(*c.stream, step.bytes);
    if (step.what == action::failed) co_return std::move(step.why);
    if (step.what == action::done) {
      c.link->info = shake.info();
      co_return error{};
    }
  }
}

/// Puts TLS over the stream; what was read too early belongs to it.
INNATE_COLD asio::awaitable<error> driver::upgrade(channel& c, const core::server_url& url) {
  auto wrapped = x_engine.options().tls.layer->wrap(std::move(c.stream), url, c.link->in.take_rest());
  if (!wrapped) co_return wrapped.error();
  auto& secure = **wrapped;
  c.stream = std::move(*wrapped);
  auto failed = co_await secure.shake_hands();
  failed.code = or_closed(failed.code);
  co_return failed;
}

/// Called where its exception is caught.
[[nodiscard, gnu::cold]] inline error what_authenticator_threw() {
  try {
    throw;
  } catch (const std::system_error& e) {
    return error{e.code(), std::string{"the authenticator threw: "} + e.what()};
  } catch (const std::exception& e) {
    return error{errc::authenticator_failed, e.what()};
  } catch (...) {
    return error{errc::authenticator_failed, "it threw something that is not a std::exception"};
  }
}

/// Credentials of a URL are for its server, whatever else there is.
INNATE_COLD asio::awaitable<result<credentials>> driver::authenticate(const core::server_url& url, auth_request request,
                                                                      time_point deadline) {
  using asking = attempt_for<result<credentials>>;
  const auto a = std::make_shared<asking>();
  const auto& asked = x_engine.options().authenticator;
  std::error_code given_up;
  try {
    if (!asked || url.has_credentials()) co_return core::credentials_for(x_engine.options(), url);
    auto work = asking::carry_out(a, asked->authenticate(std::move(request)));
    given_up = co_await finish_by(deadline, a, std::move(work));
    if (a->thrown) std::rethrow_exception(a->thrown);
  } catch (...) {
    co_return what_authenticator_threw();
  }
  if (given_up == errc::timeout) co_return error{errc::connect_timeout, "the authenticator did not answer in time"};
  if (given_up) co_return error{given_up};
  co_return std::move(*a->value);
}

INNATE_COLD asio::awaitable<std::error_code> driver::send_all(stream& to, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto [failed, size] = co_await to.write_some(std::span{&bytes, 1});
    if (failed) co_return failed;
    x_engine.count_sent(size);
    bytes.remove_prefix(size);
  }
  co_return std::error_code{};
}

INNATE_COLD void driver::start(const channel_ptr& c) {
  ++x_serving;
  spawn(serve(c), [self = shared_from_this(), c](const std::exception_ptr& thrown) {
    --self->x_serving;
    if (thrown) self->x_thrown = thrown;
    self->ended(c);
    self->x_engine.finish_all(self->x_children);
    self->settle();
  });
}

/// Reads and writes until the link ends; `end` of the channel says why it did.
INNATE_DECL asio::awaitable<void> driver::serve(channel_ptr c) {
  c->writing = true;
  spawn(write_loop(c), [self = shared_from_this(), c](const std::exception_ptr&) {
    c->writing = false;
    if (self->x_direct == c) self->x_direct = nullptr;  // however the writer ended
    self->x_engine.finish_all(self->x_children);
    self->settle();
  });
  auto& in = c->link->in;
  while (true) {
    if (const auto broken = x_engine.receive(*c->link, now())) end(*c, broken, "the server broke the protocol");
    settle(core::turn::now);
    if (c->end.code) break;
    const auto room = in.prepare();
    const asio::mutable_buffer into{room.data(), room.size()};
    io_result read;
    if (auto* const socket = c->stream->socket()) {
      std::tie(read.error, read.size) = co_await socket->async_read_some(into, asio::as_tuple(asio::deferred));
    } else {
      read = co_await c->stream->read_some(into);
    }
    if (read.error) {
      end(*c, or_closed(read.error));
      break;
    }
    in.commit(read.size);
    x_engine.count_received(read.size);
  }
  while (c->writing) co_await wait(x_children);
  c->stream.reset();
}

/// Writes of 32 KiB are as cheap a byte as larger ones, and stay in the cache.
inline constexpr std::size_t direct_write_size = std::size_t{32} << 10;

/// Writes what the socket takes without waiting; what it does not take is the writer's, who waits for it. At most one
/// of the two writes at a time: while the writer waits inside a write, nobody writes directly.
INNATE_DECL asio::awaitable<void> driver::write_loop(channel_ptr c) {
  std::array<std::string_view, max_write_pieces> pieces;
  auto& link = *c->link;
  while (!c->end.code) {
    const std::span<const std::string_view> waiting{pieces.data(), link.out.gather(pieces)};
    if (waiting.empty()) {
      if (c == x_channel) {
        x_direct = c;
        x_direct_from = direct_write_size;
      }
      operation woken{*this};  // here and not in a coroutine of its own, because every request comes by
      begin_wait(woken, link.writer);
      co_await woken.finished();
      continue;
    }
    auto taken = c->stream->try_write(waiting);
    if (!taken.error && taken.size == 0) {
      if (x_direct == c) x_direct = nullptr;
      taken = co_await c->stream->write_some(waiting);
    }
    if (taken.error) {
      end(*c, taken.error);
      break;
    }
    x_engine.count_sent(taken.size);
    x_engine.sent(link, taken.size);
    settle();
  }
}

INNATE_DECL void driver::write_directly() {
  const auto c = x_direct;
  auto& link = *c->link;
  std::array<std::string_view, max_write_pieces> pieces;
  while (const auto count = link.out.gather(pieces)) {
    const auto taken = c->stream->try_write(std::span{pieces.data(), count});
    if (taken.error || taken.size == 0) break;  // the writer meets it again
    x_engine.count_sent(taken.size);
    x_engine.sent(link, taken.size);
  }
  x_direct_from = link.out.size() + direct_write_size;
  if (!x_engine.current_link()->out.empty()) x_engine.wake_writer();
}

/// The first reason counts; a server that complained before it hung up gave a better one.
INNATE_COLD void driver::end(channel& c, std::error_code why, std::string detail) {
  if (!c.stream || c.end.code) return;
  const auto& complaint = c.link->complaint;
  const bool by_peer = why == errc::server_closed_connection || why.category() != errc_category();
  c.end = by_peer && complaint.code ? complaint : error{why, std::move(detail)};
  c.stream->close();
  x_engine.finish_all(c.link->writer);
}

}  // namespace innate::inline v0::net
