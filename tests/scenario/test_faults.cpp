// SPDX-License-Identifier: Apache-2.0
#include "support/faults.hpp"
#include "support/toy_tls.hpp"

#include <catch2/catch_test_macros.hpp>

#include <array>
#include <cstdio>

using namespace std::chrono_literals;
using test::client_script;
using test::fault;
using test::fault_plan;
using test::fault_run;

namespace {

/// Limits that are short, so that every fault meets one.
innate::options impatient() {
  innate::options o{"nats://one:1,nats://two:2"};
  o.randomize = false;
  o.connect_timeout = 2s;
  o.ping_interval = 1s;
  o.request_timeout = 2s;
  o.flush_timeout = 5s;
  o.drain_timeout = 6s;
  o.reconnect.wait = 100ms;
  o.reconnect.jitter = {};
  return o;
}

asio::awaitable<void> publishes_and_flushes(fault_run& r) {
  r.collect("t.*");
  r.collect("t.a", {.queue = "q"});
  r.collect("t.>", {.queue = "q"});
  for (int i = 0; i != 3; ++i) {
    co_await r.publish("t.a");
    co_await r.publish("t.b", 20);
    co_await r.within(5s, "flush", r.nc->flush());
  }
  co_await r.within(5s, "rtt", r.nc->rtt());
}

asio::awaitable<void> sends_large_payloads(fault_run& r) {
  r.collect("t.*");
  for (const std::size_t size : {3U, 5000U, 9000U}) {
    std::string text = std::to_string(size);
    text.append(size, ' ');
    static_cast<void>(r.nc->try_publish("t.large", innate::owned_payload{std::move(text)}));
  }
  co_await r.within(5s, "flush", r.nc->flush());
}

asio::awaitable<void> asks_and_answers(fault_run& r) {
  auto service = r.nc->try_subscribe("svc");
  if (!service) co_return;
  service->for_each([&](const innate::message& m) { static_cast<void>(r.nc->try_respond(m, m.data())); },
                    [](std::error_code) {});
  for (int i = 0; i != 3; ++i) r.beside(2s, "request", r.nc->request("svc", "?"));
  co_await r.within(2s, "request", r.nc->request("svc", "?"));
  const auto nobody = co_await r.within(2s, "request to nobody", r.nc->request("nobody", "?"));
  if (!nobody && r.intact()) r.violation("nobody answered");
  co_await r.within(500ms, "short request", r.nc->request("svc", "?", {.timeout = 500ms}));
  auto many = r.nc->request_many("svc", "?", {.timeout = 1s, .max_replies = 2});
  co_await r.within(1s, "request_many", many.next());
  co_await r.within(1s, "request_many", many.next());
}

asio::awaitable<void> ends_subscriptions(fault_run& r) {
  auto* first = r.collect("t.*");
  r.collect("t.*", {.max_messages = 3});
  auto* third = r.collect("t.a");
  if (!third) co_return;
  for (int i = 0; i != 3; ++i) co_await r.publish("t.a");
  co_await r.within(5s, "flush", r.nc->flush());
  first->unsubscribe();
  static_cast<void>(third->auto_unsubscribe(5));
  for (int i = 0; i != 3; ++i) co_await r.publish("t.a");
  co_await r.within(6s, "drain of a subscription", third->drain());
}

asio::awaitable<void> reconnects_by_itself(fault_run& r) {
  r.collect("t.*");
  for (int i = 0; i != 3; ++i) {
    co_await r.publish("t.a");
    r.beside(5s, "flush", r.nc->flush());
    r.nc->force_reconnect();
    co_await r.publish("t.a");
    co_await r.within(5s, "flush", r.nc->flush());
  }
}

asio::awaitable<void> drains(fault_run& r) {
  r.collect("t.*");
  r.collect("t.b", {.queue = "q"});
  for (int i = 0; i != 4; ++i) co_await r.publish(i % 2 ? "t.a" : "t.b", 30);
  r.beside(2s, "request", r.nc->request("nobody", "?"));
  co_await r.within(6s, "drain", r.nc->drain());
  if (r.nc->status() != innate::status::closed) r.violation("drained, and not closed");
}

struct tally {
  std::size_t runs = 0;
  std::string violations;
};

/// The script with this fault; what it counted.
fault_plan run_once(const client_script& script, const innate::options& opts, bool secure, fault_plan plan,
                    tally& all) {
  fault_run r{opts, plan};
  if (secure) {
    r.server.wants_tls = true;
    r.server.wants_token = "t-n0nce";
  }
  r.go(script);
  ++all.runs;
  if (all.violations.size() < 2000) all.violations += r.violations;
  if (plan.what != fault::none && !r.plan.struck) all.violations += plan.describe() + ": the fault did not happen\n";
  return r.plan;
}

/// The script once as it is, then with each fault at each step, and at `bytes` places of both streams.
void try_everywhere(const std::string& name, const client_script& script, std::size_t bytes = 250,
                    bool secure = false) {
  auto opts = impatient();
  if (secure) {
    opts.tls = {std::make_shared<test::toy_layer>(), innate::tls_use::when_asked};
    opts.authenticator = innate::authenticate_with([](const innate::auth_request& request) {
      innate::credentials who;
      who.token = "t-" + request.nonce;
      return who;
    });
  }
  tally all;
  const auto usual = run_once(script, opts, secure, {}, all);
  for (const bool writing : {false, true}) {
    const auto steps = writing ? usual.writes : usual.reads;
    for (const auto what : {fault::fail, fault::stall, fault::half_open, fault::trickle})
      for (std::size_t at = 0; at != steps; ++at) run_once(script, opts, secure, {what, writing, at}, all);
    const auto size = writing ? usual.bytes_written : usual.bytes_read;
    const auto stride = std::max<std::size_t>(1, size / bytes);
    for (std::size_t at = 0; at < size; at += stride) {
      run_once(script, opts, secure, {fault::cut, writing, at}, all);
      for (const auto mask : std::array<unsigned char, 3>{0x01, 0x10, 0x80})
        run_once(script, opts, secure, {fault::corrupt, writing, at, mask}, all);
    }
  }
  std::printf("| %-24s %5zu runs, a fault at each of %zu reads, %zu writes, %zu + %zu bytes\n", name.c_str(), all.runs,
              usual.reads, usual.writes, usual.bytes_read, usual.bytes_written);
  INFO(all.violations);
  CHECK(all.violations.empty());
  CHECK(all.runs > 500);
}

}  // namespace

TEST_CASE("publishing, flushing and receiving survive every fault of the link", "[faults]") {
  try_everywhere("publishes and flushes", publishes_and_flushes);
}
TEST_CASE("large payloads that are sent in place survive every fault of the link", "[faults]") {
  try_everywhere("sends large payloads", sends_large_payloads);
}
TEST_CASE("requests and answers survive every fault of the link", "[faults]") {
  try_everywhere("asks and answers", asks_and_answers);
}
TEST_CASE("subscriptions that end survive every fault of the link", "[faults]") {
  try_everywhere("ends subscriptions", ends_subscriptions);
}
TEST_CASE("forced reconnects survive every fault of the link", "[faults]") {
  try_everywhere("reconnects by itself", reconnects_by_itself);
}
TEST_CASE("draining survives every fault of the link", "[faults]") { try_everywhere("drains", drains); }
TEST_CASE("a handshake with TLS and authentication survives every fault of the link", "[faults][secure]") {
  try_everywhere("secure handshake", publishes_and_flushes, 150, true);
}
