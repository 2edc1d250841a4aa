// SPDX-License-Identifier: Apache-2.0
/// The catalogue: every event that components publish and handle, as a constexpr list of rows.
///
///     constexpr auto& rows = innate::catalogue_of<std::tuple<shop::definition, store::definition>>;
///
/// An event says of itself `description` and `when`, and may say `name` (what documents call it; otherwise its subject
/// without parameters) and `source` (`origin::flow` when no table has it).
#pragma once

#include <innate/event_fwd.hpp>
#include <innate/typed/component.hpp>
#include <innate/typed/event.hpp>
#include <innate/typed/fields.hpp>
#include <innate/typed/json_schema.hpp>

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <variant>
#include <vector>

namespace innate::inline v0 {

enum class direction : std::uint8_t { publishes, subscribes };

/// What messages carry.
struct payload_info {
  std::string_view content_type{};
  /// Names of the fields: one list, one for each alternative of a variant, none when it is not objects with fields.
  std::span<const std::span<const std::string_view>> alternatives{};
  /// Appends what is between the braces of its JSON Schema, which will stand at `at`; null when it is not JSON.
  void (*append_schema)(std::string& out, std::string_view at) = nullptr;
};

/// An event, whoever publishes it.
struct event_info {
  std::string_view name{};     ///< of letters, digits, `.`, `-` and `_`; a catalogue has each once
  std::string_view subject{};  ///< its template
  std::string_view filter{};   ///< what one subscribes to
  std::span<const std::string_view> parameters{};
  std::string_view description{};
  std::string_view when{};
  payload_info payload{};
  bool answered = false;  ///< a request, which a `reply` answers
  payload_info reply{};
};

struct catalogue_row {
  std::string_view component{};  ///< its name, the first token of its subjects
  std::string_view title{};      ///< what people call it
  innate::direction direction{};
  std::string_view subject{};  ///< as documented: a template, or for whole trees a pattern
  std::string_view filter{};   ///< in use
  std::string_view description{};
  std::string_view when{};   ///< when it is published; for a subscription: what the component does then
  std::string_view queue{};  ///< the group that shares a subscription; empty when each subscriber gets all
  origin source{};
  const event_info* event = nullptr;  ///< null for a whole tree, `agent.>`

