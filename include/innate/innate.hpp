// SPDX-License-Identifier: Apache-2.0
/// The plain client: everything a program needs to talk NATS.
#pragma once

#include <innate/authenticator.hpp>
#include <innate/connection.hpp>
#include <innate/environment.hpp>
#include <innate/error.hpp>
#include <innate/message.hpp>
#include <innate/options.hpp>
#include <innate/request_many.hpp>
#include <innate/shared_handle.hpp>
#include <innate/status.hpp>
#include <innate/subscription.hpp>
#include <innate/version.hpp>
