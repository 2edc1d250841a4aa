// SPDX-License-Identifier: Apache-2.0
/// A message that has been understood: its payload, and for events the parameters of its subject.
#pragma once

#include <innate/event_fwd.hpp>
#include <innate/message.hpp>
#include <innate/meta/fixed_string.hpp>
#include <innate/protocol/errc.hpp>
#include <innate/protocol/error.hpp>
#include <innate/typed/event.hpp>
#include <innate/typed/text_arena.hpp>

#include <string>
#include <string_view>
#include <utility>

namespace innate::inline v0 {

/// Move-only owner of a payload and of the memory its views point into, which stay valid as long as it lives, also when
/// it is moved. `->` and `*` give the payload.
template <class Payload>
class decoded {
 public:
  decoded() = default;
  decoded(decoded&&) = default;
  decoded& operator=(decoded&&) = default;

  [[nodiscard]] const Payload& operator*() const noexcept { return x_payload; }
  [[nodiscard]] const Payload* operator->() const noexcept { return &x_payload; }
  [[nodiscard]] const innate::message& message() const noexcept { return x_message; }
  [[nodiscard]] std::string_view subject() const noexcept { return x_message.subject(); }
  [[nodiscard]] bool has_reply() const noexcept { return x_message.has_reply(); }

  /// Takes the message over and decodes its payload. Errors: those of the codec, with the subject in the detail.
  template <class Codec>
  [[nodiscard]] error decode(innate::message m) {
    x_message = std::move(m);
    auto failed = Codec::decode(x_message.data(), x_payload, x_arena);
    if (failed.code) failed.detail = "message on '" + std::string{subject()} + "': " + failed.detail;
    return failed;
  }

 private:
  innate::message x_message{};
  Payload x_payload{};
  typed::text_arena x_arena{};
};

/// An event with its parameters: `ev.param<"agent_id">()`, `ev->content`.
template <typed_event E>
class received : public decoded<typename E::payload_type> {
 public:
  using subjects = typename E::subject_type;

  /// The token of the subject that stands for this parameter.
  template <meta::fixed_string name>
  [[nodiscard]] std::string_view param() const noexcept {
    static_assert(subjects::index_of(name.view()) != subjects::npos,
                  "the subject template has no parameter of this name");
    return x_parameters[subjects::index_of(name.view())];
  }

  /// Errors: `subject_mismatch`, and those of the codec.
  [[nodiscard]] error read(const innate::message& m) { return read(innate::message{m}); }
  [[nodiscard]] error read(innate::message&& m) {
    auto failed = this->template decode<typename E::codec_type>(std::move(m));
    if (!subjects::match(this->subject(), x_parameters))
      return {errc::subject_mismatch,
              "'" + std::string{this->subject()} + "' is not of '" + std::string{subjects::view} + "'"};
    return failed;
  }

 private:
  typename subjects::values x_parameters{};
};

}  // namespace innate::inline v0
