// SPDX-License-Identifier: Apache-2.0
#include "test_data.hpp"

#include <innate/sdk/catalogue.hpp>
#include <innate/typed/catalogue_asyncapi.hpp>
#include <innate/typed/catalogue_messages.hpp>
#include <innate/typed/catalogue_table.hpp>

#include <catch2/catch_test_macros.hpp>

#include <simdjson.h>

#include <algorithm>
#include <fstream>
#include <string>
#include <string_view>
#include <tuple>
#include <variant>
#include <vector>

using innate::direction;
using innate::origin;
using namespace std::literals;

namespace {

/// A row of the document's tables, or of the catalogue, in the document's words.
struct table_row {
  std::string component, direction, subject, description, when;
  std::vector<std::string> fields;
};

std::string trimmed(std::string text, std::string_view what = " `{}") {
  text.erase(0, std::min(text.find_first_not_of(what), text.size()));
  text.erase(text.find_last_not_of(what) + 1);
  return text;
}

/// The cells of a Markdown table's row; `\|` is a bar within a cell.
std::vector<std::string> cells_of(const std::string& line) {
  std::vector<std::string> cells;
  std::string cell;
  for (std::size_t i = 1; i < line.size(); ++i) {
    if (line[i] == '|') {
      cells.push_back(trimmed(cell, " "));
      cell.clear();
    } else if (line[i] == '\\' && i + 1 < line.size() && line[i + 1] == '|') {
      cell += line[++i];
    } else {
      cell += line[i];
    }
  }
  return cells;
}

/// `{document_id, action: "updated"}`: the names.
std::vector<std::string> field_names(std::string payload) {
  std::vector<std::string> names;
  payload = trimmed(payload);
  for (std::size_t at = 0; at < payload.size();) {
    const auto comma = std::min(payload.find(',', at), payload.size());
    const auto field = payload.substr(at, comma - at);
    names.push_back(trimmed(field.substr(0, field.find(':'))));
    at = comma + 1;
  }
  return names;
}

std::vector<table_row> rows_of_document() {
  std::ifstream file{std::string{INNATE_TEST_DATA} + "/architecture_tables.md"};
  REQUIRE(file);
  std::vector<table_row> rows;
  std::string component, direction;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("### ")) component = line.substr(line.find(". ") + 2);
    if (line.starts_with("**PUBLISHES")) direction = "PUB";
    if (line.starts_with("**SUBSCRIBES")) direction = "SUB";
    if (!line.starts_with("| `")) continue;
    const auto cells = cells_of(line);
    REQUIRE(cells.size() == (direction == "PUB" ? 4 : 3));
    rows.push_back({component, direction, trimmed(cells[0], "`"), cells[1], cells[2],
                    direction == "PUB" ? field_names(cells[3]) : std::vector<std::string>{}});
  }
  return rows;
}

std::vector<table_row> rows_of_catalogue() {
  std::vector<table_row> rows;
  for (const auto& r : innate::sdk::catalogue) {
    if (r.source != origin::table) continue;
    table_row row{std::string{r.title} + " Component",
                  std::string{innate::direction_text(r.direction)},
                  std::string{r.subject},
                  std::string{r.description},
                  std::string{r.when},
                  {}};
    if (r.direction == direction::publishes)
      for (const auto name : r.event->payload.alternatives.front()) row.fields.emplace_back(name);
    rows.push_back(row);
  }
  return rows;
}

std::string shown(const table_row& r) {
  std::string text = r.component + ": " + r.direction + " " + r.subject + " | " + r.description + " | " + r.when + " |";
  for (const auto& f : r.fields) text += " " + f;
  return text;
}

// ---- A catalogue of somebody else's components

struct node {
  std::string_view label{};
  std::vector<node> children{};
  using payload_fields = innate::fields<innate::field<"label", &node::label>,
                                        innate::field<"children", &node::children, innate::when_read::may_be_absent>>;
};
struct order {
  int count = 0;
  using payload_fields = innate::fields<innate::field<"count", &order::count>>;
};
struct planted : innate::event<"shop.{garden}.tree", node> {};
struct placed : innate::event<"shop.{customer}.{order_id}.placed", std::variant<order, node>> {
  static constexpr std::string_view description = "Orders, or a|b";
  static constexpr std::string_view when = "Somebody orders";
};
struct drawn : innate::event<"shop.picture", std::string_view, innate::raw_codec> {
  static constexpr origin source = origin::flow;
};
struct asked : innate::request_event<"shop.price", order, order> {
  static constexpr std::string_view name = "price";
};
/// Not one of the channels above, though its name is like one of them.
struct plain : innate::event<"shop.garden.tree", order> {
  static constexpr std::string_view name = "shop.plain-tree";
};

