// SPDX-License-Identifier: Apache-2.0
/// From a subject to the template it is of, in a time that does not depend on how many templates there are.
///
/// The templates become a tree of tokens, whose edges are in one hash table; both are made by the compiler. Where a
/// literal and a parameter fit, the literal is tried first, so that the most specific template wins.
#pragma once

#include <innate/meta/edge_table.hpp>
#include <innate/typed/subject_template.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>

namespace innate::inline v0::typed {

template <class... Templates>
class dispatch_table {
 public:
  static constexpr std::size_t npos = static_cast<std::size_t>(-1);

  /// The place among `Templates` of the one that `subject` is of; `npos` when there is none.
  [[nodiscard]] static constexpr std::size_t find(std::string_view subject) noexcept {
    if (subject.empty()) return npos;
    const auto found = walk(0, subject);
    return found == none ? npos : found - 1U;
  }

 private:
  static constexpr std::uint16_t none = 0;  // as `meta::edge_table` has it, and for its reason
  static constexpr std::size_t max_edges = (Templates::token_count + ... + 0);
  static_assert(max_edges < 0xFFFF, "there are too many templates for one table");

  struct node {
    std::uint16_t parameter = 0;  // next node for any token
    std::uint16_t leaf = 0;       // the template that ends here, counted from 1
  };
  struct tree {
    std::array<node, max_edges + 1> nodes{};
    meta::edge_table<max_edges> edges{};
    std::uint16_t count = 1;
    bool ambiguous = false;

    constexpr std::uint16_t add() { return count++; }
    template <class Template>
    constexpr void insert(std::uint16_t place) {
      std::uint16_t at = 0;
      for (const auto& token : Template::tokens) {
        auto next = token.parameter ? nodes[at].parameter : edges.find(at, token.text);
        if (next == none) {
          next = add();
          if (token.parameter)
            nodes[at].parameter = next;
          else
            edges.insert(at, token.text, next);
        }
        at = next;
      }
      if (nodes[at].leaf != none) ambiguous = true;
      nodes[at].leaf = place;
    }
  };

  static constexpr tree built = [] {
    tree t{};
    std::uint16_t place = 0;
    (t.template insert<Templates>(++place), ...);
    return t;
  }();
  static_assert(!built.ambiguous, "two events of this router have the same subjects, so neither could be chosen");

  // As deep as the subject has tokens; both ways are tried only where templates overlap.
  static constexpr std::uint16_t walk(std::uint16_t at, std::string_view rest) noexcept {
    const auto dot = rest.find('.');
    const auto token = rest.substr(0, dot);
    const bool last = dot == rest.npos;
    const auto go_on = [&](std::uint16_t next) -> std::uint16_t {
      if (next == none) return none;
      return last ? built.nodes[next].leaf : walk(next, rest.substr(dot + 1));
    };
    const auto found = go_on(built.edges.find(at, token));
    return found == none && !token.empty() ? go_on(built.nodes[at].parameter) : found;
  }
};

}  // namespace innate::inline v0::typed
