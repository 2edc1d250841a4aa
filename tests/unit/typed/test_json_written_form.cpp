// SPDX-License-Identifier: Apache-2.0
#include <innate/typed/codec.hpp>

#include <catch2/catch_test_macros.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory_resource>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

using innate::field;
using innate::fields;
using innate::json_codec;
using innate::timestamp;
using innate::when_read;
using innate::typed::written_form;

namespace {

enum class phase { idle, running, two_words };
constexpr auto names_of(phase) { return std::array<std::string_view, 3>{"idle", "running", "two words"}; }

struct nothing {
  using payload_fields = fields<>;
};
struct inner {
  std::string_view id{};
  nothing none{};
  std::optional<bool> sure{};
  using payload_fields = fields<field<"id", &inner::id>, field<"none", &inner::none>,
                                field<"sure", &inner::sure, when_read::may_be_absent>>;
};
struct everything {
  bool flag = false;
  std::int8_t small = 0;
  std::uint16_t port = 0;
  std::int64_t large = 0;
  std::uint64_t natural = 0;
  double real = 0;
  std::string owned{};
  std::string_view view{};
  phase state{};
  timestamp at{};
  inner nested{};
  std::optional<std::string> perhaps{};
  std::optional<inner> more{};
  using payload_fields =
      fields<field<"flag", &everything::flag>, field<"small", &everything::small>, field<"port", &everything::port>,
             field<"large", &everything::large>, field<"natural", &everything::natural>,
             field<"real", &everything::real>, field<"owned", &everything::owned>, field<"view", &everything::view>,
             field<"state", &everything::state>, field<"at", &everything::at>, field<"nested", &everything::nested>,
             field<"perhaps", &everything::perhaps>, field<"more", &everything::more>>;
};
struct listing {
  std::vector<int> items{};
  using payload_fields = fields<field<"items", &listing::items>>;
};
struct holds_listing {
  std::optional<listing> some{};
  using payload_fields = fields<field<"some", &holds_listing::some>>;
};
static_assert(written_form::is_for<everything>());
static_assert(!written_form::is_for<listing>() && !written_form::is_for<holds_listing>());

template <class T>
std::string written(const T& value) {
  innate::core::byte_buffer out{std::pmr::new_delete_resource()};
  const auto failed = json_codec::encode(value, out);
  REQUIRE(failed.detail.empty());
  return std::string{out.view()};
}

/// A text as it lies in what was received: other bytes follow it, at best such as would go on with it.
class received {
 public:
  received(std::string_view text, std::string_view behind) : x_size(text.size()), x_bytes(text) {
    x_bytes.append(behind.substr(0, 64)).resize(x_size + 64, '"');
  }
  [[nodiscard]] std::string_view text() const { return std::string_view{x_bytes}.substr(0, x_size); }

 private:
  std::size_t x_size;
  std::string x_bytes;
};

bool is_taken(std::string_view text) {
  const received bytes{text, {}};
  everything into;
  return written_form{bytes.text()}.read(into);
}

/// What the short way takes the other one takes too, for the same.
bool taken_by_both(std::string_view text, std::string_view behind) {
  const received bytes{text, behind};
  everything quick;
  if (!written_form{bytes.text()}.read(quick)) return false;
  everything slow;
  innate::typed::text_arena arena;
  innate::typed::json_reader reader{bytes.text(), arena};
  if (!reader.read_document(slow)) FAIL("refused: " << text << "\n" << reader.failure().detail);
  if (written(quick) != written(slow))
    FAIL("read differently: " << text << "\n" << written(quick) << "\n" << written(slow));
  return true;
}

std::vector<everything> samples() {
  using namespace std::chrono;
  everything most;
  most.flag = true;
  most.small = -128;
  most.port = 65'535;
  most.large = std::numeric_limits<std::int64_t>::min();
  most.natural = std::numeric_limits<std::uint64_t>::max();
  most.real = -12'345.678'9;
  most.owned = "planner-1, with \x7f and $§€😀 in it";
  most.view = "请总结报告的第三章";
  most.state = phase::two_words;
  most.at = timestamp{sys_days{2026y / November / 24} + 4h + 5min + 6s + 123456us};
  most.nested = {"an id that is longer than a block", {}, false};
  most.perhaps = "something";
  most.more = inner{"", {}, true};
  everything other = most;
  other.small = 7;
  other.large = -90;
  other.natural = 10;
  other.real = 100;
  other.perhaps = "";
  other.more->sure.reset();
  return {everything{}, most, other};
}

}  // namespace

