// SPDX-License-Identifier: Apache-2.0
// The official client on one side, the command line of innate on the other, a real server between them.
import { test, before, after } from "node:test";
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { connect, headers } from "@nats-io/transport-node";
import { cli, serve, start as startAt } from "./support.mjs";

const examples = process.env.INNATE_EXAMPLES;
let server, nc;
const start = (program, ...args) => startAt(server.url, program, ...args);

before(async () => {
  server = await serve();
  nc = await connect({ servers: server.url });
});

after(async () => {
  await nc.close();
  server.stop();
});

test("innate publishes with headers, nats.js receives", async () => {
  const sub = nc.subscribe("a.*", { max: 2 });
  await nc.flush();
  const { status } = await start(cli, "pub", "a.b", "n {{Count}}", "--count", "2", "-H", "K:1", "-H", "K:2").done;
  assert.equal(status, 0);
  const got = [];
  for await (const m of sub) got.push([m.subject, m.string(), m.headers.values("K")]);
  assert.deepEqual(got, [["a.b", "n 1", ["1", "2"]], ["a.b", "n 2", ["1", "2"]]]);
});

test("nats.js publishes with headers, innate receives", async () => {
  const run = start(cli, "sub", "b.>", "--count", "2", "--json");
  await run.line("subscribed");
  const h = headers();
  h.append("K", "1");
  h.append("K", "2");
  nc.publish("b.x", "hi", { headers: h, reply: "r" });
  nc.publish("b.y.z", new Uint8Array([255, 0]));
  const { status, out } = await run.done;
  assert.equal(status, 0);
  const [first, second] = out.trim().split("\n").map((l) => JSON.parse(l));
  assert.deepEqual(first, { subject: "b.x", reply: "r", headers: { K: ["1", "2"] }, data: "hi" });
  assert.equal(second.data_base64, "/wA=");
});

test("a queue group is shared by both clients", async () => {
  const run = start(cli, "sub", "q", "--queue", "g", "--raw");
  await run.line("subscribed");
  let here = 0;
  const sub = nc.subscribe("q", { queue: "g", callback: () => { ++here; } });
  for (let i = 0; i < 200; ++i) nc.publish("q", "x");
  await nc.flush();
  await sub.drain();
  run.child.kill("SIGINT");
  const { status, out } = await run.done;
  assert.equal(status, 0);
  const there = out.split("\n").filter((l) => l === "x").length;
  assert.equal(here + there, 200);
  assert.ok(here > 0 && there > 0);
});

test("innate requests, nats.js answers", async () => {
  nc.subscribe("svc.js", { callback: (_, m) => m.respond(`js ${m.string()}`) });
  await nc.flush();
  const { status, out } = await start(cli, "request", "svc.js", "hello").done;
  assert.equal(status, 0);
  assert.match(out, /js hello/);
});

test("nats.js requests, innate answers", async () => {
  const run = start(cli, "reply", "svc.cpp", "--echo");
  await run.line("replying");
  const h = headers();
  h.set("K", "v");
  const reply = await nc.request("svc.cpp", "ping", { headers: h, timeout: 5000 });
  assert.equal(reply.string(), "ping");
  assert.equal(reply.headers.get("K"), "v");
  run.child.kill("SIGINT");
  assert.equal((await run.done).status, 0);
});

test("no responders, both ways", async () => {
  const { status, err } = await start(cli, "request", "nobody", "x").done;
  assert.equal(status, 1);
  assert.match(err, /^innate: .*nobody.*\n$/);
  await assert.rejects(nc.request("nobody.either", "x", { timeout: 5000 }), /responders/i);
});

test("a command tells that its server went and came back, and goes on", async () => {
  const first = await serve();
  const run = startAt(first.url, cli, "sub", "outage", "--raw", "--count", "1");
  await run.line("subscribed");
  first.stop();
  await run.line("disconnected");
  const second = await serve(new URL(first.url).port);
  try {
    await run.line("connected again");
    let ended = false;
    const done = run.done.finally(() => { ended = true; });
    while (!ended) await startAt(second.url, cli, "pub", "outage", "x").done; // the first may overtake the SUB
    const { status, out, err } = await done;
    assert.deepEqual([status, out], [0, "x\n"]);
    assert.match(err, /\ninnate: disconnected: .+; connecting again\ninnate: connected again, to nats:\/\/127.0.0.1:\d+\n$/);
  } finally {
    second.stop();
  }
});

