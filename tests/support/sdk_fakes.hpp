// SPDX-License-Identifier: Apache-2.0
/// A document store and an embedder in memory.
#pragma once

#include <innate/sdk/rag_system.hpp>

#include <functional>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace test {

class memory_store final : public innate::sdk::document_store {
 public:
  asio::awaitable<bool> put(const stored& d) override {
    if (d.title == "poison") throw std::runtime_error("the store refuses this document");
    std::vector<std::string> chunks{d.chunks.begin(), d.chunks.end()};
    co_return documents.insert_or_assign(std::string{d.document_id}, std::move(chunks)).second;
  }
  asio::awaitable<bool> remove(std::string_view id) override { co_return documents.erase(std::string{id}) != 0; }
  asio::awaitable<std::vector<match>> search(std::span<const float>, std::size_t most) override {
    ++searches;
    if (during_search) co_await during_search();
    std::vector<match> found;
    for (const auto& [id, chunks] : documents)
      if (found.size() != most) found.push_back({id, chunks.empty() ? "" : chunks.front()});
    co_return found;
  }

  std::map<std::string, std::vector<std::string>> documents;
  int searches = 0;
  std::function<asio::awaitable<void>()> during_search{};
};

class length_embedder final : public innate::sdk::embedder {
 public:
  asio::awaitable<std::vector<std::vector<float>>> embed(std::span<const std::string> texts) override {
    std::vector<std::vector<float>> vectors;
    for (const auto& t : texts) vectors.push_back({static_cast<float>(t.size())});
    co_return vectors;
  }
};

}  // namespace test
