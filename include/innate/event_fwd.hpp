// SPDX-License-Identifier: Apache-2.0
/// What the connection has to know of typed events; everything else is in `innate/typed.hpp`.
#pragma once

#include <concepts>
#include <string_view>

namespace innate::inline v0 {

/// A subject template, a payload and a codec bound together: `event<…>`, or a class derived from it.
template <class E>
concept typed_event = requires {
  typename E::subject_type;
  typename E::payload_type;
  typename E::codec_type;
  { E::subject_type::filter() } -> std::convertible_to<std::string_view>;
};

/// One that is a request as well.
template <class E>
concept typed_request = typed_event<E> && requires { typename E::reply_type; };

template <typed_event E>
class received;
template <typed_event E>
class event_subscription;
template <class Payload>
class decoded;

}  // namespace innate::inline v0
