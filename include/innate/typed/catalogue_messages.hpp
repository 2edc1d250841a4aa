// SPDX-License-Identifier: Apache-2.0
/// The messages of a catalogue, events and replies, and their JSON Schemas as one document.
#pragma once

#include <innate/protocol/subject.hpp>
#include <innate/typed/catalogue.hpp>
#include <innate/typed/json_outline.hpp>

#include <algorithm>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace innate::inline v0 {

namespace typed {

struct catalogue_message {
  std::string name;
  const event_info* event;
  bool is_reply;

  [[nodiscard]] const payload_info& payload() const noexcept { return is_reply ? event->reply : event->payload; }
};

/// Whether a message on a subject of this template is one of the tree's: `agent.>`.
[[nodiscard]] inline bool tree_holds(const catalogue_row& tree, const event_info& e) {
  return protocol::matches(tree.filter, e.filter);
}

/// Each event once, and after it its reply: those of one component, with what it receives by whole trees, or all.
[[nodiscard]] inline std::vector<catalogue_message> messages_of(std::span<const catalogue_row> rows,
                                                                std::string_view component) {
  std::vector<catalogue_message> found;
  const auto add = [&](const event_info* e) {
    if (std::any_of(found.begin(), found.end(), [&](const auto& m) { return m.event == e; })) return;
    found.push_back({std::string{e->name}, e, false});
    if (e->answered) found.push_back({std::string{e->name} + ".reply", e, true});
  };
  for (const auto& row : rows_of(rows, component)) {
    if (row.event) add(row.event);
    if (!row.is_tree()) continue;
    for (const auto& other : rows)
      if (other.event && tree_holds(row, *other.event)) add(other.event);
  }
  return found;
}

/// Adds `"name": {schema}` for each message that is JSON; they stand below `at`.
inline void add_schemas(json_outline& out, std::span<const catalogue_message> messages, std::string_view at) {
  for (const auto& m : messages) {
    if (!m.payload().append_schema) continue;
    out.open(m.name);
    out.text("title", (m.is_reply ? "reply to " : "") + std::string{m.event->subject});
    if (!m.event->description.empty() && !m.is_reply) out.text("description", m.event->description);
    std::string keywords;
    m.payload().append_schema(keywords, std::string{at} + "/" + m.name);
    out.members(keywords);
    out.close();
  }
}

}  // namespace typed

/// One JSON Schema (2020-12) document with a definition for each message, by name: the events of one component, or all
/// when `component` is empty. The title of a definition is the subject template of its messages.
[[nodiscard]] inline std::string catalogue_json_schema(std::span<const catalogue_row> rows,
                                                       std::string_view component = {}) {
  typed::json_outline out;
  out.open();
  out.text("$schema", "https://json-schema.org/draft/2020-12/schema");
  out.open("$defs");
  typed::add_schemas(out, typed::messages_of(rows, component), "#/$defs");
  out.close();
  out.close();
  return out.document();
}

}  // namespace innate::inline v0
