// SPDX-License-Identifier: Apache-2.0
// The replay source: takes SUBs, and at a publish to `go.…` writes so many frames as the subject says, encoded before.
#include "../support/go.hpp"
#include "../support/server.hpp"
#include "../support/wire.hpp"

#include <random>

namespace {

struct subscribed {
  std::string subject, sid;
};

class session {
 public:
  explicit session(const bench::socket& client) : x_client(client) {}

  void serve() {
    x_client.write_all(bench::info);
    std::string input;
    std::vector<char> some(std::size_t{256} << 10);
    while (const auto n = x_client.read_some(some.data(), some.size())) {
      input.append(some.data(), n);
      std::size_t done = 0;
      while (const auto used = command(std::string_view{input}.substr(done))) done += used;
      input.erase(0, done);
    }
  }

 private:
  // Carries out one command and returns its size; 0 when it has not come whole.
  std::size_t command(std::string_view input) {
    const auto end = input.find("\r\n");
    if (end == input.npos) return 0;
    const auto line = input.substr(0, end);
    if (line.starts_with("PUB ")) return publish(line, input);
    if (line == "PING") x_client.write_all("PONG\r\n");
    if (line.starts_with("SUB ")) subscribe(line);
    return end + 2;
  }

  void subscribe(std::string_view line) {
    line.remove_prefix(4);
    std::string subject{line.substr(0, line.find(' '))};
    if (const auto star = subject.find('*'); star != subject.npos) subject.replace(star, 1, "b7");
    x_subscribed.push_back({std::move(subject), std::string{line.substr(line.rfind(' ') + 1)}});
  }

  std::size_t publish(std::string_view line, std::string_view input) {
    const auto size = std::stoul(std::string{line.substr(line.rfind(' ') + 1)});
    const auto whole = line.size() + 2 + size + 2;
    if (input.size() < whole) return 0;
    line.remove_prefix(4);
    if (const auto wanted = bench::go::of_subject(line.substr(0, line.find(' '))))
      blast(*wanted, input.substr(line.size() + 6, size));
    return whole;
  }

  void blast(const bench::go& wanted, std::string_view payload) {
    encode(wanted, payload);
    for (std::size_t left = wanted.count; left != 0;) {
      const auto n = std::min(left, x_ends.size());
      std::string_view frames{x_frames.data(), x_ends[n - 1]};
      for (constexpr auto chunk = bench::chunk_writer::chunk; !frames.empty();) {
        if (!x_client.write_all(frames.substr(0, chunk))) return;
        frames.remove_prefix(std::min(chunk, frames.size()));
      }
      left -= n;
    }
  }

  // Enough frames that a random spread does not repeat itself in the caches; else about 1 MiB.
  void encode(const bench::go& wanted, std::string_view payload) {
    x_frames.clear();
    x_ends.clear();
    std::mt19937 random{7};
    const auto at_least = wanted.random ? std::min(wanted.count, x_subscribed.size() * 4) : 1;
    while (x_ends.size() < at_least || x_frames.size() < (std::size_t{1} << 20)) {
      const auto& to = x_subscribed.at(wanted.random ? random() % x_subscribed.size() : 0);
      append_frame(to, wanted.headers, payload);
      x_ends.push_back(x_frames.size());
      if (x_ends.size() == wanted.count) break;
    }
  }

  void append_frame(const subscribed& to, bool headers, std::string_view payload) {
    x_frames += headers ? "HMSG " : "MSG ";
    x_frames.append(to.subject).append(" ").append(to.sid);
    const auto header = headers ? bench::header_block : std::string_view{};
    if (headers) x_frames.append(" ").append(std::to_string(header.size()));
    x_frames.append(" ").append(std::to_string(header.size() + payload.size())).append("\r\n");
    x_frames.append(header).append(payload).append("\r\n");
  }

  const bench::socket& x_client;
  std::vector<subscribed> x_subscribed;
  std::string x_frames;
  std::vector<std::size_t> x_ends;  // where each frame ends in x_frames
};

}  // namespace

int main() {
  return bench::serve_forever([](const bench::socket& client) { session{client}.serve(); });
}
