// SPDX-License-Identifier: Apache-2.0
// expect: a_wildcard_cannot_be_published_to
#include <innate/innate.hpp>

std::error_code send(innate::connection& nc) {
#ifdef FIXED
  return nc.try_publish("orders.new", "x");
#else
  return nc.try_publish("orders.*", "x");
#endif
}
