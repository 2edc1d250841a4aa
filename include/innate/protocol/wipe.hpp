// SPDX-License-Identifier: Apache-2.0
/// Overwrites secrets in memory in a way that the compiler may not leave out.
#pragma once

#include <cstddef>
#include <string>
#include <utility>

namespace innate::inline v0::protocol {

inline void wipe(void* bytes, std::size_t size) noexcept {
  volatile unsigned char* at = static_cast<unsigned char*>(bytes);
  while (size-- != 0) *at++ = 0;
}

/// All of its capacity; the text is empty afterwards.
inline void wipe(std::string& text) noexcept {
  text.resize(text.capacity());  // never allocates
  wipe(text.data(), text.size());
  text.clear();
}

/// A string that leaves nothing behind in memory: not when it ends, not when it grows.
class secret_string {
 public:
  secret_string() noexcept {}
  explicit secret_string(std::string text) noexcept : x_text(std::move(text)) {}
  secret_string(secret_string&& other) noexcept : x_text(std::move(other.x_text)) { wipe(other.x_text); }
  secret_string& operator=(secret_string&& other) noexcept {
    if (this == &other) return *this;
    wipe(x_text);
    x_text = std::move(other.x_text);
    wipe(other.x_text);
    return *this;
  }
  ~secret_string() { wipe(x_text); }

  void append(const char* bytes, std::size_t size) {
    if (x_text.capacity() - x_text.size() < size) {
      std::string larger;
      larger.reserve((x_text.size() + size) * 2);
      larger = x_text;
      wipe(x_text);
      x_text.swap(larger);
    }
    x_text.append(bytes, size);
  }

  [[nodiscard]] const std::string& text() const noexcept { return x_text; }

 private:
  std::string x_text;
};

}  // namespace innate::inline v0::protocol
