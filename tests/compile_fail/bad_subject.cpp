// SPDX-License-Identifier: Apache-2.0
// expect: this_subject_has_an_empty_token
#include <innate/innate.hpp>

std::error_code send(innate::connection& nc) {
#ifdef FIXED
  return nc.try_publish("orders.new", "x");
#else
  return nc.try_publish("orders..new", "x");
#endif
}
