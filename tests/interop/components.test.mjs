// SPDX-License-Identifier: Apache-2.0
// The official client among the seven components, each a process of its own: it publishes what each of them handles and
// sees what comes of it, has them publish all that they publish, and holds that against the exported schemas.
import { test, before, after } from "node:test";
import assert from "node:assert/strict";
import { connect, headers } from "@nats-io/transport-node";
import Ajv2020 from "ajv/dist/2020.js";
import formats from "ajv-formats";
import { samples } from "./samples.mjs";
import { catalogue, Recorder, rowsOf, serve, start, system } from "./support.mjs";

const limit = { timeout: 120_000 };
const own = headers();
own.set("Published-By", "nats.js");
const programs = [];
let server, nc, bus, rows, exported, schema;

before(async () => {
  server = await serve();
  nc = await connect({ servers: server.url });
  bus = new Recorder(nc, (m) => m.headers?.has("Published-By") || m.subject.startsWith("_INBOX.") || m.subject.startsWith("demo."));
  rows = rowsOf(await catalogue("asyncapi"));
  exported = await catalogue("jsonschema");
  const ajv = new Ajv2020.default();
  formats.default(ajv);
  ajv.addSchema(exported, "events");
  schema = (name) => ajv.getSchema(`events#/$defs/${name}`);
});
after(async () => {
  for (const p of programs) p.child.kill("SIGKILL");
  await nc.close();
  server.stop();
});

async function startRoles(...names) {
  await Promise.all(names.map(async (name) => {
    const ready = nc.subscribe(`demo.ready.${name}`, { max: 1 });
    await nc.flush();
    programs.push(start(server.url, system, "--role", name));
    for await (const _ of ready);
  }));
}

const publish = (subject, payload, reply) => nc.publish(subject, JSON.stringify(payload), { headers: own, reply });
async function request(subject, payload) {
  return JSON.parse((await nc.request(subject, payload && JSON.stringify(payload), { headers: own, timeout: 20_000 })).string());
}
// Has a component do something; its answer.
async function step(role, what) {
  const answer = (await nc.request(`demo.step.${role}`, what, { timeout: 20_000 })).string();
  assert.ok(!answer.startsWith("!"), `${role}, ${what}: ${answer}`);
  return answer;
}
const on = (subject, fits = () => true) => (m) => m.subject === subject && fits(m.json());

// Asks until the answer is as wanted: for effects that no event tells of. The test's time limit ends it.
async function eventually(ask, wanted) {
  while (!wanted(await ask()));
}

// ---- What observability receives

async function summaries() {
  const from = bus.seen.length;
  const all = rows.filter((r) => r.component === "observability" && r.address.endsWith(".>")).map((r) => r.address.slice(0, -2));
  const told = all.map((name) => bus.until(on("observability.metrics.summary", (p) => p.component === name), from));
  await step("observability", "sum up");
  return Object.fromEntries((await Promise.all(told)).map((m) => m.json()).map((p) => [p.component, p.metrics]));
}

const trees = {};

test("observability understands every event of its trees that nats.js publishes", limit, async () => {
  await startRoles("observability");
  const observed = Object.entries(samples).filter(([name]) => !name.startsWith("observability."));
  for (const [name, { subject, payload }] of observed)
    publish(subject, payload, `${name}.reply` in exported.$defs ? "js.reply" : undefined);
  for (const [, { subject }] of observed) publish(subject, "not an object");
  publish("component.unheard.of", {});
  let metrics;
  await eventually(async () => metrics = await summaries(),
    (m) => Object.values(m).reduce((n, c) => n + c.messages, 0) === 2 * observed.length + 1);
  for (const row of rows.filter((r) => r.component === "observability" && !r.sends)) {
    const root = row.address.slice(0, -2);
    const wanted = {};
    for (const name of row.events) (wanted[exported.$defs[name].title] ??= []).push(name);
    const got = metrics[root];
    for (const [subject, names] of Object.entries(wanted)) {
      assert.equal(got.events[subject]?.messages, 2 * names.length, `${subject} of ${root}`);
      assert.equal(got.events[subject].unreadable, names.length, `${subject} of ${root}`);
    }
    assert.deepEqual(Object.keys(got.events).sort(), Object.keys(wanted).sort());
    assert.equal(got.unknown, root === "component" ? 1 : 0, root);
    trees[row.operation] = true;
  }
  assert.deepEqual([metrics.cache.hits, metrics.cache.misses, metrics.cache.hit_rate], [1, 1, 0.5]);
  assert.equal(metrics.agent.errors, 1);
  assert.equal(metrics.api.latency.max, 0.5);
  assert.equal(metrics.rag.latency.max, 0.25);
  assert.deepEqual([metrics.gateway.latency.max, metrics.gateway.tokens_used, metrics.gateway.cost], [0.75, 42, 0.001]);
  assert.equal(metrics.database.slow_queries.max, 1.5);
  assert.equal(metrics.database.connected, true);
});

