// SPDX-License-Identifier: Apache-2.0
/// Whoever takes the messages of a subscription at the moment they arrive, instead of finding them in its queue.
#pragma once

#include <innate/core/message.hpp>

namespace innate::inline v0::core {

/// Called in the middle of what the engine received: it may enter the engine, also to end its own subscription.
class message_sink {
 public:
  virtual void take(message m) noexcept = 0;

 protected:
  ~message_sink() = default;
};

}  // namespace innate::inline v0::core