test("wrong arguments are one line on stderr and a status", async () => {
  for (const args of [["pub", "a b", "x"], ["-s", "foo://x", "rtt"], ["sub", "a..b"], ["request", "a", "x", "--timeout", "5q"],
    ["pub", "a", "x", "-H", "no colon"], ["-s", "nats://127.0.0.1:99999", "rtt"]]) {
    const { status, err } = await start(cli, ...args).done;
    assert.notEqual(status, 0, args.join(" "));
    assert.match(err, /^innate: .+\n$/, args.join(" "));
  }
});

test("bench reports JSON", async () => {
  const { status, out } = await start(cli, "bench", "pub", "bench", "--msgs", "1000", "--json").done;
  assert.equal(status, 0);
  assert.deepEqual(Object.keys(JSON.parse(out)), ["msgs", "bytes", "seconds", "user_s", "sys_s", "cpu_ns_per_msg"]);
});

test("monitor counts what nats.js publishes, understood or not, until it is interrupted", async () => {
  const run = start(cli, "monitor", "--json", "--interval", "100ms", "--component", "cache", "--component", "agent");
  await run.line("monitoring");
  nc.publish("cache.hit", JSON.stringify({ ttl_remaining: 300, key: "query-123", extra: [1] }));
  nc.publish("cache.miss", JSON.stringify({ key: "query-123" }));
  nc.publish("agent.a1.task.failed", JSON.stringify({ task_id: "t", error: "no" }));
  nc.publish("agent.a1.status", "{");
  nc.publish("rag.documents.updated", JSON.stringify({ document_id: "d", action: "updated" }));
  nc.publish("agent.a1.unheard.of", "");
  await run.line('"unknown":1');
  run.child.kill("SIGINT");
  const { status, out, err } = await run.done;
  assert.equal(status, 0, err);
  const last = JSON.parse(out.trim().split("\n").at(-1));
  assert.deepEqual(Object.keys(last.components), ["agent", "cache"]);
  const { agent, cache } = last.components;
  assert.deepEqual([cache.messages, cache.hits, cache.misses, cache.hit_rate], [2, 1, 1, 0.5]);
  assert.deepEqual([agent.messages, agent.errors, agent.unreadable, agent.unknown], [3, 1, 1, 1]);
  assert.equal(agent.events["agent.{agent_id}.task.failed"].messages, 1);
  assert.deepEqual(last.not_understood.map((m) => m.subject), ["agent.a1.status", "agent.a1.unheard.of"]);
});

test("monitor ends by itself, and refuses what it cannot do in one line", async () => {
  const { status, out } = await start(cli, "monitor", "--duration", "50ms", "--interval", "10s").done;
  assert.equal(status, 0);
  assert.match(out, /^component +messages/m);
  for (const args of [["--component", "nobody"], ["--interval", "0"], ["--duration", "soon"]]) {
    const refused = await start(cli, "monitor", ...args).done;
    assert.equal(refused.status, 1, args.join(" "));
    assert.match(refused.err, /^innate: .+\n$/, args.join(" "));
  }
});

for (const name of ["pub_sub", "request_reply", "queue_group", "headers", "callbacks", "shared_handle", "typed_events"]) {
  test(`example ${name}`, { skip: !examples || !existsSync(join(examples, name)) }, async () => {
    const { status, out, err } = await start(join(examples, name)).done;
    assert.equal(status, 0, err);
    assert.notEqual(out, "");
  });
}

test("example drain_on_sigint", { skip: !examples }, async () => {
  const run = start(join(examples, "drain_on_sigint"));
  await run.line("ready");
  run.child.kill("SIGINT");
  const { status, out } = await run.done;
  assert.equal(status, 0);
  assert.match(out, /drained/);
});
