// SPDX-License-Identifier: Apache-2.0
// expect: the_wildcard_gt_must_be_the_last_token
#include <innate/innate.hpp>

innate::subscription listen(innate::connection& nc) {
#ifdef FIXED
  return nc.subscribe("orders.>");
#else
  return nc.subscribe("orders.>.new");
#endif
}
