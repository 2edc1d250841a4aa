// SPDX-License-Identifier: Apache-2.0
// The connection, compiled once for all test programs (with -Dcompiled=true).
#include <innate/src.hpp>