// ---- What the others receive

// The result of a task that the API submits, given by what nats.js publishes in answer.
async function submitted(what, answer) {
  const submission = bus.until((m) => m.subject.startsWith("api.tasks.") && "params" in m.json());
  const outcome = step("api", what);
  answer((await submission).json().task_id);
  return outcome;
}

async function invalidates(subject, payload, key) {
  await step("cache", "fill");
  const told = bus.until(on("cache.invalidated", (p) => p.key === key));
  publish(subject, payload);
  const { pattern, reason } = (await told).json();
  return { pattern, reason };
}

async function heard(agent, what) {
  await eventually(() => step(agent, "heard"), (all) => all.split(";").includes(what));
}

// By operation; a component's agents start last, so that nats.js can stand for them before.
const effects = {
  "cache.receive.rag.cache.invalidate": async () => {
    const asked = { pattern: "rag.*", reason: "js 1" };
    assert.deepEqual(await invalidates("rag.cache.invalidate", asked, "rag.query-1"), asked);
  },
  "cache.receive.component.cache.invalidate": async () => {
    const asked = { pattern: "other-?", reason: "js 2" };
    assert.deepEqual(await invalidates("component.cache.invalidate", asked, "other-1"), asked);
  },
  "cache.receive.agent.cache.invalidate": async () => {
    const asked = { pattern: "agent.profile-*", reason: "js 3" };
    assert.deepEqual(await invalidates("agent.cache.invalidate", asked, "agent.profile-1"), asked);
  },
  "cache.receive.gateway.cache.invalidate": async () => {
    const asked = { pattern: "gateway.*", reason: "js 4" };
    assert.deepEqual(await invalidates("gateway.cache.invalidate", asked, "gateway.acme-1"), asked);
  },
  "cache.receive.rag.documents.updated": async () => {
    const told = await invalidates("rag.documents.updated", { document_id: "doc-9", action: "updated" }, "rag.query-1");
    assert.deepEqual(told, { pattern: "rag.*", reason: "document_updated: doc-9" });
  },
  "rag.receive.rag.documents.ingest.request": async () => {
    const document = { document_id: "js-1", title: "From nats.js", content: "one two", metadata: { lang: "en" } };
    const ingested = bus.until(on("rag.documents.ingested"));
    const reply = await request("rag.documents.ingest.request", document);
    assert.ok(schema("rag.documents.ingest.request.reply")(reply));
    assert.deepEqual([reply.document_id, reply.title, reply.chunk_count], ["js-1", "From nats.js", 1]);
    assert.equal((await ingested).json().document_id, "js-1");
  },
  // Documents that are new leave cached answers alone, so that the old one shows whether it was forgotten.
  "rag.receive.rag.cache.invalidate": async () => {
    const before = await step("rag", "query");
    await request("rag.documents.ingest.request", { document_id: "js-2", title: "Another", content: "three" });
    assert.equal(await step("rag", "query"), before);
    publish("rag.cache.invalidate", { reason: "js 5", pattern: "rag.query.*" });
    await eventually(() => step("rag", "query"), (found) => found === String(Number(before) + 1));
  },
  "api.receive.api.tasks.result": async () => {
    const outcome = await submitted("submit", (id) => publish(`api.tasks.${id}`, { task_id: id, status: "completed", result: { x: 1 } }));
    assert.equal(outcome, 'completed {"x":1}');
  },
  "api.receive.agent.task.completed": async () => {
    const told = bus.until((m) => m.subject.startsWith("api.tasks.") && m.json().status === "completed");
    const outcome = await submitted("submit", (id) => publish("agent.js.task.completed", { task_id: id, result: [2] }));
    assert.equal(outcome, "completed [2]");
    assert.deepEqual((await told).json().result, [2]);
  },
  "api.receive.agent.task.failed": async () => {
    const outcome = await submitted("submit the impossible", (id) => publish("agent.js.task.failed", { task_id: id, error: "no luck" }));
    assert.equal(outcome, "failed no luck");
  },
  "api.receive.rag.query.completed": async () => {
    const waits = bus.until(on("api.requests.received", (p) => p.endpoint === "/query"));
    const answer = step("api", "serve a query");
    await waits;
    publish("rag.query.completed", { query_id: "q-7", document_count: 3, response_time: 0.1 });
    assert.equal(await answer, "3 documents");
  },
  "api.receive.api.tasks.process": async () => {
    const told = bus.until(on("api.tasks.js-work"));
    publish("api.tasks.process", { task_id: "js-work", type: "resize", params: { w: 640 } });
    const { status, result, error } = (await told).json();
    assert.deepEqual([status, result, error], ["completed", { w: 640 }, null]);
  },
  "database.receive.database.health.check": async () => {
    for (const asked of [{}, { who: "nats.js" }, undefined]) {
      const reply = await request("database.health.check", asked);
      assert.ok(schema("database.health.check.reply")(reply), JSON.stringify(reply));
      assert.deepEqual(Object.keys(reply), ["status", "latency", "pool_size", "timestamp"]);
    }
  },
  "gateway.receive.gateway.cache.invalidate": async () => {
    const calls = () => bus.seen.filter(on("gateway.llm.request")).length;
    const complete = async () => { await step("gateway", "complete"); return calls(); };
    const before = await complete();
    assert.equal(await complete(), before);  // from the cache
    publish("gateway.cache.invalidate", { pattern: "gateway.acme.*", reason: "js 6" });
    await eventually(complete, (now) => now === before + 1);
  },
  "agent.receive.agent.inbox": async () => {
    publish("agent.agent-b.inbox", { from_agent: "js", to_agent: "agent-b", content: "grüß dich \"b\"", message_type: "task", timestamp: new Date().toISOString() });
    await heard("agent-b", "grüß dich \"b\"");
  },
  "agent.receive.agent.broadcast": async () => {
    publish("agent.broadcast", { content: "to both", from_agent: "js", message_type: "news" });
    await heard("agent-a", "to both");
    await heard("agent-b", "to both");
  },
  "agent.receive.agent.tasks": async () => {
    const done = bus.until(on("agent.agent-a.task.completed", (p) => p.task_id === "js-assigned"));
    publish("agent.agent-a.tasks", { task_id: "js-assigned", type: "agent_task", params: { n: 1 } });
    assert.deepEqual((await done).json().result, { done: { n: 1 } });
  },
  "agent.receive.agent.status.request": async () => {
    for (const asked of [{ request_id: "req-1" }, {}, undefined]) {
      const reply = await request("agent.agent-b.status", asked);
      assert.ok(schema("agent.status.request.reply")(reply), JSON.stringify(reply));
      assert.equal(reply.agent_id, "agent-b");
    }
  },
  "agent.receive.api.tasks.submission": async () => {
    const by = (id) => bus.seen.filter((m) => /^agent\..*\.task\.completed$/.test(m.subject) && m.json().task_id === id);
    const ids = ["js-1", "js-2", "js-3", "js-4"];
    const done = ids.map((id) => bus.until((m) => /^agent\..*\.task\.completed$/.test(m.subject) && m.json().task_id === id));
    for (const task_id of ids) publish(`api.tasks.${task_id}`, { task_id, type: "agent_task", params: {} });
    await Promise.all(done);
    await step("agent-a", "heard");  // whoever had it too would be done by then
    await step("agent-b", "heard");
    for (const id of ids) assert.equal(by(id).length, 1, id);
  },
};