struct shop {
  static constexpr std::string_view name = "shop";
  static constexpr std::string_view title = "Shop";
  using publishes = innate::event_list<planted, placed, drawn, plain>;
  using handled = innate::handler_list<innate::handles<asked, "Receives questions", "Answer", origin::flow, "tills">>;
};
struct watcher {
  static constexpr std::string_view name = "watcher";
  static constexpr std::string_view title = "Watcher";
  using publishes = innate::event_list<>;
  using handled = innate::handler_list<innate::handles_tree<"shop", "shop.*", "Sees everything", "Look">>;
};
constexpr auto& shops = innate::catalogue_of<std::tuple<shop, watcher>>;
static_assert(shops.size() == 6);

/// What stands at a JSON pointer, as JSON; empty when nothing does.
std::string at(const std::string& document, const std::string& pointer) {
  simdjson::dom::parser parser;
  simdjson::dom::element root, found;
  if (parser.parse(document).get(root)) return "not JSON";
  if (root.at_pointer(pointer).get(found)) return "";
  return simdjson::minify(found);
}
std::size_t count_at(const std::string& document, const std::string& pointer) {
  simdjson::dom::parser parser;
  simdjson::dom::object found;
  if (parser.parse(document).at_pointer(pointer).get(found)) return 0;
  return found.size();
}

}  // namespace

TEST_CASE("the catalogue holds every row of the document's tables, and in their order", "[catalogue]") {
  const auto documented = rows_of_document();
  const auto catalogued = rows_of_catalogue();
  const auto published =
      std::count_if(documented.begin(), documented.end(), [](const auto& r) { return r.direction == "PUB"; });
  CHECK(published == 26);
  CHECK(documented.size() == 26 + 21);
  REQUIRE(catalogued.size() == documented.size());
  for (std::size_t i = 0; i != documented.size(); ++i) CHECK(shown(catalogued[i]) == shown(documented[i]));
}

TEST_CASE("rows that only flows and examples imply are marked, with their queue groups", "[catalogue]") {
  std::vector<std::string> implied;
  for (const auto& r : innate::sdk::catalogue)
    if (r.source == origin::flow)
      implied.push_back(std::string{r.component} + " " + std::string{innate::direction_text(r.direction)} + " " +
                        std::string{r.event->name} + (r.queue.empty() ? "" : ", shared by " + std::string{r.queue}));
  CHECK(implied == std::vector<std::string>{
                       "agent SUB agent.status.request", "agent SUB api.tasks.submission, shared by agents",
                       "cache SUB rag.documents.updated", "api PUB api.tasks.submission", "api PUB api.tasks.process",
                       "api SUB agent.task.failed", "api SUB api.tasks.process, shared by api-workers"});
}

TEST_CASE("a row has what is in use beside what is documented", "[catalogue]") {
  const auto& rows = innate::sdk::catalogue;
  CHECK(rows.front().filter == "agent.*.inbox");
  CHECK(rows.back().subject == "component.*");
  CHECK(rows.back().filter == "component.>");
  CHECK(rows.back().is_tree());
  CHECK(rows.back().event == nullptr);
  CHECK(innate::components_of(rows) ==
        std::vector<std::string_view>{"agent", "rag", "cache", "api", "database", "gateway", "observability"});
  CHECK(innate::rows_of(rows, "database").size() == 4);
  CHECK(innate::rows_of(rows, "nobody").empty());
}

TEST_CASE("anybody's components make a catalogue", "[catalogue]") {
  CHECK(innate::catalogue_table(shops) == R"(
component       subject                            filter            payload                       description
shop       PUB  shop.{garden}.tree                 shop.*.tree       {label, children}
shop       PUB  shop.{customer}.{order_id}.placed  shop.*.*.placed   {count} or {label, children}  Orders, or a|b
shop       PUB  shop.picture                       shop.picture      application/octet-stream
shop       PUB  shop.garden.tree                   shop.garden.tree  {count}
shop       SUB  shop.price                         shop.price        {count}                       Receives questions
watcher    SUB  shop.*                             shop.>            -                             Sees everything
)"sv.substr(1));
  CHECK(innate::catalogue_table(shops, "watcher") == R"(
component       subject  filter  payload  description
watcher    SUB  shop.*   shop.>  -        Sees everything
)"sv.substr(1));
  CHECK(innate::info_of<planted>.name == "shop.tree");
  CHECK(innate::info_of<placed>.name == "shop.placed");
  CHECK(innate::info_of<asked>.name == "price");
  CHECK(innate::info_of<innate::event<"{a}.{b}", order>>.name == "a.b");
  CHECK(innate::info_of<innate::event<"shop.caf\xC3\xA9!.{a}", order>>.name == "shop.caf___");
}

