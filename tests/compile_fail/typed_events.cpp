// SPDX-License-Identifier: Apache-2.0
// expect 1: the subject template has no parameter of this name
// expect 2: a parameter of the subject template is missing
// expect 3: a parameter of the subject template is given twice
// expect 4: the last argument must be the payload of the event
// expect 5: subject parameters are given by name, as in "agent_id"_p = id
// expect 6: the value of a subject parameter must be a string or an integer
// expect 7: there are more values than parameters in the subject template
// expect 8: the subject template has no parameter of this name
// expect 9: two fields of this payload have the same name
// expect 10: this type has no payload descriptor: give it payload_fields, or specialise describe
#include <innate/typed.hpp>

using namespace innate::literals;

struct inbox_message {
  std::string_view content{};
  using payload_fields = innate::fields<innate::field<"content", &inbox_message::content>>;
};
using inbox = innate::event<"agent.{agent_id}.task.{task_id}", inbox_message>;

struct twice {
  int a = 0;
  int b = 0;
#if !defined(FIXED) && CASE == 9
  using payload_fields = innate::fields<innate::field<"a", &twice::a>, innate::field<"a", &twice::b>>;
#else
  using payload_fields = innate::fields<innate::field<"a", &twice::a>, innate::field<"b", &twice::b>>;
#endif
};
struct unknown {
  int a = 0;
};
struct holder {
  std::vector<unknown> items{};
  using payload_fields = innate::fields<innate::field<"items", &holder::items>>;
};

void use(innate::connection& nc, const inbox_message& m) {
  static_cast<void>(innate::fields_of<twice>::count);
#if defined(FIXED)
  static_cast<void>(nc.try_publish<inbox>("task_id"_p = 7, "agent_id"_p = "a1", m));
#elif CASE == 1
  static_cast<void>(nc.try_publish<inbox>("agent"_p = "a1", "task_id"_p = 7, m));
#elif CASE == 2
  static_cast<void>(nc.try_publish<inbox>("agent_id"_p = "a1", m));
#elif CASE == 3
  static_cast<void>(nc.try_publish<inbox>("agent_id"_p = "a1", "agent_id"_p = "a2", m));
#elif CASE == 4
  static_cast<void>(nc.try_publish<inbox>("agent_id"_p = "a1", "task_id"_p = 7, "content"));
#elif CASE == 5
  static_cast<void>(nc.try_publish<inbox>("a1", 7, m));
#elif CASE == 6
  static_cast<void>(nc.try_publish<inbox>("agent_id"_p = 1.5, "task_id"_p = 7, m));
#elif CASE == 7
  static_cast<void>(nc.try_publish<inbox>("agent_id"_p = "a1", "task_id"_p = 7, "task_id"_p = 8, m));
#elif CASE == 8
  auto ev = nc.subscribe<inbox>().try_next();
  static_cast<void>(ev->param<"agent">());
#elif CASE == 10
  innate::core::byte_buffer out{std::pmr::new_delete_resource()};
  static_cast<void>(innate::json_codec::encode(holder{}, out));
#endif
}
