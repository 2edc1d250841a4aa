// SPDX-License-Identifier: Apache-2.0
// What `innate events` exports, held against the official AsyncAPI parser, ajv, and what the library really reads.
import { test, before, after } from "node:test";
import assert from "node:assert/strict";
import { Parser } from "@asyncapi/parser";
import { connect } from "@nats-io/transport-node";
import Ajv2020 from "ajv/dist/2020.js";
import formats from "ajv-formats";
import { samples } from "./samples.mjs";
import { catalogue, cli, rowsOf, serve, start, understand } from "./support.mjs";

let server, nc, program, exported;

before(async () => {
  server = await serve();
  nc = await connect({ servers: server.url });
  program = start(server.url, understand);
  await program.line("ready");
  exported = await catalogue("jsonschema");
});
after(async () => {
  program.child.kill("SIGKILL");
  await nc.close();
  server.stop();
});

// ajv in its strict mode, which refuses what it does not know; formats as assertions, or as mere notes.
function validators(asserting) {
  const ajv = new Ajv2020.default(asserting ? {} : { formats: { "date-time": true } });
  if (asserting) formats.default(ajv);
  ajv.addSchema(exported, "events");
  return (name) => ajv.getSchema(`events#/$defs/${name}`);
}
const isReply = (name) => name.endsWith(".reply");

// What the library says of a message, read as this event.
async function read(name, payload) {
  const text = typeof payload === "string" ? payload : JSON.stringify(payload);
  const answers = JSON.parse((await nc.request(samples[name].subject, text, { timeout: 20_000 })).string());
  return answers.find((a) => a.event === name);
}

test("the AsyncAPI document is valid, and has an operation for each row", async () => {
  const { out } = await start(undefined, cli, "events", "--format", "asyncapi").done;
  const { document, diagnostics } = await new Parser().parse(out);
  const told = diagnostics.filter((d) => d.code !== "asyncapi-latest-version");  // 3.0.0 on purpose
  assert.deepEqual(told.map((d) => `${d.path.join("/")}: ${d.message}`), []);
  assert.equal(document.version(), "3.0.0");
  const table = (await start(undefined, cli, "events").done).out.trim().split("\n").slice(1);
  assert.equal(document.allOperations().all().length, table.length);
  const addresses = document.allChannels().all().map((c) => c.address()).filter((a) => a);
  assert.equal(new Set(addresses).size, addresses.length);
  assert.ok(addresses.includes("agent.{agent_id}.task.completed"));
  const [status] = document.allOperations().filterBy((o) => o.id() === "agent.receive.agent.status.request");
  assert.equal(status.reply().channel().address(), null);
  assert.deepEqual(status.reply().messages().all().map((m) => m.name()), ["agent.status.request.reply"]);
});

test("the document of each component is valid, and a part of the whole", async () => {
  const rows = rowsOf(await catalogue("asyncapi"));
  const names = [...new Set(rows.map((r) => r.component))];
  assert.equal(names.length, 7);
  for (const name of names) {
    const { out } = await start(undefined, cli, "events", "--format", "asyncapi", "--component", name).done;
    const { document, diagnostics } = await new Parser().parse(out);
    assert.ok(document, JSON.stringify(diagnostics));
    assert.deepEqual(rowsOf(JSON.parse(out)), rows.filter((r) => r.component === name));
  }
});

test("a wrong format or component is one line that names the choices", async () => {
  for (const [args, choice] of [[["--format", "xml"], /'xml'.*asyncapi/], [["--component", "nobody"], /'nobody'.*observability/]]) {
    const { status, err } = await start(undefined, cli, "events", ...args).done;
    assert.notEqual(status, 0);
    assert.match(err, /^innate: .+\n$/);
    assert.match(err, choice);
  }
});

