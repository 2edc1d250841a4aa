// SPDX-License-Identifier: Apache-2.0
/// Which innate this is, and what it calls itself to servers.
#pragma once

#include <string_view>

namespace innate::inline v0 {

inline constexpr int version_major = 0;
inline constexpr int version_minor = 1;
inline constexpr int version_patch = 0;
inline constexpr std::string_view client_version = "0.1.0";
inline constexpr std::string_view client_language = "c++";

}  // namespace innate::inline v0
