// SPDX-License-Identifier: Apache-2.0
/// Authentication by callbacks and coroutines, without a TLS library; signing from seeds is in `innate/auth.hpp`.
#pragma once

#include <innate/net/authenticator.hpp>
#include <innate/protocol/creds.hpp>
#include <innate/protocol/nkey.hpp>
