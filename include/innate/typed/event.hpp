// SPDX-License-Identifier: Apache-2.0
/// Binds a subject template to what its messages carry: `using inbox = event<"agent.{agent_id}.inbox", inbox_message>`.
#pragma once

#include <innate/event_fwd.hpp>
#include <innate/meta/fixed_string.hpp>
#include <innate/typed/codec.hpp>
#include <innate/typed/subject_template.hpp>

#include <string_view>
#include <tuple>

namespace innate::inline v0 {

/// A catalogued event derives from it and says what it is: `static constexpr std::string_view description`, `when`.
template <meta::fixed_string text, class Payload, class Codec = json_codec>
struct event {
  static_assert(codec_for<Codec, Payload>, "the codec of this event cannot encode and decode its payload");
  static constexpr auto subject_text = text;
  using subject_type = subject_template<text>;
  using payload_type = Payload;
  using codec_type = Codec;
};

/// An event whose messages are requests: whoever handles one responds with a `Reply`.
template <meta::fixed_string text, class Payload, class Reply, class Codec = json_codec>
struct request_event : event<text, Payload, Codec> {
  static_assert(codec_for<Codec, Reply>, "the codec of this event cannot encode and decode its reply");
  using reply_type = Reply;
};

/// A list of events as a type.
template <typed_event... Events>
struct event_list {
  using tuple = std::tuple<Events...>;
  static constexpr std::size_t size = sizeof...(Events);
};

/// The documented subject of an event: `agent.{agent_id}.inbox`.
template <typed_event E>
inline constexpr std::string_view subject_of = E::subject_type::view;

}  // namespace innate::inline v0
