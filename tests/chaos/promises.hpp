// SPDX-License-Identifier: Apache-2.0
/// What a client may rely on whatever happens, and the notes that tell whether it was kept.
#pragma once

#include <innate/innate.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <list>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace chaos {

using clock = std::chrono::steady_clock;

/// The first broken promises, in words.
class verdict {
 public:
  void broken(const std::string& what) {
    ++x_count;
    if (x_count <= 20) x_text += what + "\n";
  }
  [[nodiscard]] bool kept() const noexcept { return x_count == 0; }
  [[nodiscard]] const std::string& text() const noexcept { return x_text; }

 private:
  std::size_t x_count = 0;
  std::string x_text;
};

/// Operations under way, each with the time by which it promised to end. The machine may be busy: it gets `slack` more.
class promises_of_time {
 public:
  static constexpr auto slack = std::chrono::seconds{10};

  explicit promises_of_time(verdict& v) : x_verdict(v) {}

  class operation {
   public:
    operation(promises_of_time& all, std::string name, innate::duration limit) : x_all(all) {
      x_place = all.x_under_way.insert(all.x_under_way.end(), {std::move(name), clock::now() + limit + slack});
    }
    operation(const operation&) = delete;
    operation& operator=(const operation&) = delete;
    ~operation() {
      x_all.judge(*x_place, "ended too late");
      x_all.x_under_way.erase(x_place);
      ++x_all.ended;
    }

   private:
    friend class promises_of_time;
    promises_of_time& x_all;
    std::list<std::pair<std::string, clock::time_point>>::iterator x_place;
  };

  /// Says which operations hang.
  void check() {
    for (auto& o : x_under_way)
      if (judge(o, "hangs")) o.second = clock::time_point::max();
  }
  [[nodiscard]] bool idle() const noexcept { return x_under_way.empty(); }

  std::size_t ended = 0;

 private:
  bool judge(const std::pair<std::string, clock::time_point>& o, std::string_view how) {
    if (clock::now() <= o.second) return false;
    x_verdict.broken(o.first + " " + std::string{how});
    return true;
  }

  verdict& x_verdict;
  std::list<std::pair<std::string, clock::time_point>> x_under_way;
};

/// A stream of numbers that one connection publishes.
struct numbered_stream {
  std::string name;
  long sent = 0;     // accepted
  long flushed = 0;  // the server has these for certain

  /// The link was lost: what is above `flushed` may have gone over it, or may go over the next one.
  struct loss {
    long flushed, sent;
  };
  std::vector<loss> losses;

  void link_lost() { losses.push_back({flushed, sent}); }

  /// Order is promised for what went over one link.
  [[nodiscard]] bool may_overtake(long earlier, long later) const {
    return std::any_of(losses.begin(), losses.end(),
                       [&](const loss& l) { return earlier <= l.sent && later > l.flushed; });
  }
};

/// What one subscription, or one queue group, has got: nothing twice; a single subscription, also nothing overtaken.
class received_numbers {
 public:
  received_numbers(verdict& v, std::string name, bool ordered)
      : x_verdict(v), x_name(std::move(name)), x_ordered(ordered) {}

  void note(const numbered_stream& from, long number) {
    auto& got = x_got[from.name];
    if (!got.insert(number).second)
      x_verdict.broken(x_name + " got " + std::to_string(number) + " of " + from.name + " twice");
    const long newest = *got.rbegin();
    if (x_ordered && newest != number && !from.may_overtake(number, newest))
      x_verdict.broken(x_name + " got " + std::to_string(newest) + " of " + from.name + " before " +
                       std::to_string(number));
    ++total;
  }
  [[nodiscard]] bool has(const std::string& stream, long first, long last) {
    const auto& got = x_got[stream];
    for (long n = first; n <= last; ++n)
      if (!got.contains(n)) return false;
    return true;
  }

  std::size_t total = 0;

 private:
  verdict& x_verdict;
  std::string x_name;
  bool x_ordered;
  std::map<std::string, std::set<long>> x_got;
};

}  // namespace chaos
