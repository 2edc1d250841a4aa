// SPDX-License-Identifier: Apache-2.0
#include <innate/core/inbound.hpp>
#include <innate/core/message.hpp>
#include <innate/core/outbound.hpp>
#include <innate/core/ring.hpp>
#include <innate/core/subscription_state.hpp>

#include <catch2/catch_test_macros.hpp>

#include <array>
#include <cstring>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace core = innate::core;

namespace {

/// A memory resource that knows what is out.
class counting_resource final : public std::pmr::memory_resource {
 public:
  std::size_t out = 0;
  std::size_t calls = 0;

 private:
  void* do_allocate(std::size_t bytes, std::size_t alignment) override {
    out += bytes;
    ++calls;
    return std::pmr::new_delete_resource()->allocate(bytes, alignment);
  }
  void do_deallocate(void* p, std::size_t bytes, std::size_t alignment) override {
    out -= bytes;
    std::pmr::new_delete_resource()->deallocate(p, bytes, alignment);
  }
  [[nodiscard]] bool do_is_equal(const memory_resource& other) const noexcept override { return this == &other; }
};

std::string everything(core::outbound& out, std::size_t pieces_at_once = 3, std::size_t bytes_at_once = 1 << 20) {
  std::string all;
  std::vector<std::string_view> pieces(pieces_at_once);
  while (const auto count = out.gather(pieces)) {
    std::string chunk;
    for (std::size_t i = 0; i != count; ++i) chunk += pieces[i];
    chunk.resize(std::min(chunk.size(), bytes_at_once));
    all += chunk;
    out.written(chunk.size());
  }
  return all;
}

/// Frames of every kind, two of them with a spliced payload, one with headers before it.
void fill(core::outbound& out) {
  out.append("SUB a 1\r\nPUB a 2\r\n11\r\nHPUB b 12 14\r\nNATS/1.0\r\n\r\n22\r\nPUB c 6\r\n");
  out.splice(innate::owned_payload{std::string{"PUB x "}});  // looks like a frame, is a payload
  out.append("\r\nPING\r\nHPUB d 12 16\r\nNATS/1.0\r\n\r\n");
  out.splice(innate::owned_payload{std::string{"4444"}});
  out.append("\r\nPUB e 0\r\n\r\n");
}

const std::vector<std::string> frames{
    "SUB a 1\r\n",           "PUB a 2\r\n11\r\n", "HPUB b 12 14\r\nNATS/1.0\r\n\r\n22\r\n",
    "PUB c 6\r\nPUB x \r\n", "PING\r\n",          "HPUB d 12 16\r\nNATS/1.0\r\n\r\n4444\r\n",
    "PUB e 0\r\n\r\n"};

}  // namespace

TEST_CASE("outbound gives bytes in order, whatever the socket takes at once", "[outbound]") {
  std::string expected;
  for (const auto& f : frames) expected += f;
  for (const std::size_t pieces : {1U, 2U, 8U}) {
    for (const std::size_t bytes : {1U, 7U, 1000U}) {
      core::outbound out{std::pmr::new_delete_resource()};
      fill(out);
      CHECK(out.size() == expected.size());
      CHECK(everything(out, pieces, bytes) == expected);
      CHECK(out.empty());
    }
  }
}

TEST_CASE("a lost link keeps whole publishes that were not begun, at every position", "[outbound]") {
  std::size_t total = 0;
  for (const auto& f : frames) total += f.size();
  for (std::size_t sent = 0; sent < total; ++sent) {
    core::outbound out{std::pmr::new_delete_resource()};
    fill(out);
    std::array<std::string_view, 1> piece;
    static_cast<void>(out.gather(piece));
    out.append("PUB late 1\r\nx\r\n");  // appended while the rest is in flight
    out.written(sent);
    std::string kept;
    std::size_t cut = 0;
    std::size_t position = 0;
    for (const auto& f : frames) {
      const bool publish = f.find("PUB") < 2;
      if (publish && position >= sent) kept += f;
      if (publish && position < sent && sent < position + f.size()) ++cut;
      position += f.size();
    }
    kept += "PUB late 1\r\nx\r\n";
    CHECK(out.link_lost() == cut);
    CHECK(out.size() == kept.size());
    CHECK(everything(out) == kept);
  }
}

