// SPDX-License-Identifier: Apache-2.0
/// How definitions outside their classes are declared: inline, or compiled once, where `innate/src.hpp` is included.
///
/// `INNATE_COLD` is for those that run seldom, and never with a message. They are compiled for size, which costs the
/// compiler less, and stay out of the way of what runs with every message.
#pragma once

#if defined(INNATE_SEPARATE_COMPILATION)
#define INNATE_DECL
#else
#define INNATE_DECL inline
#endif
#define INNATE_COLD [[gnu::cold]] INNATE_DECL
