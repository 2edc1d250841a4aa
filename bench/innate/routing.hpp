// SPDX-License-Identifier: Apache-2.0
/// Messages in memory through a router to the handlers of their events.
#pragma once

#include "../support/stopwatch.hpp"

#include <innate/typed.hpp>

#include <algorithm>
#include <memory_resource>
#include <random>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace bench::routing {

inline constexpr std::string_view kinds[]{"created", "updated", "removed", "shipped"};

// "shop.{id}.e017.created": as real catalogues, templates that share most of their tokens.
template <std::size_t index>
constexpr auto template_text() {
  constexpr std::string_view kind = kinds[index % 4];
  innate::meta::fixed_string<22> text;
  constexpr std::string_view pattern = "shop.{id}.e000.";
  std::size_t at = 0;
  for (const char c : pattern) text.characters[at++] = c;
  for (const char c : kind) text.characters[at++] = c;
  for (std::size_t digit = 13, rest = index / 4; rest != 0; --digit, rest /= 10)
    text.characters[digit] = static_cast<char>('0' + rest % 10);
  return text;
}

template <std::size_t index>
using nth = innate::event<template_text<index>(), std::string_view, innate::raw_codec>;

template <std::size_t... i>
innate::router<nth<i>...> router_for(std::index_sequence<i...>);
template <std::size_t count>
using router_of = decltype(router_for(std::make_index_sequence<count>{}));

// A received message on `subject`.
inline innate::message message_on(std::string_view subject, innate::core::slab_pool& pool) {
  auto memory = pool.acquire_exact(subject.size() + 16);
  std::copy(subject.begin(), subject.end(), memory.data());
  innate::protocol::op o{};
  o.subject = {memory.data(), subject.size()};
  return {std::move(memory), o};
}

template <std::size_t... i>
std::vector<std::string> subjects(std::index_sequence<i...>) {
  const auto filled = [](std::string text) { return text.replace(5, 4, "b7"); };
  return {filled(std::string{template_text<i>().view()})...};
}

template <std::size_t templates>
void route_through(std::uint64_t count) {
  const auto names = subjects(std::make_index_sequence<templates>{});
  innate::core::slab_pool::handle pool{std::pmr::new_delete_resource()};
  std::vector<innate::message> messages;
  std::mt19937 random{7};
  for (std::size_t i = 0; i != 1024; ++i) messages.push_back(message_on(names[random() % templates], *pool));
  std::uint64_t handled = 0;
  const auto on_event = [&](const auto& ev) { handled += ev.template param<"id">().size(); };
  const auto on_unknown = [](const innate::message&, const innate::error& e) { throw std::system_error(e.code); };
  stopwatch watch;
  watch.start();
  for (std::uint64_t i = 0; i != count; ++i)
    router_of<templates>::dispatch(messages[i % messages.size()], on_event, on_unknown);
  const auto line = watch.stop("innate route", count);
  if (handled != count * 2) throw std::runtime_error("not every message was handled");
  line.print();
}

}  // namespace bench::routing
