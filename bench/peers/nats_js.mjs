// SPDX-License-Identifier: Apache-2.0
// The JavaScript client of the NATS project: node nats_js.mjs publish|receive|request|subscriptions --port N …
// It is taken from where the interoperability tests have it installed.
import fs from "node:fs";
import { createRequire } from "node:module";

const require = createRequire(new URL("../../tests/interop/package.json", import.meta.url));
const { connect } = require("@nats-io/transport-node");

const [what, ...words] = process.argv.slice(2);
const given = {};
for (let i = 0; i + 1 < words.length; i += 2) given[words[i].replace(/^--/, "")] = words[i + 1];
const number = (name, otherwise) => Number(given[name] ?? otherwise);
const dial = () => connect({ servers: `127.0.0.1:${given.port}` });

function ofProcess(name) {
  const line = fs.readFileSync("/proc/self/status", "utf8").split("\n").find((l) => l.startsWith(`${name}:`));
  return line ? Number(line.split(/\s+/)[1]) : 0;
}

function start() {
  const wall = process.hrtime.bigint();
  const usage = process.cpuUsage();
  return (of, messages, more = {}) => {
    const used = process.cpuUsage(usage);
    console.log(JSON.stringify({
      what: `nats.js ${of}`, messages, wall_s: Number(process.hrtime.bigint() - wall) / 1e9,
      cpu_s: (used.user + used.system) / 1e6, user_s: used.user / 1e6, sys_s: used.system / 1e6,
      rss_kib: ofProcess("VmRSS"), anon_kib: ofProcess("RssAnon"), threads: ofProcess("Threads"), ...more,
    }));
  };
}

async function publish() {
  const count = number("count", 100000);
  const payload = Buffer.alloc(number("size", 16), "x");
  const c = await dial();
  const send = async (messages) => {
    for (let i = 1; i <= messages; ++i) {
      c.publish("bench.data", payload);
      // It buffers without bound until it is given time to write.
      if (i % 16384 === 0) await c.flush();
    }
    await c.flush();
  };
  await send(count / 10);
  const stop = start();
  await send(count);
  stop("publish", count);
  await c.close();
}

async function receive() {
  const count = number("count", 100000);
  const payload = Buffer.alloc(number("size", 16), "x");
  const c = await dial();
  const messages = c.subscribe("bench.data")[Symbol.asyncIterator]();
  const take = async (wanted) => {
    c.publish(`go.${wanted}.first.${given.form ?? "plain"}`, payload);
    let bytes = 0;
    for (let i = 0; i !== wanted; ++i) bytes += (await messages.next()).value.data.length;
    if (bytes !== wanted * payload.length) throw new Error("not every byte arrived");
  };
  await take(count / 10);
  const stop = start();
  await take(count);
  stop("receive", count);
  await c.close();
}

async function request() {
  const count = number("count", 10000);
  const payload = Buffer.alloc(number("size", 16), "x");
  const c = await dial();
  const taken = [];
  const ask = async (requests) => {
    for (let i = 0; i !== requests; ++i) {
      const began = process.hrtime.bigint();
      await c.request("bench.echo", payload, { timeout: 5000 });
      taken.push(Number(process.hrtime.bigint() - began) / 1e3);
    }
  };
  await ask(count / 10);
  taken.length = 0;
  const stop = start();
  await ask(count);
  const sorted = taken.sort((a, b) => a - b);
  const percentile = (p) => sorted[Math.floor(((sorted.length - 1) * p) / 100)];
  stop("request", count, { p50_us: percentile(50), p90_us: percentile(90), p99_us: percentile(99) });
  await c.close();
}

async function subscriptions() {
  const count = number("subscriptions", 1000);
  const c = await dial();
  await c.flush();
  const before = ofProcess("RssAnon");
  const stop = start();
  for (let i = 0; i !== count; ++i) c.subscribe(`bench.s${i}`, { callback: () => {} });
  await c.flush();
  stop("subscriptions", count, { added_kib: ofProcess("RssAnon") - before });
  await c.close();
}

const version = async () => console.log(require("@nats-io/transport-node/package.json").version);
const scenarios = { publish, receive, request, subscriptions, version };
if (!scenarios[what]) throw new Error("usage: nats_js.mjs publish|receive|request|subscriptions|version --port N …");
await scenarios[what]();
