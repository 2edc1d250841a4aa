// SPDX-License-Identifier: Apache-2.0
// Each event of the catalogue once, as a program in another language writes it: `subject`, its `parameters`, and
// `payload` with every field. Names are those of `innate events --format jsonschema`.
const time = "2026-11-24T04:05:06.000123Z";

const about = (subject, payload, parameters = {}) => ({ subject, payload, parameters });
const invalidation = { pattern: "nothing.*", reason: "a \"test\"" };

export const samples = {
  "agent.inbox": about("agent.js-1.inbox",
    { from_agent: "js-2", to_agent: "js-1", content: "hello\n\"ü€😀\"\\", message_type: "task", timestamp: time }, { agent_id: "js-1" }),
  "agent.broadcast": about("agent.broadcast", { from_agent: "js-1", content: "to all", message_type: "news" }),
  "agent.status": about("agent.js-1.status", { agent_id: "js-1", status: "running", timestamp: time }, { agent_id: "js-1" }),
  "agent.status.request": about("agent.js-1.status", { request_id: "req-1" }, { agent_id: "js-1" }),
  "agent.task.completed": about("agent.js-1.task.completed",
    { agent_id: "js-1", task_id: "t-1", result: { n: [1, null, { x: "y" }] }, timestamp: time }, { agent_id: "js-1" }),
  "agent.task.failed": about("agent.js-1.task.failed", { agent_id: "js-1", task_id: "t-1", error: "no", timestamp: time }, { agent_id: "js-1" }),
  "agent.tasks": about("agent.js-1.tasks", { task_id: "t-1", type: "agent_task", params: { n: 1 } }, { agent_id: "js-1" }),
  "agent.cache.invalidate": about("agent.cache.invalidate", invalidation),
  "rag.documents.ingested": about("rag.documents.ingested", { document_id: "d-1", title: "T", chunk_count: 3, timestamp: time }),
  "rag.documents.updated": about("rag.documents.updated", { document_id: "d-1", action: "updated", timestamp: time }),
  "rag.documents.deleted": about("rag.documents.deleted", { document_id: "d-1", action: "deleted", timestamp: time }),
  "rag.embeddings.generated": about("rag.embeddings.generated", { document_id: "d-1", embedding_count: 3, timestamp: time }),
  "rag.cache.invalidate": about("rag.cache.invalidate", invalidation),
  "rag.query.completed": about("rag.query.completed", { query_id: "q-1", document_count: 2, response_time: 0.25 }),
  "rag.documents.ingest.request": about("rag.documents.ingest.request",
    { document_id: "d-2", title: "T", content: "text", metadata: { lang: "en" } }),
  "cache.hit": about("cache.hit", { key: "k", ttl_remaining: 299.5, backend: "memory", timestamp: time }),
  "cache.miss": about("cache.miss", { key: "k", backend: "memory", timestamp: time }),
  "cache.invalidated": about("cache.invalidated", { key: "k", pattern: "k*", reason: "test", timestamp: time }),
  "component.cache.invalidate": about("component.cache.invalidate", invalidation),
  "api.tasks.result": about("api.tasks.js-1",
    { task_id: "js-1", status: "failed", result: null, error: "no luck", timestamp: time }, { task_id: "js-1" }),
  "api.tasks.submission": about("api.tasks.js-1", { task_id: "js-1", type: "agent_task", params: [] }, { task_id: "js-1" }),
  "api.tasks.process": about("api.tasks.process", { task_id: "js-1", type: "resize", params: { w: 1 } }),
  "api.requests.received": about("api.requests.received", { endpoint: "/tasks", method: "POST", request_id: "r-1", timestamp: time }),
  "api.responses.sent": about("api.responses.sent", { endpoint: "/tasks", status_code: 201, response_time: 0.5, timestamp: time }),
  "database.connection.status": about("database.connection.status", { status: "connected", pool_size: 10, timestamp: time }),
  "database.query.slow": about("database.query.slow", { query: "SELECT 1", duration: 1.5, threshold: 0.5, timestamp: time }),
  "database.transaction.committed": about("database.transaction.committed",
    { table: "documents", operation: "insert", record_count: 1, timestamp: time }),
  "database.health.check": about("database.health.check", {}),
  "gateway.llm.request": about("gateway.llm.request",
    { provider: "acme", model: "m1", prompt_length: 12, request_id: "r-1", timestamp: time }),
  "gateway.llm.response": about("gateway.llm.response",
    { provider: "acme", model: "m1", tokens_used: 42, latency: 0.75, cost: 0.001, timestamp: time }),
  "gateway.rate_limit.warning": about("gateway.rate_limit.warning",
    { provider: "acme", model: "m1", remaining_requests: 3, timestamp: time }),
  "gateway.rate_limit.exceeded": about("gateway.rate_limit.exceeded", { provider: "acme", model: "m1", retry_after: 60, timestamp: time }),
  "gateway.cache.invalidate": about("gateway.cache.invalidate", invalidation),
  "observability.alerts": about("observability.alerts",
    { alert_type: "js", severity: "critical", component: "cache", message: "look", timestamp: time }),
  "observability.metrics.summary": about("observability.metrics.summary", { component: "cache", metrics: { hits: 1 }, timestamp: time }),
};
