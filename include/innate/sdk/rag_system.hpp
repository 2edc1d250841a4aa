// SPDX-License-Identifier: Apache-2.0
/// The RAG system: ingests documents through a store and an embedder of the user's, answers queries, tells what
/// changes.
#pragma once

#include <innate/connection.hpp>
#include <innate/sdk/best_effort.hpp>
#include <innate/sdk/events/rag.hpp>
#include <innate/sdk/shown_text.hpp>
#include <innate/sdk/ttl_cache.hpp>
#include <innate/typed.hpp>

#include <asio/awaitable.hpp>
#include <asio/experimental/awaitable_operators.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <exception>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace innate::inline v0::sdk {

/// Turns texts into vectors. Exceptions fail the ingestion or query.
class embedder {
 public:
  embedder() = default;
  embedder(const embedder&) = delete;
  embedder& operator=(const embedder&) = delete;
  virtual ~embedder() = default;
  virtual asio::awaitable<std::vector<std::vector<float>>> embed(std::span<const std::string> texts) = 0;
};

/// Keeps documents. Exceptions fail the ingestion, removal or query.
class document_store {
 public:
  struct stored {
    std::string_view document_id;
    std::string_view title;
    std::string_view metadata;  ///< JSON
    std::span<const std::string> chunks;
    std::span<const std::vector<float>> embeddings;  ///< one a chunk
  };
  struct match {
    std::string document_id;
    std::string text;
  };

  document_store() = default;
  document_store(const document_store&) = delete;
  document_store& operator=(const document_store&) = delete;
  virtual ~document_store() = default;
  /// True when the document was not there before.
  virtual asio::awaitable<bool> put(const stored& document) = 0;
  /// False when there was none.
  virtual asio::awaitable<bool> remove(std::string_view document_id) = 0;
  virtual asio::awaitable<std::vector<match>> search(std::span<const float> embedding, std::size_t most) = 0;
};

struct rag_options {
  std::size_t chunk_size = 1'000;  ///< bytes, cut at blanks where there are any
  std::size_t results = 5;         ///< of a query
  std::size_t cached_queries = 1'000;
  duration cache_ttl = std::chrono::minutes{5};
};

/// Subscribes when constructed, handles requests while `run()` runs. Connection, store and embedder must outlive it;
/// all belong to one executor.
class rag_system {
 public:
  using definition = rag::definition;
  struct answer {
    std::vector<document_store::match> matches{};
    bool cached = false;
  };

  rag_system(connection& nc, document_store& store, embedder& vectors, rag_options opts = {})
      : x_self(nc),
        x_store(store),
        x_embedder(vectors),
        x_options(opts),
        x_cache(opts.cached_queries),
        x_requests(x_self.subscribe<rag::ingest_request>()),
        x_invalidations(x_self.subscribe<rag::cache_invalidate>()) {}

  /// Processes ingestion requests, in order, and invalidations, until the connection ends or is drained.
  [[nodiscard]] asio::awaitable<void> run() {
    using namespace asio::experimental::awaitable_operators;
    co_await (x_requests.for_each([this](received<rag::ingest_request> ev) { return serve(std::move(ev)); }) &&
              x_invalidations.for_each(
                  [this](const received<rag::cache_invalidate>& ev) { x_cache.erase_matching(ev->pattern); }));
  }

  /// Adds a document or replaces it. Publishes `rag.embeddings.generated`, then `rag.documents.ingested`, or
  /// `rag.documents.updated` and `rag.cache.invalidate`. Throws what store and embedder throw. The
  /// texts that `given` views must live until it completes.
  asio::awaitable<rag::ingestion> ingest(rag::document given) {
    const auto chunks = split(given.content);
    const auto vectors = co_await x_embedder.embed(chunks);
    const rag::embedding made{given.document_id, vectors.size(), timestamp::now()};
    static_cast<void>(co_await x_tell(x_self.publish<rag::embeddings_generated>(made)));
    const document_store::stored whole{given.document_id, given.title, given.metadata.text, chunks, vectors};
    const bool fresh = co_await x_store.put(whole);
    const rag::ingestion done{given.document_id, given.title, chunks.size(), timestamp::now()};
    if (fresh) {
      static_cast<void>(co_await x_tell(x_self.publish<rag::documents_ingested>(done)));
    } else {
      const rag::update changed{given.document_id, {}, timestamp::now()};
      static_cast<void>(co_await x_tell(x_self.publish<rag::documents_updated>(changed)));
      co_await tell_caches("document_updated");
    }
    co_return done;
  }