  [[nodiscard]] constexpr bool is_tree() const noexcept { return filter.ends_with(".>"); }
};

namespace typed {

template <class T>
struct payload_fields_of {
  static constexpr std::array<std::span<const std::string_view>, 0> lists{};
};
template <described T>
struct payload_fields_of<T> {
  static constexpr std::array<std::span<const std::string_view>, 1> lists{
      std::span<const std::string_view>{fields_of<T>::names}};
};
template <described... Alternatives>
struct payload_fields_of<std::variant<Alternatives...>> {
  static constexpr std::array<std::span<const std::string_view>, sizeof...(Alternatives)> lists{
      std::span<const std::string_view>{fields_of<Alternatives>::names}...};
};

template <class Codec, class Payload>
consteval payload_info describe_payload() {
  payload_info found{Codec::content_type, payload_fields_of<Payload>::lists, nullptr};
  if constexpr (Codec::content_type == json_codec::content_type) found.append_schema = &append_schema_keywords<Payload>;
  return found;
}

/// Letters, digits, `.`, `-` and `_` of a subject without its parameters; with them when there is nothing else.
template <class Subjects>
inline constexpr auto plain_name = [] {
  struct {
    std::array<char, Subjects::view.size()> text{};
    std::size_t size = 0;
  } name;
  const auto append = [&name](bool parameters) {
    for (const auto& t : Subjects::tokens) {
      if (t.parameter && !parameters) continue;
      if (name.size != 0) name.text[name.size++] = '.';
      for (const char c : t.text) name.text[name.size++] = name_byte(c, false) || c == '-' ? c : '_';
    }
  };
  append(false);
  if (name.size == 0) append(true);
  return name;
}();

[[nodiscard]] constexpr bool is_event_name(std::string_view name) noexcept {
  for (const char c : name)
    if (!name_byte(c, false) && c != '-' && c != '.') return false;
  return !name.empty();
}

template <class E>
consteval std::string_view name_of_event() {
  if constexpr (requires { E::name; }) {
    static_assert(is_event_name(E::name), "the name of an event is of letters, digits, '.', '-' and '_'");
    return E::name;
  } else {
    constexpr auto& name = plain_name<typename E::subject_type>;
    return {name.text.data(), name.size};
  }
}

template <class E>
consteval event_info describe_event() {
  using subjects = typename E::subject_type;
  event_info found{name_of_event<E>(), subjects::view, subjects::filter(), subjects::names};
  if constexpr (requires { E::description; }) found.description = E::description;
  if constexpr (requires { E::when; }) found.when = E::when;
  found.payload = describe_payload<typename E::codec_type, typename E::payload_type>();
  if constexpr (typed_request<E>) {
    found.answered = true;
    found.reply = describe_payload<typename E::codec_type, typename E::reply_type>();
  }
  return found;
}

}  // namespace typed

/// What a catalogue says of an event.
template <typed_event E>
inline constexpr event_info info_of = typed::describe_event<E>();

namespace typed {

template <class C, class E>
consteval catalogue_row published_row() {
  constexpr auto& e = info_of<E>;
  catalogue_row row{C::name, C::title, direction::publishes, e.subject, e.filter, e.description, e.when};
  if constexpr (requires { E::source; }) row.source = E::source;
  row.event = &e;
  return row;
}
template <class C, class Handled>
consteval catalogue_row handled_row() {
  catalogue_row row{C::name,
                    C::title,
                    direction::subscribes,
                    Handled::documented,
                    Handled::filter,
                    Handled::description,
                    Handled::action,
                    Handled::queue,
                    Handled::source};
  if constexpr (!std::is_void_v<typename Handled::event_type>) row.event = &info_of<typename Handled::event_type>;
  return row;
}

template <class C>
inline constexpr auto rows_of_component =
    []<class... Events, class... Handled>(std::type_identity<std::tuple<Events...>>,
                                          std::type_identity<std::tuple<Handled...>>) {
      return std::array<catalogue_row, sizeof...(Events) + sizeof...(Handled)>{published_row<C, Events>()...,
                                                                               handled_row<C, Handled>()...};
    }(std::type_identity<typename C::publishes::tuple>{}, std::type_identity<typename C::handled::tuple>{});

template <class E>
consteval std::string_view catalogued_name() {
  if constexpr (std::is_void_v<E>)
    return {};  // a whole tree
  else
    return info_of<E>.name;
}

/// Where `E` is found first. (Not by the addresses of what is said of it: g++'s undefined sanitizer does not compare
/// them at compile time.)
template <class E, class... Events>
consteval std::size_t first_place() {
  std::size_t place = 0;
  static_cast<void>(((std::same_as<E, Events> || (++place, false)) || ...));
  return place;
}

/// No two events have one name, so that documents can refer to them by it.
template <class... Events>
consteval bool names_are_unique(std::tuple<std::type_identity<Events>...>) {
  const std::array<std::string_view, sizeof...(Events)> names{catalogued_name<Events>()...};
  const std::array<std::size_t, sizeof...(Events)> places{first_place<Events, Events...>()...};
  for (std::size_t i = 0; i != names.size(); ++i)
    for (std::size_t j = 0; j != i; ++j)
      if (!names[i].empty() && names[i] == names[j] && places[i] != places[j]) return false;
  return true;
}

/// The events of a component's rows, in their order.
template <class... Events, class... Handled>
constexpr std::tuple<std::type_identity<Events>..., std::type_identity<typename Handled::event_type>...>
events_of(std::type_identity<std::tuple<Events...>>, std::type_identity<std::tuple<Handled...>>) {
  return {};
}
template <class C>
using events_of_component = decltype(events_of(std::type_identity<typename C::publishes::tuple>{},
                                               std::type_identity<typename C::handled::tuple>{}));

template <class... Components>
consteval auto collect_rows(std::type_identity<std::tuple<Components...>>) {
  static_assert(names_are_unique(std::tuple_cat(events_of_component<Components>{}...)),
                "two events of this catalogue have the same name: give one of them a `name` of its own");
  std::array<catalogue_row, (rows_of_component<Components>.size() + ... + 0)> all{};
  std::size_t n = 0;
  const auto append = [&](const auto& rows) {
    for (const auto& row : rows) all[n++] = row;
  };
  (append(rows_of_component<Components>), ...);
  return all;
}

}  // namespace typed

/// All rows of these components, a `std::tuple` of their definitions: by component what it publishes, then what it
/// handles, in the order of the definitions.
template <class Components>
inline constexpr auto catalogue_of = typed::collect_rows(std::type_identity<Components>{});

/// The rows of one component; all of them when `component` is empty.
[[nodiscard]] inline std::vector<catalogue_row> rows_of(std::span<const catalogue_row> rows,
                                                        std::string_view component) {
  std::vector<catalogue_row> chosen;
  for (const auto& row : rows)
    if (component.empty() || row.component == component) chosen.push_back(row);
  return chosen;
}

/// The names of the components, each once.
[[nodiscard]] inline std::vector<std::string_view> components_of(std::span<const catalogue_row> rows) {
  std::vector<std::string_view> names;
  for (const auto& row : rows)
    if (names.empty() || names.back() != row.component) names.push_back(row.component);
  return names;
}

/// What the messages of a row carry: `{task_id, error}`; alternatives are joined by `or`, a whole tree has `-`.
[[nodiscard]] inline std::string payload_text(const catalogue_row& row) {
  if (!row.event) return "-";
  const auto& payload = row.event->payload;
  if (payload.alternatives.empty()) return std::string{payload.content_type};
  std::string text;
  for (const auto& names : payload.alternatives) {
    text += text.empty() ? "{" : " or {";
    for (const auto name : names) text.append(name.data() == names[0].data() ? "" : ", ").append(name);
    text += '}';
  }
  return text;
}

/// `PUB` or `SUB`.
[[nodiscard]] constexpr std::string_view direction_text(direction d) noexcept {
  return d == direction::publishes ? "PUB" : "SUB";
}

}  // namespace innate::inline v0
