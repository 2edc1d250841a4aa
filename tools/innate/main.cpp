// SPDX-License-Identifier: Apache-2.0
#include "common.hpp"

#include <asio/co_spawn.hpp>
#include <asio/signal_set.hpp>
#include <asio/steady_timer.hpp>

#include <csignal>
#include <cstdio>
#include <string>

namespace {

void say(std::string line) {
  for (char& c : line)
    if (c == '\n' || c == '\r') c = ' ';
  std::fprintf(stderr, "innate: %s\n", line.c_str());
}

/// What the user of a command that runs on would not see otherwise; errors end the command, which says them.
void tell(const innate::connection_event& e) {
  using innate::event_kind;
  switch (e.kind) {
  case event_kind::disconnected:
    return say("disconnected: " + (e.detail.empty() ? e.code.message() : e.detail) + "; connecting again");
  case event_kind::reconnected: return say("connected again, to " + e.server);
  case event_kind::migrated: return say("moved to " + e.server + ", because the server before will shut down");
  case event_kind::slow_consumer:
    return say(std::to_string(e.count) + " messages lost: they came faster than they went");
  default: return;
  }
}

innate::options connection_options(const cli::globals& g) {
  innate::options opts;
  cli::use_context(opts, g);
  innate::apply_environment(opts).value();
  if (!g.server.empty()) opts.set_servers(g.server);
  opts.name = g.name;
  opts.on_event = tell;
  return opts;
}

asio::awaitable<void> run(const cli::chosen& what, innate::connection& nc) {
  nc = co_await innate::connect(connection_options(what.global));
  co_await what.run(nc);
  if (nc.status() != innate::status::closed && nc.status() != innate::status::draining) co_await nc.drain();
}

/// The first signal drains, which ends every command's loop; the second one ends the program.
void end_on_signal(asio::signal_set& signals, asio::io_context& io, innate::connection& nc, bool& interrupted) {
  signals.async_wait([&](std::error_code aborted, int) {
    if (aborted) return;
    if (interrupted || !nc || nc.status() == innate::status::closed) return io.stop();
    interrupted = true;
    nc.drain([&io](std::error_code) { io.stop(); });
    end_on_signal(signals, io, nc, interrupted);
  });
}

int report(const std::exception_ptr& thrown) {
  try {
    std::rethrow_exception(thrown);
  } catch (const std::exception& e) {
    say(e.what());
  }
  return 1;
}

int execute(const cli::chosen& what) {
  asio::io_context io{1};
  asio::signal_set signals{io, SIGINT, SIGTERM};
  innate::connection nc;
  bool interrupted = false;
  int status = 0;
  end_on_signal(signals, io, nc, interrupted);
  asio::co_spawn(io, run(what, nc), [&](const std::exception_ptr& thrown) {
    if (thrown && !interrupted) status = report(thrown);
    if (!interrupted) io.stop();
  });
  io.run();
  return status;
}

}  // namespace

int main(int argc, char** argv) {
  cli::chosen what;
  CLI::App app{"innate: publish, subscribe and request on NATS"};
  app.footer("Examples:\n"
             "  innate sub 'telemetry.>' --queue workers\n"
             "  innate pub telemetry.cpu '{\"load\":{{Count}}}' --count 3 --sleep 500ms -H Unit:percent\n"
             "  innate reply time.now 'it is {{Time}}'\n"
             "  innate request time.now --timeout 2s\n"
             "  innate sub '>' -s tls://nats.example --tlsca ca.pem --creds joe.creds\n"
             "  innate sub '>' --context staging\n"
             "  innate bench pub bench.x --msgs 1000000 --size 128 --json\n"
             "  innate monitor --component agent --component cache --interval 2s\n"
             "  innate events --format asyncapi >asyncapi.json\n"
             "Environment: NATS_CONTEXT, NATS_URL, NATS_MAX_RECONNECT_ATTEMPTS, NATS_RECONNECT_TIME_WAIT,\n"
             "NATS_PING_INTERVAL, NATS_MAX_OUTSTANDING_PINGS. It wins over the context, the command line over both.");
  app.add_option("-s,--server", what.global.server, "server URLs, separated by commas");
  app.add_option("--user", what.global.user, "user name");
  app.add_option("--password", what.global.password, "password");
  app.add_option("--token", what.global.token, "authentication token")->excludes("--user");
  app.add_option("--creds", what.global.creds, "file with the user's credentials (JWT and seed)")
      ->excludes("--user", "--token");
  app.add_option("--nkey", what.global.nkey, "file with the user's nkey seed")
      ->excludes("--creds", "--user", "--token");
  app.add_option("--tlsca", what.global.tls_ca, "CA certificates to trust in place of the system's (PEM file)");
  app.add_option("--tlscert", what.global.tls_certificate, "client certificate (PEM file)");
  app.add_option("--tlskey", what.global.tls_key, "its private key (PEM file)");
  app.add_flag("--tlsfirst", what.global.tls_first, "begin with TLS, before the server says a word");
  app.add_option("--context", what.global.context,
                 "NATS context, by its name or the path of its .json file, in place of the selected one")
      ->envname("NATS_CONTEXT");
  app.add_flag("--no-context", what.global.no_context, "leave the selected context alone");
  app.add_option("--name", what.global.name, "connection name");
  app.require_subcommand(1);
  app.fallthrough();
  cli::add_pub(app, what);
  cli::add_sub(app, what);
  cli::add_request(app, what);
  cli::add_reply(app, what);
  cli::add_rtt(app, what);
  cli::add_bench(app, what);
  cli::add_monitor(app, what);
  cli::add_events(app, what);
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp& help) {
    return app.exit(help);
  } catch (const CLI::ParseError& bad) {
    const auto extra = app.remaining();
    const bool no_command = app.get_subcommands().empty() && !extra.empty();
    const std::string why = no_command ? "there is no command '" + extra.front() + "'" : bad.what();
    std::fprintf(stderr, "innate: %s (try --help)\n", why.c_str());
    return 2;
  } catch (const std::exception&) {
    return report(std::current_exception());
  }
  try {
    if (!what.print) return execute(what);
    what.print();
    return 0;
  } catch (const std::exception&) {
    return report(std::current_exception());
  }
}
