// SPDX-License-Identifier: Apache-2.0
/// The typed layer: events that bind subjects to payloads, checked by the compiler.
#pragma once

#include <innate/innate.hpp>
#include <innate/typed/codec.hpp>
#include <innate/typed/component.hpp>
#include <innate/typed/connection_events.hpp>
#include <innate/typed/endpoint.hpp>
#include <innate/typed/event.hpp>
#include <innate/typed/event_subscription.hpp>
#include <innate/typed/fields.hpp>
#include <innate/typed/parameter.hpp>
#include <innate/typed/received.hpp>
#include <innate/typed/router.hpp>
#include <innate/typed/subject_template.hpp>
#include <innate/typed/timestamp.hpp>
