// SPDX-License-Identifier: Apache-2.0
/// How payloads become bytes and back: JSON by default, raw bytes, or a codec of your own.
#pragma once

#include <innate/core/byte_buffer.hpp>
#include <innate/protocol/error.hpp>
#include <innate/typed/json_reader.hpp>
#include <innate/typed/json_writer.hpp>
#include <innate/typed/json_written_form.hpp>
#include <innate/typed/text_arena.hpp>

#include <concepts>
#include <string>
#include <string_view>

namespace innate::inline v0 {

/// `encode` appends the payload to `out`. `decode` reads `bytes`, behind which 64 more may be read; views in `into` may
/// point into them and into the arena, which live as long as the received event. Errors name what is wrong.
template <class Codec, class Payload>
concept codec_for = requires(const Payload& given, Payload& into, core::byte_buffer& out, std::string_view bytes,
                             typed::text_arena& arena) {
  { Codec::content_type } -> std::convertible_to<std::string_view>;
  { Codec::encode(given, out) } -> std::same_as<error>;
  { Codec::decode(bytes, into, arena) } -> std::same_as<error>;
};

/// Payloads with a descriptor, `std::variant` of such, `raw_json`. Errors of `encode`: `payload_not_encodable`; of
/// `decode`: `payload_not_json`, `payload_field_missing`, `payload_field_repeated`, `payload_wrong_type`,
/// `payload_out_of_range`, `payload_too_deep`.
struct json_codec {
  static constexpr std::string_view content_type = "application/json";

  template <class T>
  [[nodiscard]] static error encode(const T& payload, core::byte_buffer& out) {
    typed::json_writer writer{out};
    return writer.write(payload) ? error{} : writer.failure();
  }
  template <class T>
  [[nodiscard]] static error decode(std::string_view bytes, T& into, typed::text_arena& arena) {
    if constexpr (described<T> && typed::written_form::is_for<T>()) {
      if (typed::written_form{bytes}.read(into)) return {};
    }
    return decode_any(bytes, into, arena);
  }

 private:
  template <class T>
  [[gnu::noinline]] static error decode_any(std::string_view bytes, T& into, typed::text_arena& arena) {
    typed::json_reader reader{bytes, arena};
    return reader.read_document(into) ? error{} : reader.failure();
  }
};

/// Bytes as they are; the payload is `std::string_view` or `std::string`.
struct raw_codec {
  static constexpr std::string_view content_type = "application/octet-stream";

  [[nodiscard]] static error encode(std::string_view payload, core::byte_buffer& out) {
    out.append(payload);
    return {};
  }
  template <class T>
    requires(std::same_as<T, std::string_view> || std::same_as<T, std::string>)
  [[nodiscard]] static error decode(std::string_view bytes, T& into, typed::text_arena&) {
    into = bytes;
    return {};
  }
};

}  // namespace innate::inline v0
