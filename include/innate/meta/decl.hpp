// SPDX-License-Identifier: Apache-2.0
/// How definitions outside their classes are declared: inline, or compiled once, where `innate/src.hpp` is included.
#pragma once

#if defined(INNATE_SEPARATE_COMPILATION)
#define INNATE_DECL
#else
#define INNATE_DECL inline
#endif
