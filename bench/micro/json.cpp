// SPDX-License-Identifier: Apache-2.0
/// micro: the payload of `agent.{agent_id}.inbox` read and written by its descriptor, and by other means beside it.
#include "operations.hpp"

#include <innate/sdk/events/agent.hpp>
#include <innate/typed.hpp>

#include <simdjson.h>
#if defined(BENCH_NLOHMANN)
#include <nlohmann/json.hpp>
#endif

#include <cstdlib>
#include <string>
#include <string_view>

namespace micro {

namespace {

using payload = innate::sdk::agent::inbox_message;
using codec = innate::sdk::agent::inbox::codec_type;

constexpr std::string_view time_text = "2026-01-02T03:04:05.123456Z";

const payload& sample() {
  static const payload made = [] {
    payload p{"planner", "worker-7", "Summarise the attached report in three sentences.", "task", {}};
    p.timestamp = innate::timestamp::now();
    return p;
  }();
  return made;
}

/// The document as our writer makes it, with the bytes behind it that simdjson may read.
const std::string& document() {
  static const std::string made = [] {
    innate::core::byte_buffer out{std::pmr::new_delete_resource()};
    if (codec::encode(sample(), out).code) std::abort();
    std::string text{out.view()};
    text.reserve(text.size() + simdjson::SIMDJSON_PADDING);
    return text;
  }();
  return made;
}

void write(std::size_t times) {
  innate::core::byte_buffer out{std::pmr::new_delete_resource()};
  for (std::size_t i = 0; i != times; ++i) {
    out.clear();
    keep(codec::encode(sample(), out).code.value());
  }
}

void write_by_hand(std::size_t times) {
  std::string out;
  const auto text = [&](std::string_view key, std::string_view value) {
    out.append(key);
    for (const char c : value) {
      if (c == '"' || c == '\\') out += '\\';
      out += c;
    }
    out += '"';
  };
  for (std::size_t i = 0; i != times; ++i) {
    out.clear();
    const auto& p = sample();
    text("{\"from_agent\":\"", p.from_agent);
    text(",\"to_agent\":\"", p.to_agent);
    text(",\"content\":\"", p.content);
    text(",\"message_type\":\"", p.message_type);
    text(",\"timestamp\":\"", time_text);  // ready made
    out += '}';
    keep(out.size());
  }
}

void read(std::size_t times) {
  const std::string_view bytes = document();
  for (std::size_t i = 0; i != times; ++i) {
    innate::typed::text_arena arena;
    payload p{};
    if (codec::decode(bytes, p, arena).code) std::abort();
    keep(p.content);
  }
}

void read_by_simdjson(std::size_t times) {
  const auto& text = document();
  simdjson::ondemand::parser parser;
  for (std::size_t i = 0; i != times; ++i) {
    simdjson::ondemand::document doc;
    if (parser.iterate(text.data(), text.size(), text.capacity()).get(doc)) std::abort();
    payload p{};
    std::string_view time;
    if (doc["from_agent"].get(p.from_agent) || doc["to_agent"].get(p.to_agent) || doc["content"].get(p.content) ||
        doc["message_type"].get(p.message_type) || doc["timestamp"].get(time))
      std::abort();
    keep(p.content);
    keep(time);
  }
}

#if defined(BENCH_NLOHMANN)
void read_by_nlohmann(std::size_t times) {
  for (std::size_t i = 0; i != times; ++i) {
    const auto doc = nlohmann::json::parse(document());
    keep(doc.at("content").get_ref<const std::string&>().size());
    keep(doc.at("from_agent").get_ref<const std::string&>().size());
    keep(doc.at("to_agent").get_ref<const std::string&>().size());
    keep(doc.at("message_type").get_ref<const std::string&>().size());
    keep(doc.at("timestamp").get_ref<const std::string&>().size());
  }
}

void write_by_nlohmann(std::size_t times) {
  for (std::size_t i = 0; i != times; ++i) {
    const auto& p = sample();
    const nlohmann::ordered_json doc{{"from_agent", p.from_agent},
                                     {"to_agent", p.to_agent},
                                     {"content", p.content},
                                     {"message_type", p.message_type},
                                     {"timestamp", time_text}};
    keep(doc.dump().size());
  }
}
#endif

}  // namespace

void add_json(std::vector<operation>& to) {
  const auto size = document().size();
  to.push_back({"json/write agent.inbox", size, write});
  to.push_back({"json/write agent.inbox by hand, unchecked", size, write_by_hand});
  to.push_back({"json/read agent.inbox", size, read});
  to.push_back({"json/read agent.inbox by hand on simdjson, time unread", size, read_by_simdjson});
#if defined(BENCH_NLOHMANN)
  to.push_back({"json/write agent.inbox by nlohmann-json", size, write_by_nlohmann});
  to.push_back({"json/read agent.inbox by nlohmann-json", size, read_by_nlohmann});
#endif
}

}  // namespace micro
