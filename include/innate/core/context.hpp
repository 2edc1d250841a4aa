// SPDX-License-Identifier: Apache-2.0
/// NATS contexts (ADR-21): the named settings that the `nats` command line keeps, and what the file of one says.
#pragma once

#include <innate/core/url.hpp>
#include <innate/protocol/errc.hpp>
#include <innate/protocol/error.hpp>
#include <innate/protocol/json.hpp>
#include <innate/protocol/subject.hpp>

#include <string>
#include <string_view>
#include <utility>

namespace innate::inline v0 {

/// What one context says; an empty text is a setting that it leaves alone. Member names are the file's keys.
struct nats_context {
  nats_context() {}

  std::string file{};  ///< where it was read from, as errors name it
  std::string description{};
  std::string url{};  ///< server URLs, separated by commas
  std::string user{};
  std::string password{};
  std::string token{};
  std::string creds{};  ///< path of a credentials file
  std::string nkey{};   ///< path of a file with a user's seed
  std::string user_jwt{};
  std::string user_seed{};  ///< signs for `user_jwt`; a bearer JWT needs none
  std::string cert{};       ///< path of the client certificate (PEM)
  std::string key{};        ///< path of its private key
  std::string ca{};         ///< path of the CA certificates to trust in place of the system's
  std::string inbox_prefix{};
  std::string jetstream_domain{};
  std::string jetstream_api_prefix{};
  std::string jetstream_event_prefix{};
  std::string nsc{};                 ///< refused, unless `url` and `creds` say what it would
  std::string socks_proxy{};         ///< refused
  std::string windows_cert_store{};  ///< refused
  bool tls_first = false;
};

namespace core {

namespace context_fields {

struct field {
  std::string_view key;
  std::string nats_context::* member;
};
inline constexpr field texts[] = {{"description", &nats_context::description},
                                  {"url", &nats_context::url},
                                  {"user", &nats_context::user},
                                  {"password", &nats_context::password},
                                  {"token", &nats_context::token},
                                  {"creds", &nats_context::creds},
                                  {"nkey", &nats_context::nkey},
                                  {"user_jwt", &nats_context::user_jwt},
                                  {"user_seed", &nats_context::user_seed},
                                  {"cert", &nats_context::cert},
                                  {"key", &nats_context::key},
                                  {"ca", &nats_context::ca},
                                  {"inbox_prefix", &nats_context::inbox_prefix},
                                  {"jetstream_domain", &nats_context::jetstream_domain},
                                  {"jetstream_api_prefix", &nats_context::jetstream_api_prefix},
                                  {"jetstream_event_prefix", &nats_context::jetstream_event_prefix},
                                  {"nsc", &nats_context::nsc},
                                  {"socks_proxy", &nats_context::socks_proxy},
                                  {"windows_cert_store", &nats_context::windows_cert_store}};
/// Paths: `~`, `$NAME` and `${NAME}` in them are filled in, and `file://` before them is left out.
inline constexpr field paths[] = {{"creds", &nats_context::creds},
                                  {"nkey", &nats_context::nkey},
                                  {"cert", &nats_context::cert},
                                  {"key", &nats_context::key},
                                  {"ca", &nats_context::ca}};
/// Texts that are secret or may be.
inline constexpr field secrets[] = {{"password", &nats_context::password},
                                    {"token", &nats_context::token},
                                    {"user_jwt", &nats_context::user_jwt},
                                    {"user_seed", &nats_context::user_seed}};
/// Who to be: one of these.
inline constexpr field identities[] = {{"user", &nats_context::user},
                                       {"token", &nats_context::token},
                                       {"creds", &nats_context::creds},
                                       {"nkey", &nats_context::nkey},
                                       {"user_jwt", &nats_context::user_jwt}};

}  // namespace context_fields

[[nodiscard]] inline error context_error(errc code, const nats_context& c, std::string_view key, std::string_view why) {
  return {code, "NATS context '" + c.file + "': key '" + std::string{key} + "' " + std::string{why}};
}

/// Fills in `~`, which `lookup("HOME")` stands for, and variables, unset ones with nothing.
template <class Lookup>
[[nodiscard]] std::string expand_path(std::string_view path, Lookup lookup) {
  const auto value = [&](const std::string& name) -> std::string_view {
    const char* const found = lookup(name.c_str());
    return found ? std::string_view{found} : std::string_view{};
  };
  const auto in_name = [](char c) { return url_parts::is_alphanumeric(c) || c == '_'; };
  std::string out;
  if (path.starts_with('~') && !value("HOME").empty()) {
    out = value("HOME");
    path.remove_prefix(1);
  }
  while (!path.empty()) {
    const auto dollar = path.find('$');
    out += path.substr(0, dollar);
    if (dollar == path.npos) break;
    path.remove_prefix(dollar + 1);
    const bool braces = path.starts_with('{') && path.find('}') != path.npos;
    std::size_t size = 0;
    if (braces) {
      size = path.find('}') - 1;
    } else {
      while (size != path.size() && in_name(path[size])) ++size;
    }
    if (size == 0) {
      out += '$';
      continue;
    }
    out += value(std::string{path.substr(braces ? 1 : 0, size)});
    path.remove_prefix(size + (braces ? 2 : 0));
  }
  return out;
}

/// A place elsewhere that newer contexts may name in place of a value, such as a password manager.
[[nodiscard]] inline std::string_view reference_scheme(std::string_view value) noexcept {
  const auto lower = url_parts::lower(value.substr(0, 7));
  for (const std::string_view scheme : {"op://", "nsc://", "env://", "file://", "data:"})
    if (lower.starts_with(scheme)) return scheme;
  return {};
}

/// Are the settings of `c` ones that can be used, and together? Fails with `invalid_context` or `context_unsupported`;
/// the detail names the file, the key and the fix.
[[nodiscard]] inline result<void> check_context(const nats_context& c) {
  const auto unsupported = [&](std::string_view key, std::string_view why) {
    return context_error(errc::context_unsupported, c, key, why);
  };
  const auto invalid = [&](std::string_view key, std::string_view why) {
    return context_error(errc::invalid_context, c, key, why);
  };
  if (!c.nsc.empty() && (c.url.empty() || c.creds.empty()))
    return unsupported("nsc", "needs the nsc tool, which is not run; set 'url' and 'creds' to what "
                              "`nsc generate profile` prints for it");
  if (!c.socks_proxy.empty())
    return unsupported("socks_proxy", "is not followed; empty it, and dial through the proxy by a dialer of your own");
  if (!c.windows_cert_store.empty())
    return unsupported("windows_cert_store", "is not read; set 'cert', 'key' and 'ca' to PEM files");
  for (const auto& f : context_fields::paths)
    if (!reference_scheme(c.*f.member).empty())
      return unsupported(f.key, "names something that is no file; set it to the path of one");
  for (const auto& f : context_fields::secrets)
    if (!reference_scheme(c.*f.member).empty())
      return unsupported(f.key, "refers to a value that stands elsewhere; set it to the value");
  std::string_view kind;
  for (const auto& f : context_fields::identities) {
    if ((c.*f.member).empty()) continue;
    if (!kind.empty()) return invalid(f.key, "stands beside '" + std::string{kind} + "'; keep one of them");
    kind = f.key;
  }
  if (!c.password.empty() && c.user.empty()) return invalid("password", "has no 'user' beside it; add one");
  if (!c.user_seed.empty() && c.user_jwt.empty()) return invalid("user_seed", "has no 'user_jwt' beside it; add one");
  if (!c.key.empty() && c.cert.empty()) return invalid("key", "has no 'cert' beside it; add the certificate's path");
  if (!c.inbox_prefix.empty()) {
    const auto fault = protocol::check_subject(c.inbox_prefix);
    if (fault.fault != protocol::subject_fault::none)
      return invalid("inbox_prefix",
                     "is no subject: " + protocol::describe(fault, c.inbox_prefix) + "; write one such as _INBOX.joe");
  }
  return {};
}

/// Reads what a context's file says; unknown keys are passed over, `null` is a setting left alone. `file` names it in
/// errors: `invalid_context` when it is no JSON object or a key has a value of another type.
[[nodiscard]] inline result<nats_context> read_context(std::string_view json, std::string file) {
  nats_context c;
  c.file = std::move(file);
  error wrong;
  protocol::json_reader in{json};
  const auto read = [&](std::string_view key, auto& value, std::string_view wanted) {
    const auto begin = in.position();
    if (!in.skip()) return false;
    const auto text = url_parts::trim(json.substr(begin, in.position() - begin));
    protocol::json_reader one{text};
    if (text == "null" || one.read(value)) return true;
    wrong = context_error(errc::invalid_context, c, key, wanted);
    return false;
  };
  const bool good = in.read_document([&](std::string_view key) {
    if (key == "tls_first") return read(key, c.tls_first, "is neither true nor false");
    for (const auto& f : context_fields::texts)
      if (f.key == key) return read(key, c.*f.member, "is no text; put it into quotes");
    return in.skip();
  });
  if (wrong.code) return wrong;
  if (!good)
    return error{errc::invalid_context, "NATS context '" + c.file + "' is no JSON object; the fault is at byte " +
                                            std::to_string(in.position())};
  return c;
}

/// What a file says, with its paths filled in, and checked: see `read_context`, `expand_path` and `check_context`.
template <class Lookup>
[[nodiscard]] result<nats_context> parse_context(std::string_view json, std::string file, Lookup lookup) {
  auto c = read_context(json, std::move(file));
  if (!c) return c;
  for (const auto& f : context_fields::paths) {
    std::string& path = (*c).*f.member;
    if (reference_scheme(path) == "file://") path.erase(0, std::string_view{"file://"}.size());
    path = expand_path(path, lookup);
  }
  if (const auto checked = check_context(*c); !checked) return checked.error();
  return c;
}

}  // namespace core
}  // namespace innate::inline v0