test("every schema compiles, and there is a sample of every event", () => {
  const schema = validators(true);
  for (const name of Object.keys(exported.$defs)) assert.equal(typeof schema(name), "function", name);
  assert.deepEqual(Object.keys(samples).sort(), Object.keys(exported.$defs).filter((n) => !isReply(n)).sort());
  for (const [name, { payload }] of Object.entries(samples))
    assert.deepEqual(Object.keys(payload), Object.keys(exported.$defs[name].properties), name);
});

test("every event that nats.js publishes as plain JSON is read with its fields, in any order and with others beside", async () => {
  for (const [name, { payload, parameters }] of Object.entries(samples)) {
    const mixed = { extra: [{ deep: "\u0000" }], ...Object.fromEntries(Object.entries(payload).reverse()), more: null };
    const got = await read(name, JSON.stringify(mixed, null, 1));
    assert.deepEqual(got, { event: name, parameters, payload });
  }
});

test("schema and reader agree on every field: absent, of another type, of another value", async () => {
  const schema = validators(true);
  const others = [null, true, "", "x", 0, -1, 1.5, 255, 1e10, 1e300, [], [1], {}, { a: 1 }];
  let refused = 0, taken = 0;
  const cases = [];
  for (const [name, { payload }] of Object.entries(samples)) {
    for (const field of Object.keys(payload)) {
      const { [field]: _, ...without } = payload;
      cases.push([name, without], ...others.map((o) => [name, { ...payload, [field]: o }]));
    }
    cases.push(...others.filter((o) => typeof o !== "object" || Array.isArray(o) || o === null).map((o) => [name, o]));
  }
  await Promise.all(cases.map(async ([name, payload]) => {
    const got = await read(name, JSON.stringify(payload));
    const valid = schema(name)(payload);
    assert.equal(got.error === undefined, valid, `${name} ${JSON.stringify(payload)}: ${got.error}`);
    valid ? ++taken : ++refused;
  }));
  assert.ok(refused > 1000 && taken > 300, `${refused} refused, ${taken} taken`);
});

test("schema and reader agree on times, whether formats are asserted or not", async () => {
  const name = "cache.miss";
  const times = ["2026-11-24T04:05:06Z", "2026-11-24t04:05:06z", "2026-11-24 04:05:06", "2026-11-24T04:05:06.1", "2026-11-24T04:05:06.123456789Z",
    "2026-11-24T04:05:06+23:59", "2026-11-24 04:05:06-01:30", "2028-02-29T00:00:00Z", "2016-12-31T23:59:60Z", "2026-11-24T04:05:60Z",
    "2026-11-24T04:05:06.", "2026-11-24T04:05", "2026-11-24", "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z", "2026-01-32T00:00:00Z",
    "2026-11-24T24:00:00Z", "2026-11-24T04:60:00Z", "2026-11-24T04:05:61Z", "2026-11-24T04:05:06+24:00", "2026-11-24T04:05:06+0100",
    "2026-11-24T04:05:06Z ", " 2026-11-24T04:05:06Z", "26-11-24T04:05:06Z", "2026-11-24_04:05:06Z", "2026-11-24T04:05:06ZZ", "now", ""];
  for (const schema of [validators(true)(name), validators(false)(name)])
    for (const timestamp of times) {
      const got = await read(name, { key: "k", timestamp });
      assert.equal(schema({ key: "k", timestamp }), got.error === undefined, `'${timestamp}': ${got.error}`);
    }
});

test("what no schema can say, the reader refuses nonetheless", async () => {
  assert.match((await read("cache.miss", '{"key":"a","key":"b"}')).error, /field 'key'.*there twice/);
  assert.match((await read("rag.query.completed", '{"query_id":"q","document_count":1.0,"response_time":1}')).error, /expected an integer, found 1\.0/);
  assert.match((await read("cache.miss", '{"key":"k","timestamp":"2026-02-30T00:00:00"}')).error, /expected an RFC 3339 time/);
  assert.match((await read("cache.miss", `{"key":"k","x":${"[".repeat(99)}${"]".repeat(99)}}`)).error, /nested too deeply/);
  assert.match((await read("cache.miss", '{"key":"k"')).error, /at byte/);
});
