// SPDX-License-Identifier: Apache-2.0
/// The system's four usage examples on a real server, before and after that server is killed under them.
///
/// usage: demo [--server-binary PATH --server-pid PID --port PORT], server in NATS_URL. Exit status 0 when everything
/// expected happened.
#include <innate/innate.hpp>

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/io_context.hpp>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

using namespace std::chrono_literals;

struct server_control {
  std::string binary;
  std::string port;
  pid_t pid = 0;
  bool ours = false;

  [[nodiscard]] bool known() const { return pid != 0 && !binary.empty(); }

  void kill_now() {
    ::kill(pid, SIGKILL);
    if (ours) ::waitpid(pid, nullptr, 0);
  }
  void start() {
    const std::vector<std::string> words{binary, "-a", "127.0.0.1", "-p", port, "-l", "/dev/null"};
    std::vector<char*> argv;
    for (const auto& w : words) argv.push_back(const_cast<char*>(w.c_str()));
    argv.push_back(nullptr);
    if (const int failed = ::posix_spawn(&pid, binary.c_str(), nullptr, nullptr, argv.data(), environ))
      throw std::system_error(failed, std::generic_category(), "cannot start " + binary);
    ours = true;
  }
  ~server_control() {
    if (ours) kill_now();
  }
};

struct failure : std::runtime_error {
  using std::runtime_error::runtime_error;
};

void expect(bool happened, const std::string& what) {
  if (!happened) throw failure("expected, and did not happen: " + what);
  std::printf("  ok  %s\n", what.c_str());
}

/// The next message within five seconds, which everything here takes far less than.
asio::awaitable<innate::message> next(innate::subscription& sub) {
  auto m = co_await sub.next(5s);
  if (!m) throw failure("the subscription to " + std::string{sub.subject()} + " ended");
  std::printf("      %.*s  %.*s\n", static_cast<int>(m->subject().size()), m->subject().data(),
              static_cast<int>(m->data().size()), m->data().data());
  co_return *m;
}

/// Everything that lives through the restart.
struct components {
  innate::connection nc;     // agents, RAG, gateway: the ones that listen
  innate::connection other;  // the ones that speak
  innate::subscription inbox;
  innate::subscription cache;
  innate::subscription status;
  std::vector<innate::subscription> workers;
  std::map<std::string, int> done_by;  // worker → tasks
  std::set<std::string> done;          // tasks
  bool hold_speakers = false;          // from reconnecting before the listeners are back
};

asio::awaitable<void> answer_status(components& c) {
  while (auto m = co_await c.status.next()) co_await c.nc.respond(*m, R"({"agent_id":"agent-1","status":"running"})");
}

asio::awaitable<void> work(components& c, innate::subscription& tasks, std::string name) {
  while (auto m = co_await tasks.next()) {
    ++c.done_by[name];
    c.done.emplace(m->data());
    if (m->has_reply()) co_await c.nc.respond(*m, R"({"status":"completed","by":")" + name + "\"}");
  }
}

asio::awaitable<void> agent_message(components& c) {
  std::puts("1. an agent writes to another agent");
  co_await c.other.publish("agent.agent-2.inbox",
                           R"({"from_agent":"agent-1","to_agent":"agent-2","content":"hello","message_type":"task"})");
  const auto m = co_await next(c.inbox);
  expect(m.data().find(R"("from_agent":"agent-1")") != std::string_view::npos, "agent-2 got it in its inbox");
}

asio::awaitable<void> cache_invalidation(components& c) {
  std::puts("2. a document update invalidates what was cached of it");
  std::set<std::string> cached{"doc-1:summary", "doc-1:answer", "doc-2:summary"};
  co_await c.other.publish("rag.documents.updated", R"({"document_id":"doc-1","title":"New title"})");
  const auto m = co_await next(c.cache);
  expect(m.data().find("doc-1") != std::string_view::npos, "the cache heard of the update");
  std::erase_if(cached, [](const std::string& key) { return key.starts_with("doc-1:"); });
  expect(cached == std::set<std::string>{"doc-2:summary"}, "two entries went, one of another document stayed");
}

asio::awaitable<void> status_request(components& c) {
  std::puts("3. an agent is asked for its status");
  const auto m = co_await c.other.request("agent.agent-1.status", "{}", {.timeout = 5s});
  std::printf("      reply  %.*s\n", static_cast<int>(m.data().size()), m.data().data());
  expect(m.data().find(R"("status":"running")") != std::string_view::npos, "it is running");
  std::error_code absent;
  try {
    co_await c.other.request("agent.nobody.status", "{}", {.timeout = 5s});
  } catch (const std::system_error& e) {
    absent = e.code();
  }
  expect(absent == innate::errc::no_responders, "an agent that does not exist is known at once, not after a timeout");
}

