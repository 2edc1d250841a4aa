// SPDX-License-Identifier: Apache-2.0
/// What every fuzz target needs: its input as text, and a way to say that something does not hold.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <source_location>
#include <string_view>

namespace fuzz {

/// Ends the run, which keeps the input, unless `holds`.
inline void expect(bool holds, std::string_view what,
                   std::source_location where = std::source_location::current()) noexcept {
  if (holds) return;
  std::fprintf(stderr, "%s:%u: does not hold: %.*s\n", where.file_name(), static_cast<unsigned>(where.line()),
               static_cast<int>(what.size()), what.data());
  std::abort();
}

/// The bytes in memory of exactly their size and `spare` bytes more, so that the address sanitizer sees every read past
/// them.
class exact_copy {
 public:
  explicit exact_copy(std::string_view bytes, std::size_t spare = 0)
      : x_bytes(std::make_unique<char[]>(bytes.size() + spare)), x_size(bytes.size()) {
    bytes.copy(x_bytes.get(), bytes.size());
  }
  [[nodiscard]] std::string_view text() const noexcept { return {x_bytes.get(), x_size}; }

 private:
  std::unique_ptr<char[]> x_bytes;
  std::size_t x_size;
};

/// Takes the first byte off `input`; 0 when there is none.
inline unsigned char take_byte(std::string_view& input) noexcept {
  if (input.empty()) return 0;
  const auto first = static_cast<unsigned char>(input.front());
  input.remove_prefix(1);
  return first;
}

/// Takes what stands before the next `end` off `input`, and `end` with it.
inline std::string_view take_until(std::string_view& input, char end) noexcept {
  const auto size = input.find(end);
  const auto part = input.substr(0, size);
  input.remove_prefix(size == input.npos ? input.size() : size + 1);
  return part;
}

/// What a target does with one input; it never gives an input back.
void run(std::string_view input);

}  // namespace fuzz

// Each target is one source file, so this is defined once.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const fuzz::exact_copy input{{reinterpret_cast<const char*>(data), size}};
  fuzz::run(input.text());
  return 0;
}
