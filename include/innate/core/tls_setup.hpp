// SPDX-License-Identifier: Apache-2.0
/// Whether and when a connection encrypts; how is behind a pointer, so that plain programs need no TLS library.
#pragma once

#include <cstdint>
#include <memory>
#include <utility>

namespace innate::inline v0 {

class tls_layer;

/// A `tls://` URL and a server that requires TLS always ask for it; this says what else does.
enum class tls_use : std::uint8_t {
  when_asked,  ///< nothing else
  preferred,   ///< a server that offers it
  required,    ///< everything: a server without TLS fails with `tls_unavailable` before it gets credentials
  first,       ///< everything, and before the server says a word (its `handshake_first`)
};

/// What `innate::tls()` of `innate/tls.hpp` gives; without a layer the connection has no TLS.
struct tls_setup {
  tls_setup() noexcept {}
  tls_setup(std::shared_ptr<tls_layer> how, tls_use when) noexcept : layer(std::move(how)), use(when) {}

  std::shared_ptr<tls_layer> layer{};
  tls_use use = tls_use::when_asked;
};

}  // namespace innate::inline v0