TEST_CASE("a ring keeps order while it wraps and grows, and gives its memory back", "[ring]") {
  counting_resource memory;
  {
    core::ring<std::unique_ptr<int>> r{&memory};
    int in = 0;
    int out = 0;
    for (int round = 0; round != 200; ++round) {
      for (int i = 0; i != round % 7; ++i) r.emplace_back(std::make_unique<int>(in++));
      for (int i = 0; i != round % 5 && !r.empty(); ++i) CHECK(*r.pop_front() == out++);
    }
    CHECK(r.size() == static_cast<std::size_t>(in - out));
  }
  CHECK(memory.out == 0);
}

TEST_CASE("slabs come back to their pool, which outlives its owner as long as one is out", "[slab]") {
  counting_resource memory;
  core::slab_ref last;
  {
    core::slab_pool::handle pool{&memory};
    {
      const auto once = pool->acquire();
    }
    const auto calls = memory.calls;
    auto a = pool->acquire();  // recycled
    CHECK(memory.calls == calls);
    CHECK(a.capacity() == core::slab_size);
    CHECK(pool->pinned_bytes() == core::slab_size);
    auto big = pool->acquire(1 << 20);
    CHECK(big.capacity() == 1 << 20);
    for (std::size_t i = 0; i != core::slab_padding; ++i) CHECK(big.data()[big.capacity() + i] == 0);
    last = a;
  }
  CHECK(memory.out != 0);
  std::memset(last.data(), 1, last.capacity());
  std::thread{[moved = std::move(last)]() mutable { moved = {}; }}.join();
  CHECK(memory.out == 0);
}

TEST_CASE("a slab may be overwritten once every reference that was lent is back", "[slab]") {
  core::slab_pool::handle pool{std::pmr::new_delete_resource()};
  core::slab_lender lender{pool->acquire()};
  CHECK(lender.unique());
  std::vector<core::slab_ref> lent;
  for (int i = 0; i != 1000; ++i) lent.push_back(lender.lend());  // more than are counted at a time
  CHECK_FALSE(lender.unique());
  lent.resize(1);
  CHECK_FALSE(lender.unique());
  auto copy = lent.front();
  lent.clear();
  CHECK_FALSE(lender.unique());
  copy = {};
  CHECK(lender.unique());

  auto last = lender.lend();
  lender = core::slab_lender{};
  CHECK(pool->pinned_bytes() == core::slab_size);
  last = {};
  CHECK(pool->pinned_bytes() == 0);
}

TEST_CASE("what is read next goes where it was read before, unless a message or its beginning is there", "[inbound]") {
  core::slab_pool::handle pool{std::pmr::new_delete_resource()};
  core::inbound in{*pool, {}};
  const auto read = [&](std::string_view bytes) {
    const auto room = in.prepare();
    std::memcpy(room.data(), bytes.data(), bytes.size());
    in.commit(bytes.size());
    return room.data();
  };
  const auto take = [&] {
    const auto parsed = in.next();
    REQUIRE(parsed.kind == innate::protocol::parse_result::kind_type::op);
    return innate::message{in.lend(), parsed.value};
  };
  const char* const start = read("MSG a 1 1\r\n1\r\nMSG b 1");
  {
    const auto kept = take();
    static_cast<void>(in.next());  // the second is not whole
    CHECK(read(" 1\r\n2\r\n") > start);
    CHECK(take().data() == "2");
    CHECK(read("MSG c 1 1\r\n3\r\n") > start);  // the first is still held
    CHECK(take().data() == "3");
    CHECK(kept.data() == "1");
  }
  CHECK(read("MSG d 1 1\r\n4\r\n") == start);
  CHECK(take().data() == "4");
  CHECK(read("MSG e 1 1\r\n5\r\nMSG f 1") == start);
  CHECK(take().data() == "5");
  static_cast<void>(in.next());
  CHECK(read(" 1\r\n6\r\n") > start);  // nobody holds anything, but a message has begun
  CHECK(take().data() == "6");
}

