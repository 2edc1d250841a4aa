// SPDX-License-Identifier: Apache-2.0
// expect 1: this subject template is empty
// expect 2: this subject template has an empty token
// expect 3: this subject template contains a blank or a control byte
// expect 4: this subject template contains a wildcard; name the token instead, as in {agent_id}
// expect 5: this subject template has a '{' without its '}'
// expect 6: this subject template has a '}' without its '{'
// expect 7: this subject template has a parameter that is only a part of a token
// expect 8: this subject template has a parameter without a name
// expect 9: this subject template has a parameter whose name is not of letters, digits and '_'
// expect 10: this subject template names two parameters alike
#include <innate/typed/subject_template.hpp>

#if defined(FIXED)
using accepted = innate::subject_template<"agent.{agent_id}.inbox">;
#elif CASE == 1
using accepted = innate::subject_template<"">;
#elif CASE == 2
using accepted = innate::subject_template<"agent..inbox">;
#elif CASE == 3
using accepted = innate::subject_template<"agent. inbox">;
#elif CASE == 4
using accepted = innate::subject_template<"agent.*.inbox">;
#elif CASE == 5
using accepted = innate::subject_template<"agent.{agent_id.inbox">;
#elif CASE == 6
using accepted = innate::subject_template<"agent.agent_id}.inbox">;
#elif CASE == 7
using accepted = innate::subject_template<"agent.a-{agent_id}.inbox">;
#elif CASE == 8
using accepted = innate::subject_template<"agent.{}.inbox">;
#elif CASE == 9
using accepted = innate::subject_template<"agent.{agent id}.inbox">;
#elif CASE == 10
using accepted = innate::subject_template<"agent.{id}.task.{id}">;
#endif

static_assert(accepted::token_count != 0);