asio::awaitable<void> shared_tasks(components& c, int tasks) {
  std::printf("4. three workers share %d tasks\n", tasks);
  c.done.clear();
  c.done_by.clear();
  for (int i = 0; i != tasks; ++i) {
    const auto task = R"({"task_id":"task-)" + std::to_string(i) + R"(","type":"process"})";
    co_await c.other.request("api.tasks.process", task, {.timeout = 5s});
  }
  for (const auto& [worker, count] : c.done_by) std::printf("      %s did %d\n", worker.c_str(), count);
  int total = 0;
  for (const auto& [worker, count] : c.done_by) total += count;
  expect(total == tasks && c.done.size() == static_cast<std::size_t>(tasks), "every task was done, and once only");
}

asio::awaitable<void> all_examples(components& c) {
  co_await agent_message(c);
  co_await cache_invalidation(c);
  co_await status_request(c);
  co_await shared_tasks(c, 30);
}

/// Waits on the connection's own events.
asio::awaitable<void> until(innate::connection& nc, const char* name, innate::event_kind awaited) {
  while (auto e = co_await nc.next_event()) {
    const auto kind = innate::to_string(e->kind);
    std::printf("      %s: %.*s %s\n", name, static_cast<int>(kind.size()), kind.data(),
                e->code ? e->code.message().c_str() : "");
    if (e->kind == awaited) co_return;
  }
  throw failure(std::string{name} + " closed for good");
}

asio::awaitable<void> survive_restart(components& c, server_control& server) {
  std::puts("5. the server is killed and restarted under all of it");
  c.hold_speakers = true;
  server.kill_now();
  co_await until(c.other, "speakers", innate::event_kind::connect_failed);
  co_await c.other.publish("agent.agent-2.inbox", R"({"from_agent":"agent-1","content":"written while offline"})");
  expect(c.other.status() == innate::status::reconnecting, "a message was accepted while offline");
  server.start();
  co_await until(c.nc, "listeners", innate::event_kind::reconnected);
  co_await c.nc.flush();
  c.hold_speakers = false;  // messages are kept for a publisher that is offline, not for a subscriber
  c.other.force_reconnect();
  co_await until(c.other, "speakers", innate::event_kind::reconnected);
  const auto late = co_await next(c.inbox);
  expect(late.data().find("written while offline") != std::string_view::npos, "and arrived after the restart");
  std::puts("   the same four again");
  co_await all_examples(c);
}

asio::awaitable<int> run(server_control& server) {
  innate::options opts;
  opts.name = "innate demo";
  opts.reconnect.wait = 50ms;
  opts.reconnect.max_wait = 500ms;
  innate::apply_environment(opts).value();
  components c;
  c.nc = co_await innate::connect(opts);
  opts.reconnect.delay = [&c](std::uint32_t) -> innate::duration { return c.hold_speakers ? 1h : 50ms; };
  c.other = co_await innate::connect(opts);
  std::printf("connected to %s (nats-server %s)\n", c.nc.current_server().c_str(), c.nc.server_info().version.c_str());
  c.inbox = c.nc.subscribe("agent.agent-2.inbox");
  c.cache = c.nc.subscribe("rag.documents.updated");
  c.status = c.nc.subscribe("agent.agent-1.status");
  for (int i = 0; i != 3; ++i) c.workers.push_back(c.nc.subscribe("api.tasks.process", {.queue = "workers"}));
  const auto executor = c.nc.get_executor();
  asio::co_spawn(executor, answer_status(c), asio::detached);
  for (std::size_t i = 0; i != c.workers.size(); ++i)
    asio::co_spawn(executor, work(c, c.workers[i], "worker-" + std::to_string(i + 1)), asio::detached);
  co_await c.nc.flush();
  co_await all_examples(c);
  if (server.known()) {
    co_await survive_restart(c, server);
  } else {
    std::puts("5. skipped: the server is not ours to kill and restart");
  }
  co_await c.other.drain();
  c.inbox.unsubscribe();
  c.cache.unsubscribe();
  co_await c.nc.drain();
  std::puts("done: everything expected happened");
  co_return 0;
}

}  // namespace

int main(int argc, char** argv) {
  server_control server;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string_view name = argv[i];
    if (name == "--server-binary") server.binary = argv[i + 1];
    if (name == "--server-pid") server.pid = static_cast<pid_t>(std::atoi(argv[i + 1]));
    if (name == "--port") server.port = argv[i + 1];
  }
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  asio::io_context io;
  int status = 1;
  asio::co_spawn(io, run(server), [&](const std::exception_ptr& thrown, int result) {
    status = thrown ? 1 : result;
    try {
      if (thrown) std::rethrow_exception(thrown);
    } catch (const std::exception& e) {
      std::fprintf(stderr, "demo failed: %s\n", e.what());
    }
    io.stop();
  });
  io.run();
  return status;
}