TEST_CASE("a message that is on its way gets the room it needs, and holds up nothing behind it", "[inbound]") {
  core::slab_pool::handle pool{std::pmr::new_delete_resource()};
  core::inbound in{*pool, {}};
  const auto read = [&](std::string_view bytes) {
    const auto room = in.prepare();
    REQUIRE(room.size() >= bytes.size());
    std::memcpy(room.data(), bytes.data(), bytes.size());
    in.commit(bytes.size());
    return room.data();
  };
  using kind = innate::protocol::parse_result::kind_type;
  innate::protocol::op o;
  const std::string large(core::slab_size + 100, 'x');
  read("MSG a 1 " + std::to_string(large.size()) + "\r\nx");
  CHECK_FALSE(in.next_delivery(o));
  CHECK(in.next().kind == kind::need);
  const char* const rest = read(std::string_view{large}.substr(1));  // in one go
  CHECK_FALSE(in.next_delivery(o));                                  // its end is not there
  CHECK(in.next().kind == kind::need);
  read("\r\n");
  REQUIRE(in.next_delivery(o));
  CHECK(o.payload == large);
  CHECK(o.payload.data() + 1 == rest);  // not moved for the last bytes
  CHECK_FALSE(in.next_delivery(o));
  CHECK(in.next().kind == kind::need);
  const auto held = in.lend();
  CHECK(in.prepare().size() == core::slab_size);  // what comes next is not known to be large
  read("MSG a 1 3\r\n");
  CHECK_FALSE(in.next_delivery(o));
  CHECK(in.next().kind == kind::need);
  read("abc\r\nPING\r\n");
  REQUIRE(in.next_delivery(o));
  CHECK_FALSE(in.next_delivery(o));
  const auto ping = in.next();
  REQUIRE(ping.kind == kind::op);
  CHECK(ping.value.kind == innate::protocol::op_kind::ping);
  CHECK(in.next().kind == kind::need);
  read("MSG a 1 3\r\nabc\r\n");
  REQUIRE(in.next_delivery(o));
  CHECK(o.payload == "abc");
  CHECK_FALSE(in.next_delivery(o));
  CHECK(in.next().kind == kind::need);
}

TEST_CASE("a message of which little is missing moves into no more memory than it needs", "[inbound]") {
  core::slab_pool::handle pool{std::pmr::new_delete_resource()};
  core::inbound in{*pool, {}};
  innate::protocol::op o;
  const auto read = [&](std::string_view bytes) {
    const auto room = in.prepare();
    REQUIRE(room.size() >= bytes.size());
    std::memcpy(room.data(), bytes.data(), bytes.size());
    in.commit(bytes.size());
    while (in.next_delivery(o)) {
    }
    static_cast<void>(in.next());
  };
  const std::string first = "MSG a 1 2000\r\n" + std::string(2000, 'x') + "\r\n";
  const std::size_t size = core::slab_size - first.size() + 100;  // the second one does not fit behind the first
  const std::string second = "MSG a 1 " + std::to_string(size - 18) + "\r\n" + std::string(size - 18, 'y') + "\r\n";
  REQUIRE(second.size() == size);
  read(first + second.substr(0, size - 200));
  const auto held = in.lend();
  CHECK(in.prepare().size() == core::slab_size - (size - 200));
}

TEST_CASE("HeadersAndSubPendingBytes: headers and payload count, both limits hold", "[subscription]") {
  core::slab_pool::handle pool{std::pmr::new_delete_resource()};
  auto memory = pool->acquire();
  std::memcpy(memory.data(), "sNATS/1.0\r\n\r\nxyz", 16);
  innate::protocol::op o;
  o.subject = {memory.data(), 1};
  o.header = {memory.data() + 1, 12};
  o.payload = {memory.data() + 13, 3};
  const innate::message m{memory, o};
  CHECK(m.size() == 15);
  const auto made =
      core::subscription_state::make("s", "", {.bytes = 44, .messages = 10}, std::pmr::new_delete_resource());
  auto& s = *made;
  CHECK(s.deliver(m.size(), m));
  CHECK(s.deliver(m.size(), m));
  CHECK(s.pending_bytes() == 30);
  CHECK_FALSE(s.deliver(m.size(), m));  // 45 bytes
  CHECK(s.pending_messages() == 2);
  CHECK(s.pop());
  CHECK(s.pending_bytes() == 15);
  CHECK(s.pop());
  CHECK_FALSE(s.pop());
  CHECK(s.take_gap() == 1);
  CHECK(s.take_gap() == 0);
  CHECK(s.pending_bytes() == 0);
}
