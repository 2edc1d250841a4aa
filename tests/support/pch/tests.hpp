// SPDX-License-Identifier: Apache-2.0
/// What nearly every test includes, compiled once for all files of a test program (when Meson's option b_pch is on).
// Only includes: a precompiled header is a main file to g++, where it does not take #pragma once.
#include <asio.hpp>

#include <innate/innate.hpp>

#include <catch2/catch_test_macros.hpp>
