// SPDX-License-Identifier: Apache-2.0
/// micro: subjects checked and matched, templates formatted and matched, a router's dispatch.
#include "operations.hpp"

#include <innate/protocol/subject.hpp>
#include <innate/typed.hpp>

#include <array>
#include <cstdlib>
#include <string_view>

namespace micro {

namespace {

namespace protocol = innate::protocol;

constexpr std::string_view subject = "agent.a1b2c3d4.inbox";
using inbox_subject = innate::subject_template<"agent.{agent_id}.inbox">;
using inbox = innate::event<"agent.{agent_id}.inbox", std::string_view, innate::raw_codec>;
using status = innate::event<"agent.{agent_id}.status", std::string_view, innate::raw_codec>;
using document = innate::event<"rag.documents.{document_id}.updated", std::string_view, innate::raw_codec>;
using task = innate::event<"api.tasks.{task_id}", std::string_view, innate::raw_codec>;

void check(std::size_t times) {
  for (std::size_t i = 0; i != times; ++i) {
    auto given = subject;
    keep(given);
    keep(protocol::check_subject(given).fault);
  }
}

void match(std::size_t times) {
  for (std::size_t i = 0; i != times; ++i) {
    auto given = subject;
    keep(given);
    keep(protocol::matches("agent.*.inbox", given));
  }
}

void format_template(std::size_t times) {
  std::array<char, 64> out{};
  for (std::size_t i = 0; i != times; ++i) {
    inbox_subject::values values{"a1b2c3d4"};
    keep(values);
    keep(*inbox_subject::format(out.data(), values));
    keep(out);
  }
}

void match_template(std::size_t times) {
  for (std::size_t i = 0; i != times; ++i) {
    auto given = subject;
    keep(given);
    inbox_subject::values found{};
    keep(inbox_subject::match(given, found));
    keep(found);
  }
}

void dispatch(std::size_t times) {
  innate::core::slab_pool::handle pool{std::pmr::new_delete_resource()};
  auto memory = pool->acquire_exact(subject.size() + 16);
  subject.copy(memory.data(), subject.size());
  innate::protocol::op o{};
  o.subject = {memory.data(), subject.size()};
  const innate::message m{memory, o};
  const auto on_event = [](const auto& event) { keep(event.subject()); };
  const auto on_unknown = [](const innate::message&, const innate::error&) { std::abort(); };
  for (std::size_t i = 0; i != times; ++i)
    innate::router<inbox, status, document, task>::dispatch(m, on_event, on_unknown);
}

}  // namespace

void add_subjects(std::vector<operation>& to) {
  to.push_back({"subject/check", subject.size(), check});
  to.push_back({"subject/match a filter", subject.size(), match});
  to.push_back({"template/format", subject.size(), format_template});
  to.push_back({"template/match", subject.size(), match_template});
  to.push_back({"router/dispatch one of four", 0, dispatch});
}

}  // namespace micro