  /// Removes a document. Publishes `rag.documents.deleted` and `rag.cache.invalidate`; false when there was none.
  asio::awaitable<bool> remove(std::string_view document_id) {
    if (!co_await x_store.remove(document_id)) co_return false;
    const rag::deletion gone{document_id, {}, timestamp::now()};
    static_cast<void>(co_await x_tell(x_self.publish<rag::documents_deleted>(gone)));
    co_await tell_caches("document_deleted");
    co_return true;
  }

  /// Finds what fits `text`; publishes `rag.query.completed`.
  asio::awaitable<answer> query(std::string_view query_id, std::string_view text) {
    const auto begin = std::chrono::steady_clock::now();
    const auto key = "rag.query." + std::string{text};
    answer found;
    if (const auto kept = x_cache.get(key, begin)) {
      found.matches = kept->value;
      found.cached = true;
    } else {
      const auto begun = x_cache.invalidations();
      const std::vector<std::string> question{std::string{text}};
      const auto vectors = co_await x_embedder.embed(question);
      found.matches = co_await x_store.search(vectors.at(0), x_options.results);
      if (x_cache.invalidations() == begun)
        x_cache.put(key, found.matches, x_options.cache_ttl, std::chrono::steady_clock::now());
    }
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    const rag::query_result told{query_id, found.matches.size(), took.count()};
    static_cast<void>(co_await x_tell(x_self.publish<rag::query_completed>(told)));
    co_return found;
  }

  [[nodiscard]] std::size_t cached_queries() const noexcept { return x_cache.size(); }
  /// Events that could not be published, because they were refused, the connection was closed or its buffer full.
  [[nodiscard]] std::size_t unpublished() const noexcept { return x_tell.failures(); }

 private:
  asio::awaitable<void> serve(received<rag::ingest_request> ev) {
    std::string failed;
    rag::ingest_request::reply_type reply;
    try {
      reply = co_await ingest(*ev);
    } catch (const std::exception& e) {
      failed = shown_text(e.what(), 1024);
      reply = sdk::failure{failed};
    }
    if (ev.has_reply()) co_await x_self.nats().respond(ev, reply);
  }

  asio::awaitable<void> tell_caches(std::string_view reason) {
    x_cache.erase_matching("rag.*");
    static_cast<void>(co_await x_tell(x_self.publish<rag::cache_invalidate>(invalidation{"rag.*", reason})));
  }

  [[nodiscard]] std::vector<std::string> split(std::string_view text) const {
    std::vector<std::string> chunks;
    while (!text.empty()) {
      auto size = std::min(text.size(), x_options.chunk_size);
      if (size < text.size()) {
        const auto blank = text.substr(0, size).find_last_of(" \n\t");
        if (blank != text.npos && blank != 0) size = blank + 1;
        while (size > 1 && (static_cast<unsigned char>(text[size]) & 0xC0U) == 0x80U) --size;  // not inside a character
      }
      chunks.emplace_back(text.substr(0, size));
      text.remove_prefix(size);
    }
    return chunks;
  }

  endpoint<definition> x_self;
  document_store& x_store;
  embedder& x_embedder;
  rag_options x_options;
  best_effort x_tell;
  ttl_cache<std::vector<document_store::match>> x_cache;
  event_subscription<rag::ingest_request> x_requests;
  event_subscription<rag::cache_invalidate> x_invalidations;
};

}  // namespace innate::inline v0::sdk
