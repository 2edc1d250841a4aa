// SPDX-License-Identifier: Apache-2.0
/// Reads a subject template token by token at compile time, and says in a sentence what is wrong with a bad one.
#pragma once

#include <innate/meta/fixed_string.hpp>
#include <innate/protocol/subject.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace innate::inline v0 {

enum class template_fault : std::uint8_t {
  none,
  empty,
  empty_token,
  bad_byte,  ///< blank, control byte, or one that ends words on the wire
  wildcard,  ///< `*` or `>`
  unclosed_brace,
  unopened_brace,
  parameter_not_alone,  ///< a parameter that is a part of a token
  unnamed_parameter,
  bad_name,  ///< of letters, digits and `_`, not beginning with a digit
  duplicate_name,
};

struct template_check {
  template_fault fault = template_fault::none;
  std::size_t position = 0;  ///< of the offending byte
};

namespace typed {

struct template_token {
  std::string_view text{};  // without braces
  bool parameter = false;
};

[[nodiscard]] constexpr bool name_byte(char c, bool first) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (!first && c >= '0' && c <= '9');
}

[[nodiscard]] constexpr template_check check_parameter_token(std::string_view token, std::size_t at) noexcept {
  std::size_t close = 0;
  while (close != token.size() && token[close] != '}') ++close;
  if (close == token.size()) return {template_fault::unclosed_brace, at};
  if (close + 1 != token.size()) return {template_fault::parameter_not_alone, at + close + 1};
  const auto name = token.substr(1, close - 1);
  if (name.empty()) return {template_fault::unnamed_parameter, at};
  for (std::size_t i = 0; i != name.size(); ++i)
    if (!name_byte(name[i], i == 0)) return {template_fault::bad_name, at + 1 + i};
  return {};
}

[[nodiscard]] constexpr template_check check_literal_token(std::string_view token, std::size_t at) noexcept {
  using protocol::subject_rules::byte_class;
  for (std::size_t i = 0; i != token.size(); ++i) {
    switch (protocol::subject_rules::of(token[i])) {
    case byte_class::plain: break;
    case byte_class::special: return {template_fault::wildcard, at + i};
    default: return {template_fault::bad_byte, at + i};
    }
    if (token[i] == '{') return {template_fault::parameter_not_alone, at + i};
    if (token[i] == '}') return {template_fault::unopened_brace, at + i};
  }
  return {};
}

[[nodiscard]] constexpr template_token as_token(std::string_view token) noexcept {
  const bool parameter = token.front() == '{';
  return {parameter ? token.substr(1, token.size() - 2) : token, parameter};
}

[[nodiscard]] constexpr bool names_again(std::string_view before, std::string_view name) noexcept {
  for (const auto token : protocol::tokens(before))
    if (token.size() > 2 && token.front() == '{' && as_token(token).text == name) return true;
  return false;
}

[[nodiscard]] constexpr std::size_t count_tokens(std::string_view text) noexcept {
  std::size_t n = 1;
  for (const char c : text) n += c == '.' ? 1U : 0U;
  return n;
}

[[nodiscard]] constexpr std::size_t count_parameters(std::string_view text) noexcept {
  std::size_t n = 0;
  for (const char c : text) n += c == '{' ? 1U : 0U;
  return n;
}

template <std::size_t count>
[[nodiscard]] constexpr std::array<template_token, count> split_template(std::string_view text) noexcept {
  std::array<template_token, count> out{};
  std::size_t n = 0;
  for (const auto token : protocol::tokens(text)) out[n++] = as_token(token);
  return out;
}

}  // namespace typed

/// The first thing that is wrong with a template.
[[nodiscard]] constexpr template_check check_template(std::string_view text) noexcept {
  if (text.empty()) return {template_fault::empty, 0};
  std::size_t at = 0;
  for (const auto token : protocol::tokens(text)) {
    if (token.empty()) return {template_fault::empty_token, at == 0 ? 0 : at - 1};
    const bool parameter = token.front() == '{';
    const auto check = parameter ? typed::check_parameter_token(token, at) : typed::check_literal_token(token, at);
    if (check.fault != template_fault::none) return check;
    if (parameter && typed::names_again(text.substr(0, at), typed::as_token(token).text))
      return {template_fault::duplicate_name, at + 1};
    at += token.size() + 1;
  }
  return {};
}

namespace typed {

/// The compiler shows these arguments with the sentence that failed.
template <meta::fixed_string subject_template_text, template_fault fault, std::size_t at_position>
consteval bool report_template() {
  static_assert(fault != template_fault::empty, "this subject template is empty");
  static_assert(fault != template_fault::empty_token, "this subject template has an empty token");
  static_assert(fault != template_fault::bad_byte, "this subject template contains a blank or a control byte");
  static_assert(fault != template_fault::wildcard,
                "this subject template contains a wildcard; name the token instead, as in {agent_id}");
  static_assert(fault != template_fault::unclosed_brace, "this subject template has a '{' without its '}'");
  static_assert(fault != template_fault::unopened_brace, "this subject template has a '}' without its '{'");
  static_assert(fault != template_fault::parameter_not_alone,
                "this subject template has a parameter that is only a part of a token");
  static_assert(fault != template_fault::unnamed_parameter, "this subject template has a parameter without a name");
  static_assert(fault != template_fault::bad_name,
                "this subject template has a parameter whose name is not of letters, digits and '_'");
  static_assert(fault != template_fault::duplicate_name, "this subject template names two parameters alike");
  return true;
}

template <meta::fixed_string text>
consteval bool accept_template() {
  constexpr auto check = check_template(text.view());
  return report_template<text, check.fault, check.position>();
}

}  // namespace typed
}  // namespace innate::inline v0
