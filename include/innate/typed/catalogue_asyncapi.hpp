// SPDX-License-Identifier: Apache-2.0
/// A catalogue as an AsyncAPI 3.0 document: one channel a subject, one operation a row.
#pragma once

#include <innate/typed/catalogue.hpp>
#include <innate/typed/catalogue_messages.hpp>
#include <innate/typed/json_outline.hpp>

#include <algorithm>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace innate::inline v0 {

/// What the document says of itself, and where its server is.
struct asyncapi_info {
  std::string_view title = "Events";
  std::string_view version = "1.0.0";
  std::string_view description{};
  std::string_view host = "localhost:4222";
};

namespace typed {

class asyncapi_writer {
 public:
  asyncapi_writer(std::span<const catalogue_row> rows, std::string_view component)
      : x_rows(rows_of(rows, component)), x_messages(messages_of(rows, component)) {
    for (const auto& row : x_rows) add_row(row);
  }

  [[nodiscard]] std::string write(const asyncapi_info& about) {
    x_out.open();
    x_out.text("asyncapi", "3.0.0");
    write_info(about);
    x_out.text("defaultContentType", "application/json");
    x_out.open("servers");
    x_out.open("nats");
    x_out.text("host", about.host);
    x_out.text("protocol", "nats");
    x_out.close();
    x_out.close();
    x_out.open("channels");
    for (const auto& c : x_channels) write_channel(c);
    x_out.close();
    x_out.open("operations");
    for (const auto& row : x_rows) write_operation(row);
    x_out.close();
    write_components();
    x_out.close();
    return x_out.document();
  }

 private:
  struct channel {
    std::string key;
    std::string_view address;  // empty: the reply subject of a request, which is known when it comes
    std::span<const std::string_view> parameters{};
    std::vector<const catalogue_message*> messages{};
  };

  /// Keys of AsyncAPI are of letters, digits, `.`, `-` and `_`.
  [[nodiscard]] static std::string key_of(std::string_view address) {
    std::string key;
    for (const char c : address) {
      if (c == '>')
        key += "all";
      else if (c != '{' && c != '}')
        key += name_byte(c, false) || c == '.' || c == '-' ? c : '_';
    }
    return key;
  }

  [[nodiscard]] channel* find(std::string_view address) {
    const auto at =
        std::find_if(x_channels.begin(), x_channels.end(), [&](const auto& c) { return c.address == address; });
    return at == x_channels.end() ? nullptr : &*at;
  }
  [[nodiscard]] static std::string_view address_of(const catalogue_row& row) {
    return row.is_tree() ? row.filter : row.subject;
  }

  channel& add_channel(std::string key, std::string_view address) {
    const auto taken = [&] {
      return std::any_of(x_channels.begin(), x_channels.end(), [&](const auto& c) { return c.key == key; });
    };
    while (taken()) key += '_';  // `a.{b}` and `a.b`
    x_channels.push_back({std::move(key), address});
    return x_channels.back();
  }

  void add_row(const catalogue_row& row) {
    auto* c = find(address_of(row));
    if (!c) c = &add_channel(key_of(address_of(row)), address_of(row));
    if (row.event) c->parameters = row.event->parameters;
    const catalogue_message* reply = nullptr;
    for (const auto& m : x_messages) {
      if (m.is_reply && m.event == row.event) reply = &m;
      const bool here = row.is_tree() ? tree_holds(row, *m.event) : m.event == row.event;
      if (here && !m.is_reply && std::find(c->messages.begin(), c->messages.end(), &m) == c->messages.end())
        c->messages.push_back(&m);
    }
    if (!reply || reply_channel(*reply)) return;
    add_channel(reply->name, {}).messages.push_back(reply);
  }
  [[nodiscard]] const channel* reply_channel(const catalogue_message& reply) const {
    for (const auto& c : x_channels)
      if (c.address.empty() && c.messages.front() == &reply) return &c;
    return nullptr;
  }

  void write_info(const asyncapi_info& about) {
    x_out.open("info");
    x_out.text("title", about.title);
    x_out.text("version", about.version);
    if (!about.description.empty()) x_out.text("description", about.description);
    x_out.open_list("tags");
    for (const auto name : components_of(x_rows)) {
      x_out.open();
      x_out.text("name", name);
      const auto row = std::find_if(x_rows.begin(), x_rows.end(), [&](const auto& r) { return r.component == name; });
      x_out.text("description", row->title);
      x_out.close();
    }
    x_out.close_list();
    x_out.close();
  }

