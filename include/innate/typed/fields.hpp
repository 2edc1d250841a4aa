// SPDX-License-Identifier: Apache-2.0
/// Payload descriptors: the explicit list of a payload's fields, which is the contract with everybody else.
///
/// A payload type names its fields itself,
///
///     struct task_failed {
///       std::string_view task_id{}, error{};
///       using payload_fields = innate::fields<innate::field<"task_id", &task_failed::task_id>,
///                                             innate::field<"error", &task_failed::error>>;
///     };
///
/// or, when it is somebody else's type, by a specialisation of `describe<T>` with a member `type`. Enums are described
/// by a function that is found by argument-dependent lookup and gives the names of the values 0, 1, …:
///
///     constexpr auto names_of(status) { return std::array<std::string_view, 2>{"idle", "running"}; }
#pragma once

#include <innate/meta/fixed_string.hpp>
#include <innate/typed/timestamp.hpp>

#include <array>
#include <concepts>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

namespace innate::inline v0 {

/// Any JSON value, kept as its text and checked when it is read and when it is written. A view.
struct raw_json {
  std::string_view text = "null";
};

/// Whether a reader insists on a field. Writers always write it.
enum class when_read : bool { required, may_be_absent };

/// One field: its name in the payload and the member that holds it. Supported members: integers, floating point,
/// `bool`, `std::string`, `std::string_view`, described enums and structs, `timestamp`, `raw_json`, and
/// `std::optional`, `std::vector` and maps by string of these. An empty optional is written as `null`, and read from
/// `null` or absence.
template <meta::fixed_string field_name, auto member_pointer, when_read presence = when_read::required>
struct field {
  static_assert(
      [] {
        for (const char c : field_name.view())
          if (c < ' ' || c > '~' || c == '"' || c == '\\') return false;
        return field_name.size() != 0;
      }(),
      "the name of a field is printable ASCII without quotes and backslashes");
  static constexpr auto key = field_name;
  static constexpr std::string_view name = field_name.view();
  static constexpr auto member = member_pointer;
  static constexpr bool required = presence == when_read::required;
};

template <class... Fields>
struct fields {
  static constexpr std::size_t count = sizeof...(Fields);
  static_assert(count <= 64, "a payload has at most 64 fields");
  static_assert(
      [] {
        std::array<std::string_view, count> names{Fields::name...};
        for (std::size_t i = 0; i != count; ++i)
          for (std::size_t j = 0; j != i; ++j)
            if (names[i] == names[j]) return false;
        return true;
      }(),
      "two fields of this payload have the same name");
  static constexpr std::array<std::string_view, count> names{Fields::name...};
  using tuple = std::tuple<Fields...>;
};

template <class T>
struct describe {};
template <class T>
  requires requires { typename T::payload_fields; }
struct describe<T> {
  using type = typename T::payload_fields;
};
template <class T>
using fields_of = typename describe<T>::type;

template <class T>
concept described = requires { typename describe<T>::type; };

template <class T>
concept described_enum = std::is_enum_v<T> && requires(T value) {
  { names_of(value).size() } -> std::convertible_to<std::size_t>;
};

namespace typed {

/// How deep arrays and objects may be nested in a payload.
inline constexpr int max_payload_depth = 64;

template <class T, template <class...> class Template>
inline constexpr bool is_a = false;
template <template <class...> class Template, class... Args>
inline constexpr bool is_a<Template<Args...>, Template> = true;

template <class T>
inline constexpr bool is_optional = is_a<T, std::optional>;
template <class T>
inline constexpr bool is_vector = is_a<T, std::vector>;
template <class T>
inline constexpr bool is_variant = is_a<T, std::variant>;
template <class T>
inline constexpr bool is_map = is_a<T, std::map> || is_a<T, std::unordered_map>;

template <class Field, class T>
using member_type = std::remove_cvref_t<decltype(std::declval<T&>().*Field::member)>;

template <std::size_t i, class T>
using field_at = std::tuple_element_t<i, typename fields_of<T>::tuple>;

template <class Field, class T>
inline constexpr bool is_first = Field::name == field_at<0, T>::name;

/// May the reader go on without it?
template <class Field, class T>
inline constexpr bool required = Field::required && !is_optional<member_type<Field, T>>;

/// Calls `visit.template operator()<Field>()` for each field in order, until one gives false.
template <class T, class Visit>
constexpr bool each_field(Visit visit) {
  return [&]<class... Fields>(std::type_identity<std::tuple<Fields...>>) {
    return (visit.template operator()<Fields>() && ...);
  }(std::type_identity<typename fields_of<T>::tuple>{});
}

}  // namespace typed
}  // namespace innate::inline v0
