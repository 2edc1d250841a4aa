// SPDX-License-Identifier: Apache-2.0
/// Events of the RAG system.
#pragma once

#include <innate/sdk/events/common.hpp>

#include <array>
#include <cstdint>
#include <string_view>
#include <variant>

namespace innate::inline v0::sdk::rag {

enum class updated_action { updated };
constexpr auto names_of(updated_action) { return std::array<std::string_view, 1>{"updated"}; }
enum class deleted_action { deleted };
constexpr auto names_of(deleted_action) { return std::array<std::string_view, 1>{"deleted"}; }

struct ingestion {
  std::string_view document_id{};
  std::string_view title{};
  std::uint64_t chunk_count = 0;
  innate::timestamp timestamp{};
  using payload_fields = fields<field<"document_id", &ingestion::document_id>, field<"title", &ingestion::title>,
                                field<"chunk_count", &ingestion::chunk_count>,
                                field<"timestamp", &ingestion::timestamp, when_read::may_be_absent>>;
};
struct update {
  std::string_view document_id{};
  updated_action action{};
  innate::timestamp timestamp{};
  using payload_fields = fields<field<"document_id", &update::document_id>, field<"action", &update::action>,
                                field<"timestamp", &update::timestamp, when_read::may_be_absent>>;
};
struct deletion {
  std::string_view document_id{};
  deleted_action action{};
  innate::timestamp timestamp{};
  using payload_fields = fields<field<"document_id", &deletion::document_id>, field<"action", &deletion::action>,
                                field<"timestamp", &deletion::timestamp, when_read::may_be_absent>>;
};
struct embedding {
  std::string_view document_id{};
  std::uint64_t embedding_count = 0;
  innate::timestamp timestamp{};
  using payload_fields =
      fields<field<"document_id", &embedding::document_id>, field<"embedding_count", &embedding::embedding_count>,
             field<"timestamp", &embedding::timestamp, when_read::may_be_absent>>;
};
struct query_result {
  std::string_view query_id{};
  std::uint64_t document_count = 0;
  double response_time = 0;  ///< seconds
  using payload_fields =
      fields<field<"query_id", &query_result::query_id>, field<"document_count", &query_result::document_count>,
             field<"response_time", &query_result::response_time>>;
};
struct document {
  std::string_view document_id{};
  std::string_view title{};
  std::string_view content{};
  raw_json metadata{};
  using payload_fields =
      fields<field<"document_id", &document::document_id>, field<"title", &document::title>,
             field<"content", &document::content>, field<"metadata", &document::metadata, when_read::may_be_absent>>;
};

struct documents_ingested : event<"rag.documents.ingested", ingestion> {
  static constexpr std::string_view description = "Document ingestion events";
  static constexpr std::string_view when = "New document is added to knowledge base";
};
struct documents_updated : event<"rag.documents.updated", update> {
  static constexpr std::string_view description = "Document update events";
  static constexpr std::string_view when = "Existing document is updated";
};
struct documents_deleted : event<"rag.documents.deleted", deletion> {
  static constexpr std::string_view description = "Document deletion events";
  static constexpr std::string_view when = "Document is removed";
};
struct embeddings_generated : event<"rag.embeddings.generated", embedding> {
  static constexpr std::string_view description = "Embedding generation events";
  static constexpr std::string_view when = "New embeddings are created";
};
struct cache_invalidate : event<"rag.cache.invalidate", invalidation> {
  static constexpr bool command = true;
  static constexpr std::string_view description = "Cache invalidation requests";
  static constexpr std::string_view when = "Documents change, cache needs clearing";
};
struct query_completed : event<"rag.query.completed", query_result> {
  static constexpr std::string_view description = "Query completion events";
  static constexpr std::string_view when = "RAG query finishes processing";
};
struct ingest_request : request_event<"rag.documents.ingest.request", document, std::variant<ingestion, sdk::failure>> {
  static constexpr bool command = true;
  static constexpr std::string_view description = "Document ingestion requests";
  static constexpr std::string_view when = "Somebody wants a document to be known";
};

struct definition {
  static constexpr std::string_view name = "rag";
  static constexpr std::string_view title = "RAG System";
  using publishes = event_list<documents_ingested, documents_updated, documents_deleted, embeddings_generated,
                               cache_invalidate, query_completed>;
  using handled =
      handler_list<handles<ingest_request, "Receives document ingestion requests", "Process and ingest new document">,
                   handles<cache_invalidate, "Receives cache invalidation events", "Clear RAG-related cache entries">>;
};
static_assert(well_formed<definition>);

}  // namespace innate::inline v0::sdk::rag
