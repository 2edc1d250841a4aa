// SPDX-License-Identifier: Apache-2.0
/// The catalogue of the seven components.
#pragma once

#include <innate/sdk/events.hpp>
#include <innate/typed/catalogue.hpp>

namespace innate::inline v0::sdk {

inline constexpr auto& catalogue = catalogue_of<components>;

}  // namespace innate::inline v0::sdk
