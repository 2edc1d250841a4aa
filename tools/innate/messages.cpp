// SPDX-License-Identifier: Apache-2.0
/// pub, sub, request, reply and rtt.
#include "common.hpp"
#include "json_line.hpp"

#include <asio/steady_timer.hpp>
#include <asio/use_awaitable.hpp>

#include <cstdio>
#include <memory>

namespace cli {

namespace {

struct pub_options {
  std::string subject{}, body{}, reply{}, sleep{};
  std::vector<std::string> headers{};
  std::uint64_t count = 1;
  bool has_body = false;
};

asio::awaitable<void> pub(innate::connection& nc, std::shared_ptr<pub_options> o) {
  const auto body = read_body(o->body, o->has_body);
  const auto headers = read_headers(o->headers);
  const auto pause = o->sleep.empty() ? innate::duration{} : read_duration(o->sleep, "--sleep");
  asio::steady_timer timer{nc.get_executor()};
  for (std::uint64_t i = 1; i <= o->count; ++i) {
    const auto text = fill_template(body, i);
    co_await nc.publish(o->subject, text, {.reply = o->reply, .headers = headers});
    if (pause == innate::duration{} || i == o->count) continue;
    timer.expires_after(pause);
    co_await timer.async_wait(asio::use_awaitable);
  }
  co_await nc.flush();
  std::printf("published %llu to %s\n", static_cast<unsigned long long>(o->count), o->subject.c_str());
}

struct sub_options {
  std::string subject{}, queue{};
  std::uint64_t count = 0;
  bool raw = false, headers_only = false, json = false;
};

void print(const innate::message& m, const sub_options& o, std::uint64_t number) {
  if (o.json) {
    const auto line = json_line(m) + "\n";
    std::fwrite(line.data(), 1, line.size(), stdout);
  } else if (o.raw) {
    std::fwrite(m.data().data(), 1, m.data().size(), stdout);
    std::fputc('\n', stdout);
  } else {
    std::printf("[#%llu] received on '%.*s'", static_cast<unsigned long long>(number),
                static_cast<int>(m.subject().size()), m.subject().data());
    if (m.has_reply()) std::printf(" with reply '%.*s'", static_cast<int>(m.reply().size()), m.reply().data());
    std::fputc('\n', stdout);
    for (const auto& h : m.headers())
      std::printf("%.*s: %.*s\n", static_cast<int>(h.name.size()), h.name.data(), static_cast<int>(h.value.size()),
                  h.value.data());
    if (!o.headers_only) {
      if (m.has_headers()) std::fputc('\n', stdout);
      std::fwrite(m.data().data(), 1, m.data().size(), stdout);
      std::fputs("\n\n", stdout);
    }
  }
  std::fflush(stdout);
}

asio::awaitable<void> sub(innate::connection& nc, std::shared_ptr<sub_options> o) {
  auto messages = nc.subscribe(o->subject, {.queue = o->queue, .max_messages = o->count});
  co_await nc.flush();
  std::fprintf(stderr, "subscribed to %s\n", o->subject.c_str());
  for (std::uint64_t number = 1; auto m = co_await messages.next(); ++number) print(*m, *o, number);
}

struct request_command {
  std::string subject{}, body{}, timeout = "5s";
  std::vector<std::string> headers{};
  std::size_t replies = 1;
  bool has_body = false;
};

asio::awaitable<void> request(innate::connection& nc, std::shared_ptr<request_command> o) {
  const auto body = fill_template(read_body(o->body, o->has_body), 1);
  const auto headers = read_headers(o->headers);
  const auto timeout = read_duration(o->timeout, "--timeout");
  const sub_options how{};
  if (o->replies == 1) {
    const auto reply = co_await nc.request(o->subject, body, {.timeout = timeout, .headers = headers});
    print(reply, how, 1);
    co_return;
  }
  auto replies = nc.request_many(o->subject, body, {.timeout = timeout, .max_replies = o->replies, .headers = headers});
  while (auto m = co_await replies.next()) print(*m, how, replies.received());
  if (replies.received() == 0) throw failure("no reply to '" + o->subject + "' within " + o->timeout);
}

struct reply_options {
  std::string subject{}, body{}, queue = "innate-reply";
  std::uint64_t count = 0;
  bool echo = false;
};

asio::awaitable<void> reply(innate::connection& nc, std::shared_ptr<reply_options> o) {
  auto requests = nc.subscribe(o->subject, {.queue = o->queue, .max_messages = o->count});
  co_await nc.flush();
  std::fprintf(stderr, "replying on %s\n", o->subject.c_str());
  for (std::uint64_t number = 1; auto m = co_await requests.next(); ++number) {
    if (!m->has_reply()) continue;
    const auto text = o->echo ? std::string{m->data()} : fill_template(o->body, number);
    const auto headers = o->echo ? m->headers() : innate::headers_view{};
    co_await nc.respond(*m, text, headers);
  }
}

asio::awaitable<void> rtt(innate::connection& nc) {
  constexpr int times = 5;
  innate::duration total{};
  for (int i = 0; i != times; ++i) total += co_await nc.rtt();
  std::printf("%s: %.3f ms over %d pings\n", nc.current_server().c_str(),
              std::chrono::duration<double, std::milli>(total).count() / times, times);
}

}  // namespace

void add_pub(CLI::App& app, chosen& to) {
  auto o = std::make_shared<pub_options>();
  auto* c = app.add_subcommand("pub", "publish messages");
  c->add_option("subject", o->subject, "subject to publish to")->required();
  auto* body = c->add_option("body", o->body, "message body; standard input when absent");
  c->add_option("-H,--header", o->headers, "header as Name:value, repeatable")->take_all()->allow_extra_args(false);
  c->add_option("--reply", o->reply, "reply subject");
  c->add_option("--count", o->count, "how many")->capture_default_str();
  c->add_option("--sleep", o->sleep, "pause between messages, as 500ms or 2s");
  c->footer("{{Count}}, {{Time}} and {{ID}} in the body are filled in for each message.");
  c->callback([=, &to] {
    o->has_body = body->count() != 0;
    to.run = [o](innate::connection& nc) { return pub(nc, o); };
  });
}

void add_sub(CLI::App& app, chosen& to) {
  auto o = std::make_shared<sub_options>();
  auto* c = app.add_subcommand("sub", "receive messages until interrupted");
  c->add_option("subject", o->subject, "subject or filter with wildcards")->required();
  c->add_option("--queue", o->queue, "queue group");
  c->add_option("--count", o->count, "end after so many messages");
  c->add_flag("--raw", o->raw, "payloads only, one a line");
  c->add_flag("--headers-only", o->headers_only, "subjects and headers, no payloads");
  c->add_flag("--json", o->json, "one JSON object a line");
  c->callback([=, &to] { to.run = [o](innate::connection& nc) { return sub(nc, o); }; });
}

void add_request(CLI::App& app, chosen& to) {
  auto o = std::make_shared<request_command>();
  auto* c = app.add_subcommand("request", "send a request and print the replies");
  c->add_option("subject", o->subject, "subject of the service")->required();
  auto* body = c->add_option("body", o->body, "request body; standard input when absent");
  c->add_option("-H,--header", o->headers, "header as Name:value, repeatable")->take_all()->allow_extra_args(false);
  c->add_option("--timeout", o->timeout, "how long to wait, as 500ms or 2s")->capture_default_str();
  c->add_option("--replies", o->replies, "how many replies to wait for; 0: all within the timeout")
      ->capture_default_str();
  c->callback([=, &to] {
    o->has_body = body->count() != 0;
    to.run = [o](innate::connection& nc) { return request(nc, o); };
  });
}

void add_reply(CLI::App& app, chosen& to) {
  auto o = std::make_shared<reply_options>();
  auto* c = app.add_subcommand("reply", "answer requests until interrupted");
  c->add_option("subject", o->subject, "subject to serve")->required();
  c->add_option("body", o->body, "reply body");
  c->add_option("--queue", o->queue, "queue group")->capture_default_str();
  c->add_option("--count", o->count, "end after so many requests");
  c->add_flag("--echo", o->echo, "answer with the request's own headers and payload");
  c->callback([=, &to] { to.run = [o](innate::connection& nc) { return reply(nc, o); }; });
}

void add_rtt(CLI::App& app, chosen& to) {
  app.add_subcommand("rtt", "measure the round trip to the server")->callback([&to] {
    to.run = [](innate::connection& nc) { return rtt(nc); };
  });
}

}  // namespace cli
