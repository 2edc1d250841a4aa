// SPDX-License-Identifier: Apache-2.0
/// What every command shares: the global options, a running connection, and a clean end on SIGINT.
#pragma once

#include <innate/innate.hpp>

#include <asio/awaitable.hpp>
#include <asio/io_context.hpp>

#include <CLI/CLI.hpp>

#include <cstdint>
#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace cli {

/// Something the user has to know, in one line.
struct failure : std::runtime_error {
  using std::runtime_error::runtime_error;
};

struct globals {
  std::string server{};
  std::string user{};
  std::string password{};
  std::string token{};
  std::string name = "innate";
  std::string tls_ca{};
  std::string tls_certificate{};
  std::string tls_key{};
  bool tls_first = false;
  std::string creds{};
  std::string nkey{};
  std::string context{};
  bool no_context = false;
};

/// A command's own part: runs with a ready connection; draining, closing and signals are done around it.
using command = std::function<asio::awaitable<void>(innate::connection&)>;

/// What the command line chose, filled in by the parser.
struct chosen {
  globals global{};
  command run{};
  std::function<void()> print{};  ///< in place of `run`: a command that needs no connection
};

/// Registers each command and its options; the callback puts it into `to.run`, or `to.print`.
void add_pub(CLI::App& app, chosen& to);
void add_sub(CLI::App& app, chosen& to);
void add_request(CLI::App& app, chosen& to);
void add_reply(CLI::App& app, chosen& to);
void add_rtt(CLI::App& app, chosen& to);
void add_bench(CLI::App& app, chosen& to);
void add_monitor(CLI::App& app, chosen& to);
void add_events(CLI::App& app, chosen& to);

/// Servers, credentials, TLS and inbox prefix of the named or selected context, in place of which the command line's
/// own options count; throws what `load_context` and `apply_secure_context` fail with, or `failure` when the program
/// was built without what it needs.
void use_context(innate::options& opts, const globals& g);

/// `500ms`, `2s`, …; throws `failure` that names the option.
[[nodiscard]] innate::duration read_duration(const std::string& text, std::string_view option);

/// `Name: value` of `-H`; throws `failure` that names the header.
[[nodiscard]] innate::headers read_headers(const std::vector<std::string>& lines);

/// The body given, or all of standard input.
[[nodiscard]] std::string read_body(const std::string& given, bool is_given);

/// Fills `{{Count}}`, `{{Time}}` and `{{ID}}`; `count` starts at 1.
[[nodiscard]] std::string fill_template(const std::string& body, std::uint64_t count);

/// Throws `failure` with the detail that the connection knows.
void check(innate::connection& nc, std::error_code code);

}  // namespace cli