  void write_channel(const channel& c) {
    x_out.open(c.key);
    if (c.address.empty()) {
      x_out.raw("address", "null");
      x_out.text("description", "The reply subject of the request");
    } else {
      x_out.text("address", c.address);
    }
    x_out.open("messages");
    for (const auto* m : c.messages) x_out.reference(m->name, "#/components/messages/" + m->name);
    x_out.close();
    if (!c.parameters.empty()) {
      x_out.open("parameters");
      for (const auto name : c.parameters) {
        x_out.open(name);
        x_out.text("description", "One token of the subject: no dots, blanks and wildcards");
        x_out.close();
      }
      x_out.close();
    }
    x_out.close();
  }

  void write_operation(const catalogue_row& row) {
    const bool sends = row.direction == direction::publishes;
    const auto* c = find(address_of(row));
    std::string key{row.component};
    key += sends ? ".send." : ".receive.";
    key += row.event ? std::string{row.event->name} : c->key;
    while (std::find(x_operations.begin(), x_operations.end(), key) != x_operations.end()) key += '_';
    x_operations.push_back(key);
    x_out.open(key);
    x_out.text("action", sends ? "send" : "receive");
    x_out.reference("channel", "#/channels/" + c->key);
    if (!row.description.empty()) x_out.text("summary", row.description);
    if (!row.when.empty()) x_out.text("description", row.when);
    x_out.open_list("tags");
    x_out.open();
    x_out.text("name", row.component);
    x_out.close();
    x_out.close_list();
    write_messages(row, *c);
    if (!row.queue.empty()) write_queue(row.queue);
    if (row.event && row.event->answered) write_reply(*row.event);
    if (row.subject != c->address) x_out.text("x-documented-subject", row.subject);
    x_out.text("x-origin", row.source == origin::table ? "table" : "flow");
    x_out.close();
  }

  void write_messages(const catalogue_row& row, const channel& c) {
    x_out.open_list("messages");
    for (const auto* m : c.messages)
      if (row.is_tree() || m->event == row.event) x_out.reference({}, "#/channels/" + c.key + "/messages/" + m->name);
    x_out.close_list();
  }

  void write_queue(std::string_view group) {
    x_out.open("bindings");
    x_out.open("nats");
    x_out.text("queue", group);
    x_out.close();
    x_out.close();
  }

  void write_reply(const event_info& e) {
    for (const auto& m : x_messages) {
      if (!m.is_reply || m.event != &e) continue;
      const auto* c = reply_channel(m);
      x_out.open("reply");
      x_out.reference("channel", "#/channels/" + c->key);
      x_out.open_list("messages");
      x_out.reference({}, "#/channels/" + c->key + "/messages/" + m.name);
      x_out.close_list();
      x_out.close();
    }
  }

  void write_components() {
    x_out.open("components");
    x_out.open("messages");
    for (const auto& m : x_messages) {
      x_out.open(m.name);
      x_out.text("name", m.name);
      x_out.text("title", (m.is_reply ? "Reply to " : "") + std::string{m.event->subject});
      if (!m.event->description.empty() && !m.is_reply) x_out.text("summary", m.event->description);
      x_out.text("contentType", m.payload().content_type);
      if (m.payload().append_schema) x_out.reference("payload", "#/components/schemas/" + m.name);
      x_out.close();
    }
    x_out.close();
    x_out.open("schemas");
    add_schemas(x_out, x_messages, "#/components/schemas");
    x_out.close();
    x_out.close();
  }

  std::vector<catalogue_row> x_rows;
  std::vector<catalogue_message> x_messages;
  std::vector<channel> x_channels{};
  std::vector<std::string> x_operations{};
  json_outline x_out{};
};

}  // namespace typed

/// The document of one component, or of all when `component` is empty. Channels have subject templates as addresses,
/// operations are named `component.send.event` or `component.receive.event` and tagged with the component, and a
/// request has the reply that answers it. Whole trees of subjects are channels of their own, `agent.>`, with all
/// messages below them.
[[nodiscard]] inline std::string catalogue_asyncapi(std::span<const catalogue_row> rows,
                                                    const asyncapi_info& about = {}, std::string_view component = {}) {
  return typed::asyncapi_writer{rows, component}.write(about);
}

}  // namespace innate::inline v0
