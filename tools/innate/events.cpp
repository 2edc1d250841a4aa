// SPDX-License-Identifier: Apache-2.0
/// events: the catalogue of the SDK's components, for people and for programs.
#include "common.hpp"

#include <innate/sdk/catalogue.hpp>
#include <innate/typed/catalogue_asyncapi.hpp>
#include <innate/typed/catalogue_messages.hpp>
#include <innate/typed/catalogue_table.hpp>
#include <innate/version.hpp>

#include <cstdio>
#include <map>
#include <memory>

namespace cli {

namespace {

using catalogue = std::span<const innate::catalogue_row>;

struct events_options {
  std::string format = "table";
  std::string component{};
};

std::string asyncapi(catalogue rows, std::string_view component) {
  const auto version = std::to_string(innate::version_major) + "." + std::to_string(innate::version_minor) + "." +
                       std::to_string(innate::version_patch);
  innate::asyncapi_info about;
  about.title = "Events of the innate SDK";
  about.version = version;
  about.description = "What each component publishes and handles on NATS. Objects may have fields that are not named "
                      "here; schemas say what a reader takes, writers write every field.";
  return innate::catalogue_asyncapi(rows, about, component);
}

using printer = std::string (*)(catalogue, std::string_view);
const std::map<std::string, printer, std::less<>> formats{{"table", innate::catalogue_table},
                                                          {"markdown", innate::catalogue_markdown},
                                                          {"asyncapi", asyncapi},
                                                          {"jsonschema", innate::catalogue_json_schema}};

template <class Names>
std::string listed(const Names& names) {
  std::string text;
  for (const auto& name : names) text.append(text.empty() ? "" : ", ").append(name);
  return text;
}

void print_events(const events_options& o) {
  const auto components = innate::components_of(innate::sdk::catalogue);
  if (!o.component.empty() && std::find(components.begin(), components.end(), o.component) == components.end())
    throw failure("option --component: there is no component '" + o.component + "'; choose one of " +
                  listed(components));
  const auto format = formats.find(o.format);
  if (format == formats.end()) {
    std::vector<std::string> names;
    for (const auto& [name, print] : formats) names.push_back(name);
    throw failure("option --format: there is no format '" + o.format + "'; choose one of " + listed(names));
  }
  const auto text = format->second(innate::sdk::catalogue, o.component);
  std::fwrite(text.data(), 1, text.size(), stdout);
}

}  // namespace

void add_events(CLI::App& app, chosen& to) {
  auto o = std::make_shared<events_options>();
  auto* c = app.add_subcommand("events", "list the events of the SDK's components; needs no server");
  c->add_option("--format", o->format, "table, markdown, asyncapi (3.0, JSON) or jsonschema (2020-12)")
      ->capture_default_str();
  c->add_option("--component", o->component,
                "only this component: " + listed(innate::components_of(innate::sdk::catalogue)));
  c->callback([=, &to] { to.print = [o] { print_events(*o); }; });
}

}  // namespace cli