TEST_CASE("Markdown has a table for each component", "[catalogue]") {
  const auto text = innate::catalogue_markdown(shops);
  CHECK(text.starts_with("## Shop\n\n| | Subject |"));
  CHECK(text.find("\n\n## Watcher\n\n| | Subject |") != text.npos);
  CHECK(text.find("| PUB | `shop.{customer}.{order_id}.placed` | `shop.*.*.placed` | `{count} or {label, children}` | "
                  "Orders, or a\\|b | Somebody orders |  | table |\n") != text.npos);
  CHECK(
      text.find("| SUB | `shop.price` | `shop.price` | `{count}` | Receives questions | Answer | `tills` | flow |\n") !=
      text.npos);
  CHECK(text.find("| SUB | `shop.*` | `shop.>` | any | Sees everything | Look |  | table |\n") != text.npos);
  CHECK(innate::catalogue_markdown(shops, "watcher").starts_with("## Watcher\n"));
}

TEST_CASE("schemas of a catalogue refer to themselves where they stand", "[catalogue]") {
  const auto all = innate::catalogue_json_schema(shops);
  CHECK(at(all, "/$schema") == "\"https://json-schema.org/draft/2020-12/schema\"");
  CHECK(count_at(all, "/$defs") == 5);  // of four events and a reply; the picture is not JSON
  CHECK(at(all, "/$defs/shop.drawn").empty());
  CHECK(at(all, "/$defs/shop.tree/title") == "\"shop.{garden}.tree\"");
  CHECK(at(all, "/$defs/shop.tree/properties/children/items") == R"({"$ref":"#/$defs/shop.tree"})");
  CHECK(at(all, "/$defs/shop.placed/anyOf/1/properties/children/items") == R"({"$ref":"#/$defs/shop.placed/anyOf/1"})");
  CHECK(at(all, "/$defs/price.reply/title") == "\"reply to shop.price\"");
  // What the watcher sees by its tree is what the shop has.
  CHECK(innate::catalogue_json_schema(shops, "watcher") == all);
  CHECK(count_at(innate::catalogue_json_schema(innate::sdk::catalogue, "cache"), "/$defs") == 8);
}

TEST_CASE("an AsyncAPI document has channels for subjects, operations for rows, replies for requests", "[catalogue]") {
  const auto text = innate::catalogue_asyncapi(shops, {.title = "Shops", .version = "2.0.0", .host = "nats:4222"});
  CHECK(at(text, "/asyncapi") == "\"3.0.0\"");
  CHECK(at(text, "/info/title") == "\"Shops\"");
  CHECK(at(text, "/servers/nats") == R"({"host":"nats:4222","protocol":"nats"})");
  CHECK(at(text, "/channels/shop.garden.tree/address") == "\"shop.{garden}.tree\"");
  CHECK(at(text, "/channels/shop.garden.tree_/address") == "\"shop.garden.tree\"");
  CHECK(count_at(text, "/channels/shop.customer.order_id.placed/parameters") == 2);
  CHECK(at(text, "/channels/price.reply/address") == "null");
  CHECK(at(text, "/channels/shop.all/address") == "\"shop.>\"");
  CHECK(count_at(text, "/channels/shop.all/messages") == 5);
  CHECK(count_at(text, "/operations") == shops.size());
  CHECK(at(text, "/operations/shop.send.shop.tree/channel/$ref") == "\"#/channels/shop.garden.tree\"");
  CHECK(at(text, "/operations/shop.send.shop.plain-tree/channel/$ref") == "\"#/channels/shop.garden.tree_\"");
  CHECK(at(text, "/operations/shop.receive.price/bindings") == R"({"nats":{"queue":"tills"}})");
  CHECK(at(text, "/operations/shop.receive.price/reply/channel/$ref") == "\"#/channels/price.reply\"");
  CHECK(at(text, "/operations/shop.receive.price/x-origin") == "\"flow\"");
  CHECK(at(text, "/operations/watcher.receive.shop.all/x-documented-subject") == "\"shop.*\"");
  CHECK(at(text, "/components/messages/shop.picture/contentType") == "\"application/octet-stream\"");
  CHECK(at(text, "/components/messages/shop.picture/payload").empty());
  CHECK(at(text, "/components/schemas/shop.tree/properties/children/items/$ref") ==
        "\"#/components/schemas/shop.tree\"");
  CHECK(count_at(innate::catalogue_asyncapi(shops, {}, "watcher"), "/operations") == 1);
}
