// SPDX-License-Identifier: Apache-2.0
// The connection, compiled once for a whole build: the option `compiled`.
#include <innate/src.hpp>
