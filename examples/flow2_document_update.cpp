// SPDX-License-Identifier: Apache-2.0
/// Flow 2: an updated document makes the cache forget what was derived from documents.
#include "example.hpp"

#include <innate/sdk/cache_mechanism.hpp>
#include <innate/sdk/rag_system.hpp>

#include <asio/experimental/awaitable_operators.hpp>

#include <set>

using namespace asio::experimental::awaitable_operators;
namespace sdk = innate::sdk;

/// A real one would keep texts and vectors in a database.
struct store : sdk::document_store {
  asio::awaitable<bool> put(const stored& d) override { co_return known.emplace(d.document_id).second; }
  asio::awaitable<bool> remove(std::string_view id) override { co_return known.erase(std::string{id}) != 0; }
  asio::awaitable<std::vector<match>> search(std::span<const float>, std::size_t) override {
    co_return std::vector<match>{};
  }
  std::set<std::string> known{};
};
struct embedder : sdk::embedder {
  asio::awaitable<std::vector<std::vector<float>>> embed(std::span<const std::string> texts) override {
    co_return std::vector<std::vector<float>>(texts.size(), {1.0F});
  }
};

asio::awaitable<void> ingest_twice(sdk::rag_system& rag, sdk::cache_mechanism& cache, innate::connection& cache_link) {
  auto forgotten = cache_link.subscribe<sdk::cache::invalidated>();
  co_await cache_link.flush();
  cache.put("rag.query.nats", "an answer from the old document");
  cache.put("agent.profile", "unrelated");
  const sdk::rag::document doc{"doc-123", "On NATS", "subjects are made of tokens", {"{}"}};
  co_await rag.ingest(doc);  // new: nothing to forget
  co_await rag.ingest(doc);  // again: rag.documents.updated
  const auto gone = co_await forgotten.next();
  std::cout << (*gone)->key << " was forgotten: " << (*gone)->reason << "; " << cache.size() << " entry is left\n";
  cache_link.close();
}

asio::awaitable<void> document_update() {
  auto rag_link = co_await innate::connect(example::options());
  auto cache_link = co_await innate::connect(example::options());
  store documents;
  embedder vectors;
  sdk::rag_system rag{rag_link, documents, vectors};
  sdk::cache_mechanism cache{cache_link};
  co_await (cache.run() && ingest_twice(rag, cache, cache_link));
}

int main() { return example::run(document_update()); }
