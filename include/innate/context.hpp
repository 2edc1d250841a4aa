// SPDX-License-Identifier: Apache-2.0
/// Connects as the `nats` command line does: with the user's selected or named NATS context (ADR-21).
///
///     innate::options opts;
///     innate::apply_context(opts, innate::load_context("staging").value()).value();
///     auto nc = co_await innate::connect(opts);
///
/// Contexts are the files `nats/context/NAME.json` in `$XDG_CONFIG_HOME`, or in `~/.config` where that is not set; the
/// name of the selected one stands in `nats/context.txt`. They are read, never written. What of them needs OpenSSL
/// (`creds`, `nkey`, `user_seed`, `ca`, `cert`, `key`, `tls_first`) is for `apply_secure_context` of
/// `innate/secure_context.hpp`.
#pragma once

#include <innate/core/context.hpp>
#include <innate/core/options.hpp>
#include <innate/net/read_file.hpp>

#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>

namespace innate::inline v0 {

namespace net {

struct process_environment {
  const char* operator()(const char* name) const { return std::getenv(name); }
};

template <class Lookup>
[[nodiscard]] result<std::string> context_folder(Lookup lookup) {
  const auto value = [&](const char* name) {
    const char* const found = lookup(name);
    return std::string{found ? found : ""};
  };
  if (auto folder = value("XDG_CONFIG_HOME"); !folder.empty()) return folder + "/nats";
  if (auto home = value("HOME"); !home.empty()) return home + "/.config/nats";
  return error{errc::unknown_context,
               "neither XDG_CONFIG_HOME nor HOME is set, so that there is no folder of contexts"};
}

}  // namespace net

/// The name in `nats/context.txt`; empty when no context is selected. Fails with `file_unreadable`. `lookup(name)`
/// gives a variable of the environment or null.
template <class Lookup>
[[nodiscard]] result<std::string> selected_context(Lookup lookup) {
  const auto folder = net::context_folder(lookup);
  if (!folder) return std::string{};
  const auto path = *folder + "/context.txt";
  if (net::is_missing(path)) return std::string{};
  const auto text = net::read_file("file of the selected NATS context", path);
  if (!text) return text.error();
  return std::string{core::url_parts::trim(text->text())};
}
[[nodiscard]] inline result<std::string> selected_context() { return selected_context(net::process_environment{}); }

/// Reads a context: `name` is its name, the path of its file (absolute or ending in `.json`), or empty for the selected
/// one. Fails with `unknown_context` (no such file, or none is selected), `file_unreadable`, `invalid_context` or
/// `context_unsupported`; the detail names the file, the key and the fix, and never a secret.
template <class Lookup>
[[nodiscard]] result<nats_context> load_context(std::string_view name, Lookup lookup) {
  std::string chosen{name};
  if (!chosen.starts_with('/') && !chosen.ends_with(".json")) {
    const auto folder = net::context_folder(lookup);
    if (!folder) return folder.error();
    if (chosen.empty()) {
      auto selected = selected_context(lookup);
      if (!selected) return selected.error();
      chosen = std::move(*selected);
      if (chosen.empty())
        return error{errc::unknown_context,
                     "none is selected in '" + *folder + "/context.txt'; name one, or run `nats context select`"};
    }
    if (chosen.find_first_of("/\\") != chosen.npos || chosen.find("..") != chosen.npos)
      return error{errc::invalid_context, "the name '" + core::url_parts::printable(chosen) +
                                              "' has a slash or '..'; write a name, or a path that ends in .json"};
    chosen = *folder + "/context/" + chosen + ".json";
  }
  if (net::is_missing(chosen))
    return error{errc::unknown_context, "there is no file '" + core::url_parts::printable(chosen) +
                                            "'; `nats context ls` lists those there are"};
  const auto text = net::read_file("NATS context", chosen);
  if (!text) return text.error();
  return core::parse_context(text->text(), chosen, lookup);
}
[[nodiscard]] inline result<nats_context> load_context(std::string_view name = {}) {
  return load_context(name, net::process_environment{});
}

namespace core {

/// The part of a context that needs no OpenSSL.
[[nodiscard]] inline result<void> apply_plain_context(options& out, const nats_context& c) {
  if (const auto checked = check_context(c); !checked) return checked;
  if (!c.url.empty()) {
    options urls;
    urls.set_servers(c.url);
    for (const auto& one : urls.servers)
      if (const auto url = parse_url(one); !url)
        return context_error(errc::invalid_context, c, "url", "cannot be read: " + url.error().message());
    out.servers = std::move(urls.servers);
  }
  out.auth.user = c.user;
  out.auth.password = c.password;
  out.auth.token = c.token;
  out.auth.jwt = c.user_seed.empty() ? c.user_jwt : std::string{};
  if (!c.inbox_prefix.empty()) out.inbox_prefix = c.inbox_prefix;
  return {};
}

}  // namespace core

/// Takes servers, user and password, token, bearer JWT and inbox prefix of a context over into `out`; what the context
/// leaves alone stays, but credentials are replaced as a whole. Fails with `invalid_context`, or `context_unsupported`
/// where a key needs OpenSSL; `out` is unchanged then.
[[nodiscard]] inline result<void> apply_context(options& out, const nats_context& c) {
  for (const auto& f : {core::context_fields::field{"creds", &nats_context::creds},
                        {"nkey", &nats_context::nkey},
                        {"user_seed", &nats_context::user_seed},
                        {"cert", &nats_context::cert},
                        {"key", &nats_context::key},
                        {"ca", &nats_context::ca}})
    if (!(c.*f.member).empty())
      return core::context_error(errc::context_unsupported, c, f.key,
                                 "needs OpenSSL; use apply_secure_context of <innate/secure_context.hpp>");
  if (c.tls_first)
    return core::context_error(errc::context_unsupported, c, "tls_first",
                               "needs OpenSSL; use apply_secure_context of <innate/secure_context.hpp>");
  auto done = core::apply_plain_context(out, c);
  if (done) out.authenticator.reset();
  return done;
}

}  // namespace innate::inline v0
