// SPDX-License-Identifier: Apache-2.0
/// Subject rules against the rules as a person would write them down: valid or not, and where, tokens, matching.
///
/// An input is a filter, a line end, and a subject.
#include "fuzz.hpp"

#include <innate/protocol/subject.hpp>
#include <innate/protocol/subject_ref.hpp>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace {

namespace protocol = innate::protocol;
using fuzz::expect;
using protocol::subject_fault;

using words = std::vector<std::string>;

words split(std::string_view s) {
  words all{""};
  for (const char c : s) {
    if (c == '.')
      all.emplace_back();
    else
      all.back() += c;
  }
  return all;
}

bool ends_a_word(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte <= 0x20 || byte == 0x7f;
}

bool is_word(std::string_view s) { return !s.empty() && std::none_of(s.begin(), s.end(), ends_a_word); }

bool is_filter(std::string_view s) {
  if (!is_word(s)) return false;
  const auto all = split(s);
  for (std::size_t i = 0; i != all.size(); ++i)
    if (all[i].empty() || (all[i] == ">" && i + 1 != all.size())) return false;
  return true;
}

bool is_subject(std::string_view s) {
  const auto all = split(s);
  return is_filter(s) && std::find(all.begin(), all.end(), "*") == all.end() && all.back() != ">";
}

bool delivers(const words& filter, const words& subject, std::size_t f = 0, std::size_t s = 0) {
  if (f == filter.size()) return s == subject.size();
  if (s == subject.size()) return false;
  if (filter[f] == ">") return true;
  return (filter[f] == "*" || filter[f] == subject[s]) && delivers(filter, subject, f + 1, s + 1);
}

void check(protocol::subject_check seen, bool valid, std::string_view text) {
  expect((seen.fault == subject_fault::none) == valid, "valid or not, as the rules say");
  expect(seen.position <= text.size() && (seen.position < text.size() || text.empty() || valid),
         "the place of a fault is in the text");
  const char at = seen.position < text.size() ? text[seen.position] : '\0';
  switch (seen.fault) {
  case subject_fault::none: break;
  case subject_fault::empty: expect(text.empty(), "it is empty"); break;
  case subject_fault::space: expect(at == ' ' || at == '\t', "there is a blank"); break;
  case subject_fault::control: expect(ends_a_word(at) && at != ' ' && at != '\t', "there is a control byte"); break;
  case subject_fault::empty_token: expect(at == '.', "there is a dot"); break;
  case subject_fault::wildcard: expect(at == '*' || at == '>', "there is a wildcard"); break;
  case subject_fault::gt_not_last: expect(at == '>', "there is a '>'"); break;
  }
  const auto shown = protocol::describe(seen, text);
  expect(std::none_of(shown.begin(), shown.end(), [](char c) { return ends_a_word(c) && c != ' '; }),
         "a description has no control bytes");
}

void check_all(std::string_view text) {
  check(protocol::check_subject(text), is_subject(text), text);
  check(protocol::check_filter(text), is_filter(text), text);
  check(protocol::check_queue(text), is_word(text), text);
  words seen;
  for (const auto token : protocol::tokens(text)) seen.emplace_back(token);
  expect(seen == (text.empty() ? words{} : split(text)), "the tokens are what stands between the dots");
  expect(protocol::subject_ref{text}.check().fault == protocol::check_subject(text).fault, "alike as an argument");
  expect(protocol::filter_ref{text}.check().fault == protocol::check_filter(text).fault, "alike as an argument");
}

}  // namespace

void fuzz::run(std::string_view input) {
  const auto filter = take_until(input, '\n');
  check_all(filter);
  check_all(input);
  if (is_filter(filter) && is_subject(input))
    expect(protocol::matches(filter, input) == delivers(split(filter), split(input)), "matches as a server delivers");
}
