// SPDX-License-Identifier: Apache-2.0
/// A catalogue as people read it: a table for the terminal, and Markdown.
#pragma once

#include <innate/typed/catalogue.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace innate::inline v0 {

namespace typed {

inline void append_markdown_row(std::string& out, std::span<const std::string> cells) {
  out += '|';
  for (const std::string_view cell : cells) {
    out += ' ';
    for (const char c : cell) {
      if (c == '|') out += '\\';
      out += c;
    }
    out += " |";
  }
  out += '\n';
}

[[nodiscard]] inline std::string as_code(std::string_view text) {
  return text.empty() ? std::string{} : "`" + std::string{text} + "`";
}

}  // namespace typed

/// One line a row: component, `PUB` or `SUB`, subject as documented, filter in use, payload fields, description.
[[nodiscard]] inline std::string catalogue_table(std::span<const catalogue_row> rows, std::string_view component = {}) {
  constexpr std::size_t columns = 6;
  using line = std::array<std::string, columns>;
  std::vector<line> lines{{"component", "", "subject", "filter", "payload", "description"}};
  for (const auto& r : rows_of(rows, component))
    lines.push_back({std::string{r.component}, std::string{direction_text(r.direction)}, std::string{r.subject},
                     std::string{r.filter}, payload_text(r), std::string{r.description}});
  std::array<std::size_t, columns> widths{};
  for (const auto& l : lines)
    for (std::size_t i = 0; i != columns; ++i) widths[i] = std::max(widths[i], l[i].size());
  std::string out;
  for (const auto& l : lines) {
    for (std::size_t i = 0; i + 1 != columns; ++i) out.append(l[i]).append(widths[i] - l[i].size() + 2, ' ');
    out += l.back();
    out.erase(out.find_last_not_of(' ') + 1);
    out += '\n';
  }
  return out;
}

/// A heading and a table for each component; besides what the table has: when an event is published or what is done
/// with it, the queue group, and where the row comes from.
[[nodiscard]] inline std::string catalogue_markdown(std::span<const catalogue_row> rows,
                                                    std::string_view component = {}) {
  std::string out;
  std::string_view last;
  for (const auto& r : rows_of(rows, component)) {
    if (r.component != last) {
      out.append(last.empty() ? "" : "\n").append("## ").append(r.title).append("\n\n");
      out += "| | Subject | Filter | Payload | Description | When, action | Queue group | Origin |\n";
      out += "|---|---|---|---|---|---|---|---|\n";
      last = r.component;
    }
    const std::array<std::string, 8> cells{std::string{direction_text(r.direction)},
                                           typed::as_code(r.subject),
                                           typed::as_code(r.filter),
                                           r.event ? typed::as_code(payload_text(r)) : "any",
                                           std::string{r.description},
                                           std::string{r.when},
                                           typed::as_code(r.queue),
                                           r.source == origin::table ? "table" : "flow"};
    typed::append_markdown_row(out, cells);
  }
  return out;
}

}  // namespace innate::inline v0
