// SPDX-License-Identifier: Apache-2.0
/// What carries one link from dialing to its end: the stream, its writer, and the reason it ended for.
#pragma once

#include <innate/core/link.hpp>
#include <innate/net/stream.hpp>
#include <innate/protocol/error.hpp>

#include <memory>
#include <utility>

namespace innate::inline v0::net {

struct channel {
  explicit channel(std::shared_ptr<core::link> carried) : link(std::move(carried)) {}

  std::shared_ptr<core::link> link;
  std::unique_ptr<innate::stream> stream{};
  error end{};           // the first reason
  bool writing = false;  // its writer has not ended yet
};

}  // namespace innate::inline v0::net
