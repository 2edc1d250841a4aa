// SPDX-License-Identifier: Apache-2.0
// What the tests share: a server of their own, programs beside it, and what was published in between.
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync, watch } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

export const cli = process.env.INNATE_CLI;
const build = dirname(dirname(cli));
export const system = join(build, "tools", "system");
export const understand = join(build, "tests", "interop", "understand");

// A server on a port of the loopback interface, by default a free one; `stop` ends it.
export async function serve(port = -1) {
  const folder = mkdtempSync(join(tmpdir(), "innate-interop-"));
  const child = spawn(process.env.INNATE_NATS_SERVER, ["-a", "127.0.0.1", "-p", String(port), "--ports_file_dir", folder], { stdio: "ignore" });
  const url = await new Promise((resolve) => {
    const look = () => {
      const found = readdirSync(folder).find((f) => f.endsWith(".ports"));
      const text = found ? readFileSync(join(folder, found), "utf8") : "";
      if (!text.trim().endsWith("}")) return;
      watcher.close();
      resolve(JSON.parse(text).nats[0]);
    };
    const watcher = watch(folder, look);
    look();
  });
  return {
    url,
    stop: () => {
      child.kill("SIGKILL");
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

// Starts a program, on the server of this URL when there is one; `line(text)` resolves when it has written the text, `done` with status and output when it ended.
export function start(url, program, ...args) {
  const child = spawn(program, args, { env: url ? { ...process.env, NATS_URL: url } : process.env });
  let out = "", err = "";
  const waiting = [];
  const look = () => waiting.splice(0).forEach(([text, resolve]) =>
    (out + err).includes(text) ? resolve() : waiting.push([text, resolve]));
  child.stdout.on("data", (d) => { out += d; look(); });
  child.stderr.on("data", (d) => { err += d; look(); });
  child.stdin.end();
  return {
    child,
    line: (text) => new Promise((resolve) => { waiting.push([text, resolve]); look(); }),
    done: new Promise((resolve) => child.on("close", (status) => resolve({ status, out, err }))),
  };
}

// All of the catalogue, as `innate events` exports it.
export async function catalogue(format) {
  const { status, out, err } = await start(undefined, cli, "events", "--format", format).done;
  if (status !== 0) throw new Error(err);
  return JSON.parse(out);
}

// The rows of an AsyncAPI document: operation, component, event names, address, whether the component sends it.
export function rowsOf(asyncapi) {
  return Object.entries(asyncapi.operations).map(([operation, o]) => ({
    operation,
    component: o.tags[0].name,
    sends: o.action === "send",
    address: asyncapi.channels[o.channel.$ref.split("/").at(-1)].address,
    events: o.messages.map((m) => m.$ref.split("/").at(-1)),
  }));
}

// Everything that is published, in order, but for what the tests themselves publish.
export class Recorder {
  #seen = [];
  #waiting = [];

  constructor(nc, isOwn) {
    nc.subscribe(">", {
      callback: (_, m) => {
        if (isOwn(m)) return;
        this.#seen.push(m);
        this.#waiting.splice(0).forEach((look) => look());
      },
    });
  }

  get seen() { return this.#seen; }

  // The first message from here on, or from a place in `seen`, that is as wanted.
  until(wanted, from = this.#seen.length) {
    return new Promise((resolve) => {
      const look = () => {
        while (from < this.#seen.length) {
          const m = this.#seen[from++];
          if (wanted(m)) return resolve(m);
        }
        this.#waiting.push(look);
      };
      look();
    });
  }
}
