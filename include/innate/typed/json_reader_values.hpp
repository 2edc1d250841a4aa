// SPDX-License-Identifier: Apache-2.0
/// json_reader: one function for each kind of value that a payload can have.
#pragma once

#include <innate/typed/json_reader.hpp>

#include <limits>
#include <optional>
#include <type_traits>

namespace innate::inline v0::typed {

template <class T>
bool json_reader::read_root(T& into) {
  if constexpr (std::same_as<T, raw_json>) {
    protocol::json_reader check{x_text, max_payload_depth};
    into.text = x_text;
    if (check.skip_document()) return true;
    return refuse(check.too_deep() ? errc::payload_too_deep : errc::payload_not_json,
                  check.too_deep() ? too_deep_text : "this is not JSON", x_text.data() + check.position());
  } else {
    if constexpr (described<T>) {
      if (x_text.empty() && !lacks_fields<T>(0)) return true;  // a request without content
    }
    simdjson::ondemand::document document;
    const auto room = x_text.size() + simdjson::SIMDJSON_PADDING;
    if (const auto bad = parser().iterate(x_text.data(), x_text.size(), room).get(document)) return broken(bad);
    bool good = false;
    if constexpr (is_vector<T>) {
      simdjson::ondemand::array list;
      if (document.get_array().get(list))
        return refuse(errc::payload_wrong_type, "expected an array, found " + std::string{kind_of(x_text)},
                      x_text.data());
      good = read_list(list, into);
    } else {
      simdjson::ondemand::object object;
      if (const auto bad = document.get_object().get(object)) {
        if (bad != simdjson::INCORRECT_TYPE) return broken(bad);
        return refuse(errc::payload_wrong_type, "expected an object", x_text.data());
      }
      if constexpr (is_map<T>)
        good = read_map(object, into);
      else
        good = read_object(object, into);
    }
    if (!good) return false;
    const char* rest = nullptr;
    if (document.current_location().get(rest) == simdjson::OUT_OF_BOUNDS) return true;
    return refuse(errc::payload_not_json, "more text follows the payload", rest);
  }
}

/// Alternatives are told apart by their required fields: the first one that can be read is it.
template <class... Alternatives>
bool json_reader::read_alternative(std::variant<Alternatives...>& into) {
  std::string reasons;
  const auto attempt = [&]<class T>(std::type_identity<T>) {
    x_path.clear();
    if (read_root(into.template emplace<T>())) return true;
    reasons += reasons.empty() ? "" : "; or ";
    reasons += (x_path.empty() ? "" : "field '" + x_path + "': ") + x_reason;
    return false;
  };
  if ((attempt(std::type_identity<Alternatives>{}) || ...)) return true;
  x_path.clear();
  x_reason = std::move(reasons);
  return false;
}

template <class T>
bool json_reader::read(value v, T& into) {
  if constexpr (std::same_as<T, bool>) {
    return !v.get_bool().get(into) || mismatch("a boolean", v);
  } else if constexpr (std::integral<T> || std::floating_point<T>) {
    return read_number(v, into);
  } else if constexpr (std::same_as<T, std::string_view>) {
    return read_text(v, into);
  } else if constexpr (std::same_as<T, std::string>) {
    std::string_view text;
    if (!read_text(v, text)) return false;
    into = text;
    return true;
  } else if constexpr (described_enum<T>) {
    return read_enum(v, into);
  } else if constexpr (std::same_as<T, timestamp>) {
    return read_time(v, into);
  } else if constexpr (std::same_as<T, raw_json>) {
    return read_raw(v, into.text);
  } else if constexpr (is_optional<T>) {
    bool null = false;
    if (!v.is_null().get(null) && null) {
      into.reset();
      return true;
    }
    return read(v, into.emplace());
  } else if constexpr (is_vector<T>) {
    simdjson::ondemand::array list;
    return v.get_array().get(list) ? mismatch("an array", v) : read_list(list, into);
  } else {
    simdjson::ondemand::object object;
    if (v.get_object().get(object)) return mismatch("an object", v);
    if constexpr (is_map<T>) {
      return read_map(object, into);
    } else {
      static_assert(described<T>,
                    "this type has no payload descriptor: give it payload_fields, or specialise describe");
      return read_object(object, into);
    }
  }
}

/// On-Demand of simdjson 3.0 misreads `0.` with more than 19 digits behind it, and refuses exponents as long as that;
/// its DOM does neither.
inline simdjson::error_code json_reader::read_real(value& v, double& into) {
  const auto text = token(v);
  const auto bad = v.get_double().get(into);
  const bool doubtful = text.size() > 20 && (text.starts_with("0.") || text.starts_with("-0."));
  if (bad != simdjson::NUMBER_ERROR && (bad || !doubtful)) return bad;
  simdjson::dom::parser once;
  return once.parse(text.data(), text.size()).get_double().get(into);
}

template <class T>
bool json_reader::read_number(value v, T& into) {
  using wide = std::conditional_t<std::floating_point<T>, double,
                                  std::conditional_t<std::signed_integral<T>, std::int64_t, std::uint64_t>>;
  wide number{};
  simdjson::error_code bad;
  if constexpr (std::floating_point<T>)
    bad = read_real(v, number);
  else if constexpr (std::signed_integral<T>)
    bad = v.get_int64().get(number);
  else
    bad = v.get_uint64().get(number);
  if (!bad && number >= static_cast<wide>(std::numeric_limits<T>::lowest()) &&
      number <= static_cast<wide>(std::numeric_limits<T>::max())) {
    into = static_cast<T>(number);
    return true;
  }
  constexpr auto wanted = std::floating_point<T> ? "a number" : "an integer";
  const auto found = token(v);
  if (kind_of(found) != "a number") return mismatch(wanted, v);
  protocol::json_reader check{found};
  if (!check.skip_document()) return refuse(errc::payload_not_json, "'" + shown(found) + "' is not a number", v);
  const bool whole = found.find_first_of(".eE") == found.npos;
  if (std::integral<T> && !whole)
    return refuse(errc::payload_wrong_type, "expected an integer, found " + shown(found), v);
  return refuse(errc::payload_out_of_range, shown(found) + " is out of range", v);
}

template <class T>
bool json_reader::read_enum(value v, T& into) {
  constexpr auto names = names_of(T{});
  std::string_view text;
  if (!read_text(v, text)) return false;
  for (std::size_t i = 0; i != names.size(); ++i) {
    if (names[i] != text) continue;
    into = static_cast<T>(i);
    return true;
  }
  std::string allowed;
  for (const std::string_view name : names) allowed.append(allowed.empty() ? "" : ", ").append(name);
  return refuse(errc::payload_out_of_range, "expected one of " + allowed + ", found '" + shown(text) + "'", v);
}

template <class T>
bool json_reader::read_list(simdjson::ondemand::array list, T& into) {
  const level inside_list{x_depth};
  if (inside_list.too_deep()) return refuse_depth();
  into.clear();
  for (auto item : list) {
    value v;
    if (const auto bad = std::move(item).get(v)) return broken(bad);
    typename T::value_type element{};
    if (!read(v, element)) return inside(std::to_string(into.size()));
    into.push_back(std::move(element));
  }
  return true;
}

template <class T>
bool json_reader::read_map(simdjson::ondemand::object object, T& into) {
  const level inside_map{x_depth};
  if (inside_map.too_deep()) return refuse_depth();
  into.clear();
  for (auto item : object) {
    simdjson::ondemand::field f;
    if (const auto bad = std::move(item).get(f)) return broken(bad);
    std::string_view key;
    if (const auto bad = f.unescaped_key().get(key)) return broken(bad);
    const auto [place, fresh] = into.try_emplace(std::string{key});
    if (!fresh) return refuse(errc::payload_field_repeated, "'" + shown(key) + "' is there twice", f.value());
    if (!read(f.value(), place->second)) return inside(place->first);
  }
  return true;
}

/// Its place in the list of fields, the one after the last found first; `none` for a field that is not in it,
/// `refused` for a name that is no JSON string.
template <class T>
std::size_t json_reader::find_field(simdjson::ondemand::field& f, std::size_t expected) {
  constexpr auto& names = fields_of<T>::names;
  const char* const key = f.key().raw();
  const auto is = [&](std::string_view name) {
    return std::char_traits<char>::compare(key, name.data(), name.size()) == 0 && key[name.size()] == '"';
  };
  if (expected < names.size() && is(names[expected])) return expected;
  for (std::size_t i = 0; i != names.size(); ++i)
    if (is(names[i])) return i;
  const char* end = key;
  while (*end != '"' && *end != '\\') ++end;
  if (*end == '"') return none;
  std::string_view unescaped;
  if (f.unescaped_key().get(unescaped)) {
    refuse(errc::payload_not_json, "a wrong escape in a name", key);
    return refused;
  }
  for (std::size_t i = 0; i != names.size(); ++i)
    if (names[i] == unescaped) return i;
  return none;
}

template <class T>
bool json_reader::lacks_fields(std::uint64_t seen) {
  std::size_t i = 0;
  return !each_field<T>([&]<class Field>() {
    const bool there = (seen >> i++ & 1U) != 0;
    if (there || !required<Field, T>) return true;
    refuse(errc::payload_field_missing, "it is missing", x_text.data() + x_text.size());
    return inside(Field::name);
  });
}

template <class T>
bool json_reader::read_object(simdjson::ondemand::object object, T& into) {
  const level inside_object{x_depth};
  if (inside_object.too_deep()) return refuse_depth();
  std::uint64_t seen = 0;
  std::size_t expected = 0;
  for (auto item : object) {
    simdjson::ondemand::field f;
    if (const auto bad = std::move(item).get(f)) return broken(bad);
    const auto found = find_field<T>(f, expected);
    if (found == refused) return false;
    if (found == none) {
      std::string_view passed;
      if (!read_raw(f.value(), passed)) return false;
      continue;
    }
    const auto bit = std::uint64_t{1} << found;
    if ((seen & bit) != 0) {
      refuse(errc::payload_field_repeated, "it is there twice", f.value());
      return inside(fields_of<T>::names[found]);
    }
    seen |= bit;
    expected = found + 1;
    std::size_t i = 0;
    const bool good = each_field<T>(
        [&]<class Field>() { return i++ != found || read(f.value(), into.*Field::member) || inside(Field::name); });
    if (!good) return false;
  }
  return !lacks_fields<T>(seen);
}

}  // namespace innate::inline v0::typed
