// SPDX-License-Identifier: Apache-2.0
/// How a receiver asks the replay source for messages: a publish to `go.COUNT.SPREAD.FORM`, whose payload is the
/// payload of every message. SPREAD is `first` (all for the first subscription) or `random` (uniformly over all), FORM
/// is `plain` or `headers`. A message has the subject of its subscription, with `b7` in place of a wildcard.
#pragma once

#include <charconv>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace bench {

struct go {
  std::size_t count = 0;
  bool random = false;
  bool headers = false;

  [[nodiscard]] std::string subject() const {
    return "go." + std::to_string(count) + (random ? ".random" : ".first") + (headers ? ".headers" : ".plain");
  }

  static std::optional<go> of_subject(std::string_view subject) {
    if (!subject.starts_with("go.")) return std::nullopt;
    go g;
    std::from_chars(subject.data() + 3, subject.data() + subject.size(), g.count);
    g.random = subject.find(".random.") != subject.npos;
    g.headers = subject.ends_with(".headers");
    return g;
  }
};

}  // namespace bench
