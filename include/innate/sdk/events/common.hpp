// SPDX-License-Identifier: Apache-2.0
/// Payloads that several components share.
#pragma once

#include <innate/typed/component.hpp>
#include <innate/typed/event.hpp>
#include <innate/typed/fields.hpp>

#include <string_view>

namespace innate::inline v0::sdk {

/// A request without content; an empty payload is one too.
struct nothing {
  using payload_fields = fields<>;
};

/// Why a request could not be carried out.
struct failure {
  std::string_view error{};
  using payload_fields = fields<field<"error", &failure::error>>;
};

/// Work for an agent or an API worker.
struct task_assignment {
  std::string_view task_id{};
  std::string_view type{};
  raw_json params{};
  using payload_fields = fields<field<"task_id", &task_assignment::task_id>, field<"type", &task_assignment::type>,
                                field<"params", &task_assignment::params>>;
};

/// Which cache entries are no longer true, as a glob over keys (`rag.*`), and why.
struct invalidation {
  std::string_view pattern{};
  std::string_view reason{};
  using payload_fields = fields<field<"pattern", &invalidation::pattern>, field<"reason", &invalidation::reason>>;
};

}  // namespace innate::inline v0::sdk