test("the other components start", limit, () => startRoles("rag", "cache", "api", "database", "gateway"));

for (const [operation, effect] of Object.entries(effects)) {
  if (operation === "agent.receive.agent.inbox") test("the agents start", limit, () => startRoles("agent-a", "agent-b"));
  test(`nats.js publishes: ${operation}`, limit, effect);
}

test("every subscription of the catalogue was tried", () => {
  const tried = [...Object.keys(effects), ...Object.keys(trees)];
  assert.deepEqual(tried.sort(), rows.filter((r) => !r.sends).map((r) => r.operation).sort());
});

// ---- What they publish

test("nats.js reads every event that the components publish, as the schemas say, every field written", limit, async () => {
  const steps = {
    "agent-a": ["greet", "announce"],
    rag: ["ingest", "ingest", "query", "remove"],
    cache: ["fill", "look up"],
    api: ["submit", "submit the impossible", "hand over", "serve a request"],
    database: ["connect", "run a slow query", "commit"],
    gateway: ["complete", "exceed"],
    observability: ["sum up"],
  };
  for (const [role, all] of Object.entries(steps)) for (const what of all) await step(role, what);
  const sent = rows.filter((r) => r.sends).map((r) => ({ ...r, name: r.events[0], pattern: patternOf(r.address) }));
  const seen = new Set();
  await nc.flush();
  for (const m of bus.seen) {
    const literal = sent.filter((r) => r.address === m.subject);  // `api.tasks.process` is not the task `process`
    const fitting = (literal.length ? literal : sent.filter((r) => r.pattern.test(m.subject))).filter((r) => schema(r.name)(m.json()));
    assert.equal(fitting.length, 1, `${m.subject} ${m.string()} is ${fitting.map((r) => r.name)}`);
    const [{ name, operation }] = fitting;
    assert.deepEqual(Object.keys(m.json()), Object.keys(exported.$defs[name].properties), `${m.subject} ${m.string()}`);
    seen.add(operation);
  }
  assert.deepEqual([...seen].sort(), sent.map((r) => r.operation).sort());
  assert.equal(sent.length, 28);
});

function patternOf(address) {
  return new RegExp(`^${address.replaceAll(".", "\\.").replace(/\{\w+\}/g, "[^.]+")}$`);
}
