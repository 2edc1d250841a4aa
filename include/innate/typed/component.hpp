// SPDX-License-Identifier: Apache-2.0
/// A component is what it publishes and what it handles; anything else through it does not compile.
#pragma once

#include <innate/event_fwd.hpp>
#include <innate/meta/fixed_string.hpp>
#include <innate/typed/event.hpp>

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <tuple>
#include <type_traits>

namespace innate::inline v0 {

/// Where a row of the catalogue comes from.
enum class origin : std::uint8_t {
  table,  ///< a component's table of published or subscribed subjects
  flow,   ///< implied by a communication flow or usage example
};

/// An event that a component handles, what that means there, and the queue group its handlers share.
template <typed_event E, meta::fixed_string what, meta::fixed_string then, origin from = origin::table,
          meta::fixed_string queue_group = "">
struct handles {
  using event_type = E;
  static constexpr std::string_view documented = E::subject_type::view;
  static constexpr std::string_view filter = E::subject_type::filter();
  static constexpr std::string_view description = what.view();
  static constexpr std::string_view action = then.view();
  static constexpr std::string_view queue = queue_group.view();
  static constexpr origin source = from;
};

/// A whole tree of subjects: `agent.>`, which a document may call `agent.*`.
template <meta::fixed_string root, meta::fixed_string pattern, meta::fixed_string what, meta::fixed_string then>
struct handles_tree {
  using event_type = void;
  static constexpr auto filter_text = [] {
    std::array<char, root.size() + 2> text{};
    for (std::size_t i = 0; i != root.size(); ++i) text[i] = root.characters[i];
    text[root.size()] = '.';
    text[root.size() + 1] = '>';
    return text;
  }();
  static constexpr std::string_view documented = pattern.view();
  static constexpr std::string_view filter{filter_text.data(), filter_text.size()};
  static constexpr std::string_view description = what.view();
  static constexpr std::string_view action = then.view();
  static constexpr std::string_view queue{};
  static constexpr origin source = origin::table;
};

template <class... Rows>
struct handler_list {
  using tuple = std::tuple<Rows...>;
};

/// `name`: the first token of its subjects; `title`; `publishes`: an `event_list`; `handled`: a `handler_list`.
template <class C>
concept component = requires {
  { C::name } -> std::convertible_to<std::string_view>;
  { C::title } -> std::convertible_to<std::string_view>;
  typename C::publishes::tuple;
  typename C::handled::tuple;
};

/// Events that every component may publish: assignments, requests, invalidations. They say so by
/// `static constexpr bool command = true`.
template <class E>
concept command_event = typed_event<E> && requires { requires E::command; };

namespace typed {

template <class E, class... Events>
consteval bool one_of(std::type_identity<std::tuple<Events...>>) {
  return (std::same_as<E, Events> || ...);
}
template <class E, class... Rows>
consteval bool handled_in(std::type_identity<std::tuple<Rows...>>) {
  return (std::same_as<E, typename Rows::event_type> || ...);
}

[[nodiscard]] constexpr bool lower_case(std::string_view text) noexcept {
  for (const char c : text)
    if (c >= 'A' && c <= 'Z') return false;
  return true;
}

template <class C, class E>
consteval bool belongs() {
  constexpr auto subject = E::subject_type::view;
  static_assert(lower_case(subject), "the subjects of a catalogue are lower case");
  static_assert(E::subject_type::token_count >= 2,
                "a catalogued subject has at least two tokens, component and action");
  static_assert(command_event<E> || E::subject_type::tokens[0].text == C::name,
                "the first token of a published subject is the name of its component");
  return true;
}
template <class C, class... Events>
consteval bool all_belong(std::type_identity<std::tuple<Events...>>) {
  return (belongs<C, Events>() && ...);
}

}  // namespace typed

template <component C, typed_event E>
inline constexpr bool may_publish =
    command_event<E> || typed::one_of<E>(std::type_identity<typename C::publishes::tuple>{});

template <component C, typed_event E>
inline constexpr bool may_handle = typed::handled_in<E>(std::type_identity<typename C::handled::tuple>{});

/// To be asserted where a component is defined.
template <component C>
inline constexpr bool well_formed = typed::all_belong<C>(std::type_identity<typename C::publishes::tuple>{});

}  // namespace innate::inline v0
