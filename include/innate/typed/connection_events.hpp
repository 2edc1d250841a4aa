// SPDX-License-Identifier: Apache-2.0
/// The connection's operations on typed events.
#pragma once

#include <innate/connection.hpp>
#include <innate/typed/event_subscription.hpp>
#include <innate/typed/parameter.hpp>

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <system_error>
#include <tuple>
#include <type_traits>
#include <utility>

namespace innate::inline v0 {

namespace typed {

/// A subject that has just been made; on the stack unless it is long.
class subject_text {
 public:
  template <class Subjects>
  explicit subject_text(std::type_identity<Subjects>, const typename Subjects::values& values) {
    const auto size = Subjects::size(values);
    if (size > x_small.size()) x_large.resize(size);
    char* const begin = size > x_small.size() ? x_large.data() : x_small.data();
    Subjects::format(begin, values);
    x_view = {begin, size};
  }
  subject_text(const subject_text&) = delete;
  subject_text& operator=(const subject_text&) = delete;
  [[nodiscard]] std::string_view view() const noexcept { return x_view; }

 private:
  std::array<char, 256> x_small;
  std::string x_large;
  std::string_view x_view;
};

// g++ 12 copies a temporary aggregate that owns memory bit by bit into the frame of the coroutine that awaits.
#if defined(__GNUC__) && !defined(__clang__) && __GNUC__ < 13
inline constexpr bool temporaries_are_safe = false;
#else
inline constexpr bool temporaries_are_safe = true;
#endif

template <class Argument>
inline constexpr bool can_be_awaited =
    temporaries_are_safe || std::is_lvalue_reference_v<Argument> ||
    !std::is_aggregate_v<std::remove_cvref_t<Argument>> || std::is_trivially_copyable_v<std::remove_cvref_t<Argument>>;

template <meta::fixed_string of_template, std::size_t parameters, std::size_t given>
consteval bool require_all_parameters() {
  static_assert(given >= parameters, "a parameter of the subject template is missing");
  static_assert(given <= parameters, "there are more values than parameters in the subject template");
  return true;
}

template <class E, class Payload>
consteval bool require_payload() {
  static_assert(std::is_convertible_v<const Payload&, const typename E::payload_type&>,
                "the last argument must be the payload of the event");
  return true;
}

}  // namespace typed

inline core::byte_buffer& connection::empty_scratch() {
  auto& scratch = x_driver->engine().scratch;
  constexpr std::size_t keep = std::size_t{256} << 10;
  if (scratch.capacity() > keep) scratch.release();
  scratch.clear();
  return scratch;
}

template <class Codec, class Payload>
result<std::string_view> connection::encode_payload(const Payload& payload) {
  auto& scratch = empty_scratch();
  auto failed = Codec::encode(payload, scratch);
  if (failed.code) return failed;
  return scratch.view();
}

/// Calls `then(subject, payload)` with both encoded, or `refuse(code)` once `last_error()` says why.
template <typed_event E, class Then, class Refuse, class... Arguments>
auto connection::encode_event(Then then, Refuse refuse, const Arguments&... parameters_then_payload) {
  static_assert(sizeof...(Arguments) != 0, "the last argument must be the payload of the event");
  constexpr auto count = sizeof...(Arguments) - 1;
  using subjects = typename E::subject_type;
  const std::tuple<const Arguments&...> all{parameters_then_payload...};
  static_assert(typed::require_payload<E, std::tuple_element_t<count, std::tuple<Arguments...>>>());
  static_assert(typed::require_all_parameters<E::subject_text, subjects::parameter_count, count>());
  const auto with_parameters = [&](auto function) {
    return [&]<std::size_t... i>(std::index_sequence<i...>) {
      return function(std::get<i>(all)...);
    }(std::make_index_sequence<count>{});
  };
  const net::entry_guard::scope inside{x_driver->guard()};
  const auto fail = [&](const error& why) {
    x_driver->engine().fail_locally({why.code, "event '" + std::string{subjects::view} + "': " + why.detail});
    return refuse(why.code);
  };
  typename subjects::values values{};
  if (!with_parameters([&](const auto&... given) { return typed::place_arguments<E::subject_text>(values, given...); }))
    return fail(with_parameters(
        [&](const auto&... given) { return typed::order_arguments<E::subject_text>(values, given...); }));
  if constexpr (requires { E::reserved; }) {
    for (const std::string_view taken : E::reserved)
      for (const auto value : values)
        if (value == taken) return fail({errc::invalid_parameter, "'" + std::string{taken} + "' is reserved"});
  }
  const typename E::payload_type& payload = std::get<count>(all);
  auto& scratch = empty_scratch();
  if (const auto failed = E::codec_type::encode(payload, scratch); failed.code) return fail(failed);
  const typed::subject_text subject{std::type_identity<subjects>{}, values};
  return then(protocol::subject_ref::already_checked(subject.view()), scratch.view());
}

template <typed_event E, class... Arguments>
asio::awaitable<void> connection::publish(publish_options how, Arguments&&... parameters_then_payload) {
  static_assert(
      (typed::can_be_awaited<Arguments> && ...),
      "name this payload first: this compiler mishandles temporaries of aggregates that own memory in co_await");
  return encode_event<E>([&](protocol::subject_ref subject,
                             std::string_view payload) { return when_room(put(subject, payload, how, hard_mark())); },
                         [&](std::error_code refused) { return net::or_throw(room(x_driver, refused)); },
                         parameters_then_payload...);
}
template <typed_event E, class... Arguments>
asio::awaitable<void> connection::publish(Arguments&&... parameters_then_payload) {
  return publish<E>(publish_options{}, std::forward<Arguments>(parameters_then_payload)...);
}
template <typed_event E, class... Arguments>
std::error_code connection::try_publish(const Arguments&... parameters_then_payload) {
  return encode_event<E>(
      [&](protocol::subject_ref subject, std::string_view payload) {
        return code(put(subject, payload, core::plain_publish, high_mark()));
      },
      [](std::error_code refused) { return refused; }, parameters_then_payload...);
}

template <typed_event E, class... Arguments>
event_subscription<E> connection::subscribe(subscribe_options how, const Arguments&... parameters) {
  using subjects = typename E::subject_type;
  typename subjects::values values{};
  if (const auto refused = typed::order_arguments<E::subject_text>(values, parameters...); refused.code)
    throw_error(refused);
  const typed::subject_text filter{std::type_identity<subjects>{}, values};
  return event_subscription<E>{subscribe(filter.view(), how)};
}
template <typed_event E, class... Arguments>
event_subscription<E> connection::subscribe(const Arguments&... parameters) {
  return subscribe<E>(subscribe_options{}, parameters...);
}

template <typed_request E, class... Arguments>
asio::awaitable<decoded<typename E::reply_type>> connection::request(request_options how,
                                                                     Arguments&&... parameters_then_payload) {
  static_assert(
      (typed::can_be_awaited<Arguments> && ...),
      "name this payload first: this compiler mishandles temporaries of aggregates that own memory in co_await");
  const auto understand = [](asio::awaitable<message> asked) -> asio::awaitable<decoded<typename E::reply_type>> {
    decoded<typename E::reply_type> reply;
    const auto failed = reply.template decode<typename E::codec_type>(co_await std::move(asked));
    if (failed.code) throw_error(failed);
    co_return std::move(reply);
  };
  const auto refuse = [](std::error_code why, std::string detail) -> asio::awaitable<message> {
    throw_error({why, std::move(detail)});
    co_return message{};
  };
  return encode_event<E>([&](protocol::subject_ref subject,
                             std::string_view payload) { return understand(request(subject, payload, how)); },
                         [&](std::error_code refused) { return understand(refuse(refused, last_error().detail)); },
                         parameters_then_payload...);
}
template <typed_request E, class... Arguments>
asio::awaitable<decoded<typename E::reply_type>> connection::request(Arguments&&... parameters_then_payload) {
  return request<E>(request_options{}, std::forward<Arguments>(parameters_then_payload)...);
}

template <typed_request E>
std::error_code connection::try_respond(const received<E>& to, const typename E::reply_type& payload) {
  const auto encoded = encode_payload<typename E::codec_type>(payload);
  if (encoded) return try_respond(to.message(), *encoded);
  x_driver->engine().fail_locally(encoded.error());
  return encoded.error().code;
}
template <typed_request E>
asio::awaitable<void> connection::respond(const received<E>& to, const typename E::reply_type& payload) {
  const auto encoded = encode_payload<typename E::codec_type>(payload);
  if (encoded) return respond(to.message(), *encoded);
  x_driver->engine().fail_locally(encoded.error());
  return net::or_throw(room(x_driver, encoded.error().code));
}

}  // namespace innate::inline v0
