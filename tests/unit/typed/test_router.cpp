// SPDX-License-Identifier: Apache-2.0
#include <innate/core/slab.hpp>
#include <innate/typed.hpp>

#include <catch2/catch_test_macros.hpp>

#include <cstring>
#include <random>
#include <string>
#include <vector>

using innate::errc;
using innate::field;
using innate::fields;

namespace {

struct value {
  int n = 0;
  using payload_fields = fields<field<"n", &value::n>>;
};

using task = innate::event<"api.tasks.{task_id}", value>;
using process = innate::event<"api.tasks.process", value>;
using inbox = innate::event<"agent.{agent_id}.inbox", value>;
using broadcast = innate::event<"agent.broadcast", value>;
using left = innate::event<"x.{a}.c", value>;
using right = innate::event<"x.b.{c}", value>;
using all = innate::router<task, process, inbox, broadcast, left, right>;

innate::message make(innate::core::slab_pool::handle& pool, std::string_view subject, std::string_view payload) {
  auto memory = pool->acquire();
  std::memcpy(memory.data(), subject.data(), subject.size());
  std::memcpy(memory.data() + subject.size(), payload.data(), payload.size());
  innate::protocol::op o;
  o.subject = {memory.data(), subject.size()};
  o.payload = {memory.data() + subject.size(), payload.size()};
  return {memory, o};
}

}  // namespace

TEST_CASE("a subject finds its event, the most specific one where several fit", "[router]") {
  STATIC_REQUIRE(all::find("api.tasks.t1") == 0);
  STATIC_REQUIRE(all::find("api.tasks.process") == 1);
  STATIC_REQUIRE(all::find("agent.a1.inbox") == 2);
  STATIC_REQUIRE(all::find("agent.broadcast") == 3);
  STATIC_REQUIRE(all::find("x.b.c") == 5);  // the literal further left wins
  STATIC_REQUIRE(all::find("x.b.d") == 5);
  STATIC_REQUIRE(all::find("x.d.c") == 4);
  for (const auto* none : {"", "api", "api.tasks", "api.tasks.", "api.tasks.t1.x", "agent.a1", "agent..inbox", "x.d.d",
                           ".", "..", "api.tasks.process."})
    CHECK(all::find(none) == all::npos);
}

TEST_CASE("dispatching agrees with trying every template", "[router]") {
  std::mt19937 random{11};
  const std::vector<std::string> words{"api", "tasks", "process", "agent", "inbox", "broadcast",
                                       "x",   "b",     "c",       "z",     ""};
  for (int i = 0; i != 20'000; ++i) {
    std::string subject;
    for (auto n = 1 + random() % 4; n != 0; --n)
      subject += (subject.empty() ? "" : ".") + words[random() % words.size()];
    const auto is = [&]<class E>(std::type_identity<E>) {
      typename E::subject_type::values values{};
      return E::subject_type::match(subject, values);
    };
    const bool some = is(std::type_identity<task>{}) || is(std::type_identity<process>{}) ||
                      is(std::type_identity<inbox>{}) || is(std::type_identity<broadcast>{}) ||
                      is(std::type_identity<left>{}) || is(std::type_identity<right>{});
    if ((all::find(subject) != all::npos) != some) FAIL_CHECK(subject);
  }
}

TEST_CASE("each event comes to its handler, what has none or is unreadable to the last one", "[router]") {
  innate::core::slab_pool::handle pool{std::pmr::new_delete_resource()};
  std::vector<std::string> seen;
  innate::overloaded handlers{
      [&](const innate::received<task>& ev) { seen.push_back("task " + std::string{ev.param<"task_id">()}); },
      [&](const innate::received<process>&) { seen.emplace_back("process"); },
      [&](const innate::received<inbox>& ev) { seen.push_back("inbox " + std::to_string(ev->n)); },
      [&](const auto&) { seen.emplace_back("other"); }};
  auto unknown = [&](const innate::message& m, const innate::error& why) {
    seen.push_back(std::string{m.subject()} + " " + why.code.message());
  };
  for (const auto* subject : {"api.tasks.t1", "api.tasks.process", "agent.a.inbox", "agent.broadcast", "nobody.knows"})
    all::dispatch(make(pool, subject, R"({"n":7})"), handlers, unknown);
  all::dispatch(make(pool, "api.tasks.t2", "{"), handlers, unknown);
  CHECK(seen == std::vector<std::string>{"task t1", "process", "inbox 7", "other",
                                         "nobody.knows the subject is not of the template of its event",
                                         "api.tasks.t2 the payload is not JSON"});
}