TEST_CASE("what is written is read by the short way", "[json]") {
  for (const auto& sample : samples()) {
    const auto text = written(sample);
    INFO(text);
    CHECK(is_taken(text));
    CHECK(taken_by_both(text, {}));
  }
}

TEST_CASE("the short way leaves alone what looks different, though it may be right", "[json]") {
  const auto text = written(samples()[1]);
  const auto with = [&](std::string_view from, std::string_view to) {
    auto changed = text;
    changed.replace(changed.find(from), from.size(), to);
    return changed;
  };
  CHECK(is_taken(with("planner-1", "planner-2")));
  for (const auto& changed : {with("planner-1", "planner\\n"),
                              with("planner-1", "planner\n"),
                              with("planner-1", "planner\x80"),
                              with(":-128", ": -128"),
                              with(":-128", ":-129"),
                              with(":-128", ":-0"),
                              with(":-128", ":01"),
                              with(":-128", ":1.0"),
                              with(":-128", ":1e1"),
                              with(":-128", ":+1"),
                              with(":-128", ":"),
                              with("65535", "-1"),
                              with("65535", "65536"),
                              with("-12345.6789", "1e3"),
                              with("-12345.6789", ".5"),
                              with("-12345.6789", "5."),
                              with("-12345.6789", "-"),
                              with("-12345.6789", "00.5"),
                              with("-12345.6789", "0.123456789012345678901"),

                              with("true", "tru"),
                              with("true", "null"),
                              with("two words", "two"),
                              with("T04", "T24"),
                              with("Z\"", "\""),
                              with("123456Z", "12345Z"),
                              with("\"flag\":true,", ""),
                              with("{\"id\":\"\"", "{\"i\":\"\""),
                              with("{}", "{ }"),
                              text + " ",
                              text + "}",
                              " " + text,
                              std::string{}})
    if (is_taken(changed)) FAIL_CHECK("taken: " << changed);
}

TEST_CASE("a message without a payload has no bytes at all", "[json]") {
  nothing none;
  CHECK_FALSE(written_form{std::string_view{}}.read(none));
  innate::typed::text_arena arena;
  CHECK_FALSE(json_codec::decode(std::string_view{}, none, arena).code);
}

TEST_CASE("a text that is cut is not read on behind its end", "[json]") {
  for (const auto& sample : samples()) {
    const auto text = written(sample);
    for (std::size_t size = 0; size != text.size(); ++size) {
      const auto whole = std::string_view{text};
      CHECK_FALSE(taken_by_both(whole.substr(0, size), whole.substr(size)));
    }
  }
}

TEST_CASE("whatever the short way takes is read the same by the long one", "[json]") {
  std::mt19937 random{5};
  const auto below = [&](std::size_t limit) { return static_cast<std::size_t>(random() % limit); };
  constexpr std::string_view likely = "\"\\{}[]:,.-+eE0123456789 tfn\n\x1f\x7f\x80\xc3\xff";
  std::vector<std::string> texts;
  for (const auto& sample : samples()) texts.push_back(written(sample));
  std::size_t taken = 0;
  constexpr std::size_t runs = 60'000;
  for (std::size_t i = 0; i != runs; ++i) {
    auto text = texts[below(texts.size())];
    for (auto changes = 1 + below(3); changes != 0; --changes) {
      const auto place = below(text.size());
      const auto byte = below(2) == 0 ? likely[below(likely.size())] : static_cast<char>(below(256));
      switch (below(5)) {
      case 0: text.insert(place, 1, byte); break;
      case 1: text.erase(place, 1 + below(3)); break;
      case 2: text.insert(place, text.substr(below(text.size()), below(12))); break;
      default: text[place] = byte;
      }
    }
    if (taken_by_both(text, texts[0])) ++taken;
  }
  CHECK(taken > runs / 50);
  CHECK(taken < runs);
}
