// SPDX-License-Identifier: Apache-2.0
/// Rules of subjects, filters and queue group names, the same at compile time and at run time.
///
/// As servers have it: tokens are separated by dots and not empty; only a token that is exactly `*` or `>` is a
/// wildcard (`foo*` is a literal), `>` only as the last one. Blanks and control bytes end words on the wire, so they
/// are refused; other bytes, UTF-8 among them, pass.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string>
#include <string_view>

namespace innate::inline v0::protocol {

enum class subject_fault : std::uint8_t { none, empty, space, control, empty_token, wildcard, gt_not_last };

struct subject_check {
  subject_fault fault = subject_fault::none;
  std::size_t position = 0;  ///< of the offending byte
};

namespace subject_rules {

enum class byte_class : std::uint8_t { plain, dot, special, space, control };

[[nodiscard]] constexpr std::array<byte_class, 256> make_classes() noexcept {
  std::array<byte_class, 256> classes{};
  for (std::size_t i = 0; i != 32; ++i) classes[i] = byte_class::control;
  classes[127] = byte_class::control;
  classes[' '] = byte_class::space;
  classes['\t'] = byte_class::space;
  classes['.'] = byte_class::dot;
  classes['*'] = byte_class::special;
  classes['>'] = byte_class::special;
  return classes;
}
inline constexpr auto classes = make_classes();

[[nodiscard]] constexpr byte_class of(char c) noexcept { return classes[static_cast<unsigned char>(c)]; }

[[nodiscard]] constexpr bool is_token(std::string_view s, std::size_t at) noexcept {
  return (at == 0 || s[at - 1] == '.') && (at + 1 == s.size() || s[at + 1] == '.');
}

[[nodiscard]] constexpr subject_check check(std::string_view s, bool wildcards) noexcept {
  if (s.empty()) return {subject_fault::empty, 0};
  std::size_t token = 0;  // start of the current one
  for (std::size_t i = 0; i != s.size(); ++i) {
    const auto kind = of(s[i]);
    if (kind == byte_class::plain) continue;  // before the switch: most bytes are
    switch (kind) {
    case byte_class::plain: break;
    case byte_class::space: return {subject_fault::space, i};
    case byte_class::control: return {subject_fault::control, i};
    case byte_class::dot:
      if (i == token) return {subject_fault::empty_token, i};
      token = i + 1;
      break;
    case byte_class::special:
      if (!is_token(s, i)) break;
      if (!wildcards) return {subject_fault::wildcard, i};
      if (s[i] == '>' && i + 1 != s.size()) return {subject_fault::gt_not_last, i};
      break;
    }
  }
  if (token == s.size()) return {subject_fault::empty_token, s.size() - 1};
  return {};
}

}  // namespace subject_rules

/// A subject that can be published to.
[[nodiscard]] constexpr subject_check check_subject(std::string_view s) noexcept {
  return subject_rules::check(s, false);
}

/// A subject that can be subscribed to.
[[nodiscard]] constexpr subject_check check_filter(std::string_view s) noexcept {
  return subject_rules::check(s, true);
}

/// A queue group name: any word.
[[nodiscard]] constexpr subject_check check_queue(std::string_view s) noexcept {
  using subject_rules::byte_class;
  if (s.empty()) return {subject_fault::empty, 0};
  for (std::size_t i = 0; i != s.size(); ++i) {
    const auto c = subject_rules::of(s[i]);
    if (c == byte_class::space) return {subject_fault::space, i};
    if (c == byte_class::control) return {subject_fault::control, i};
  }
  return {};
}

/// The tokens of a subject, to be iterated: `for (std::string_view token : tokens(subject))`.
class tokens {
 public:
  explicit constexpr tokens(std::string_view subject) noexcept : x_subject(subject) {}

  class iterator {
   public:
    using value_type = std::string_view;
    using difference_type = std::ptrdiff_t;
    using iterator_category = std::forward_iterator_tag;
    constexpr iterator() = default;
    explicit constexpr iterator(std::string_view rest) noexcept : x_rest(rest), x_end(false) { measure(); }
    [[nodiscard]] constexpr std::string_view operator*() const noexcept { return x_rest.substr(0, x_size); }
    constexpr iterator& operator++() noexcept {
      x_end = x_size == x_rest.size();
      if (!x_end) {
        x_rest.remove_prefix(x_size + 1);
        measure();
      }
      return *this;
    }
    constexpr iterator operator++(int) noexcept {
      const auto before = *this;
      ++*this;
      return before;
    }
    friend constexpr bool operator==(const iterator& a, const iterator& b) noexcept {
      return a.x_end == b.x_end && (a.x_end || a.x_rest.data() == b.x_rest.data());
    }

   private:
    constexpr void measure() noexcept {
      // By hand: with -fsanitize=undefined g++ 12 cannot search a template argument in a constant expression.
      for (x_size = 0; x_size != x_rest.size() && x_rest[x_size] != '.';) ++x_size;
    }
    std::string_view x_rest{};
    std::size_t x_size = 0;
    bool x_end = true;
  };

  [[nodiscard]] constexpr iterator begin() const noexcept {
    return x_subject.empty() ? iterator{} : iterator{x_subject};
  }
  [[nodiscard]] constexpr iterator end() const noexcept { return iterator{}; }

 private:
  std::string_view x_subject;
};

/// Would a server deliver `subject` to a subscription to `filter`? Both must be valid.
[[nodiscard]] constexpr bool matches(std::string_view filter, std::string_view subject) noexcept {
  auto f = tokens(filter).begin();
  auto s = tokens(subject).begin();
  const tokens::iterator end{};
  for (; f != end && s != end; ++f, ++s) {
    if (*f == ">") return true;
    if (*f != "*" && *f != *s) return false;
  }
  return f == end && s == end;
}

/// The fault in words, with the subject and the place; control bytes are shown as `\xNN`.
[[nodiscard, gnu::cold]] inline std::string describe(subject_check check, std::string_view subject) {
  constexpr std::string_view hex = "0123456789abcdef";
  std::string shown;
  for (const char c : subject.substr(0, 256)) {
    const auto byte = static_cast<unsigned char>(c);
    if (subject_rules::of(c) == subject_rules::byte_class::control || c == '\t') {
      shown.append("\\x").append(1, hex[byte >> 4U]).append(1, hex[byte & 15U]);
    } else {
      shown += c;
    }
  }
  const auto say = [&](std::string_view fault) {
    return "'" + shown + "' " + std::string{fault} + " at position " + std::to_string(check.position);
  };
  switch (check.fault) {
  case subject_fault::none: return "'" + shown + "' is valid";
  case subject_fault::empty: return "it is empty";
  case subject_fault::space: return say("contains a blank");
  case subject_fault::control: return say("contains a control byte");
  case subject_fault::empty_token: return say("has an empty token");
  case subject_fault::wildcard: return say("has a wildcard, which cannot be published to,");
  case subject_fault::gt_not_last: return say("has '>' before the last token");
  }
  return {};
}

}  // namespace innate::inline v0::protocol
