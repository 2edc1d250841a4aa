// SPDX-License-Identifier: Apache-2.0
/// What dialing gives: a connected stream, or why not.
#pragma once

#include <innate/net/stream.hpp>

#include <memory>
#include <string>
#include <system_error>
#include <utility>

namespace innate::inline v0 {

struct dial_result {
  dial_result() noexcept {}
  dial_result(std::unique_ptr<innate::stream> connected) noexcept : stream(std::move(connected)) {}
  dial_result(std::error_code why, std::string what) noexcept : error(why), detail(std::move(what)) {}

  std::error_code error{};
  std::string detail{};  ///< what failed, for people: the address, the host name
  std::unique_ptr<innate::stream> stream{};
};

}  // namespace innate::inline v0
