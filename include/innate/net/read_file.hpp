// SPDX-License-Identifier: Apache-2.0
/// Reads a small file that may hold secrets, so that nothing of it stays behind in buffers.
#pragma once

#include <innate/protocol/errc.hpp>
#include <innate/protocol/error.hpp>
#include <innate/protocol/wipe.hpp>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace innate::inline v0::net {

/// `creds file '/a/b'`, as errors name it.
[[nodiscard]] inline std::string named(std::string_view what, const std::string& path) {
  return std::string{what}.append(" '").append(path).append("'");
}

/// There is nothing at that path; false also for what cannot be opened for another reason.
[[nodiscard]] inline bool is_missing(const std::string& path) noexcept {
  std::FILE* const file = std::fopen(path.c_str(), "rb");
  if (file) std::fclose(file);
  return !file && errno == ENOENT;
}

/// `what` names the file's purpose in the error, which is `file_unreadable` with the system's reason.
[[nodiscard]] inline result<protocol::secret_string> read_file(std::string_view what, const std::string& path) {
  constexpr std::size_t largest = std::size_t{4} << 20;
  const auto refuse = [&](const std::string& why) {
    return error{errc::file_unreadable, named(what, path) + ": " + why};
  };
  const auto reason = [](int number) { return std::error_code{number, std::generic_category()}.message(); };
  const auto close = [](std::FILE* f) { std::fclose(f); };
  const std::unique_ptr<std::FILE, decltype(close)> file{std::fopen(path.c_str(), "rb"), close};
  if (!file) return refuse(reason(errno));
  std::setvbuf(file.get(), nullptr, _IONBF, 0);
  protocol::secret_string content;
  std::array<char, 4096> chunk;
  std::size_t size = 0;
  while ((size = std::fread(chunk.data(), 1, chunk.size(), file.get())) != 0) {
    content.append(chunk.data(), size);
    if (content.text().size() > largest) break;
  }
  const int failed = std::ferror(file.get()) != 0 ? errno : 0;
  protocol::wipe(chunk.data(), chunk.size());
  if (failed != 0) return refuse(reason(failed));
  if (content.text().size() > largest) return refuse("it is larger than 4 MiB");
  return content;
}

}  // namespace innate::inline v0::net
