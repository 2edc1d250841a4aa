// SPDX-License-Identifier: Apache-2.0
// The command line of innate beside the official client, through TLS and as users of nkeys and credentials files.
import { test, before, after } from "node:test";
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, mkdirSync, readFileSync, readdirSync, watch, writeFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect, credsAuthenticator, nkeyAuthenticator, nkeys } from "@nats-io/transport-node";
import { cli, start as startProgram } from "./support.mjs";

const { createAccount, createOperator, createUser } = nkeys;
const folder = mkdtempSync(join(tmpdir(), "innate-secure-"));
const file = (name) => join(folder, name);
const text = (bytes) => new TextDecoder().decode(bytes);
const servers = [];
process.env.XDG_CONFIG_HOME = file("config");  // contexts are the tests' own

function put(name, content) {
  writeFileSync(file(name), content);
  return file(name);
}

// A CA, and certificates of it for the server and for a client.
function makeCertificates() {
  const openssl = (...args) => execFileSync("openssl", args, { cwd: folder, stdio: "ignore" });
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
  openssl("req", "-x509", ...key, "-keyout", "ca.key", "-out", "ca.pem", "-days", "2", "-subj", "/CN=CA");
  put("names", "subjectAltName=DNS:localhost\n");
  for (const name of ["server", "client"]) {
    openssl("req", ...key, "-keyout", `${name}.key`, "-out", `${name}.csr`, "-subj", `/CN=${name}`);
    openssl("x509", "-req", "-in", `${name}.csr`, "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2",
      "-extfile", "names", "-out", `${name}.pem`);
  }
}

function jwt(issuer, subject, nats) {
  const part = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const claims = { jti: "TEST", iat: Math.floor(Date.now() / 1000) - 60, iss: issuer.getPublicKey(), name: "test", sub: subject, nats };
  const signed = `${part({ typ: "JWT", alg: "ed25519-nkey" })}.${part(claims)}`;
  return `${signed}.${Buffer.from(issuer.sign(Buffer.from(signed))).toString("base64url")}`;
}

// Starts a server with this configuration and gives its port.
function serve(name, config) {
  const ports = file(`${name}-ports`);
  mkdirSync(ports);
  const port = new Promise((resolve) => {
    const look = () => {
      const found = readdirSync(ports).find((f) => f.endsWith(".ports"));
      const read = found ? readFileSync(join(ports, found), "utf8") : "";
      if (!read.trim().endsWith("}")) return;
      watcher.close();
      resolve(new URL(JSON.parse(read).nats[0].replace(/^(nats|tls):/, "http:")).port);
    };
    const watcher = watch(ports, look);
  });
  const path = put(`${name}.conf`, `listen: "127.0.0.1:-1"\n${config}\n`);
  servers.push(spawn(process.env.INNATE_NATS_SERVER, ["-c", path, "--ports_file_dir", ports], { stdio: "ignore" }));
  return port;
}

const start = (...args) => startProgram(undefined, cli, ...args);

// One message each way between the official client and the command line.
async function exchange(nc, args) {
  const sub = nc.subscribe("to.js", { max: 1 });
  await nc.flush();
  const sent = await start("pub", "to.js", "from innate", ...args).done;
  assert.equal(sent.status, 0, sent.err);
  for await (const m of sub) assert.equal(m.string(), "from innate");
  const run = start("sub", "to.innate", "--count", "1", "--raw", ...args);
  await run.line("subscribed");
  nc.publish("to.innate", "from js");
  const { status, out } = await run.done;
  assert.equal(status, 0);
  assert.equal(out.trim(), "from js");
  await nc.close();
}

// Writes a NATS context, and selects it when asked to.
function context(name, settings, select = false) {
  mkdirSync(file("config/nats/context"), { recursive: true });
  if (select) put("config/nats/context.txt", `${name}\n`);
  return put(`config/nats/context/${name}.json`, typeof settings === "string" ? settings : JSON.stringify(settings));
}

async function refused(pattern, args) {
  const { status, err } = await start("rtt", ...args).done;
  assert.equal(status, 1);
  assert.match(err, /^innate: .+\n$/);
  assert.match(err, pattern);
}

before(makeCertificates);
after(() => {
  for (const server of servers) server.kill("SIGKILL");
  rmSync(folder, { recursive: true, force: true });
});

test("client certificates and nkeys", async () => {
  const user = createUser();
  const seed = put("user.nk", text(user.getSeed()));
  const port = await serve("tls", `tls { cert_file: "${file("server.pem")}", key_file: "${file("server.key")}",
    ca_file: "${file("ca.pem")}", verify: true }
    authorization { users: [ { nkey: ${user.getPublicKey()} } ] }`);
  const at = ["-s", `tls://localhost:${port}`];
  const trust = ["--tlsca", file("ca.pem")];
  const identity = ["--tlscert", file("client.pem"), "--tlskey", file("client.key")];
  const nc = await connect({
    servers: `localhost:${port}`,
    authenticator: nkeyAuthenticator(user.getSeed()),
    tls: { caFile: file("ca.pem"), certFile: file("client.pem"), keyFile: file("client.key") },
  });
  await exchange(nc, [...at, ...trust, ...identity, "--nkey", seed]);
  await refused(/CA that is not trusted/, [...at, ...identity, "--nkey", seed]);
  await refused(/wants a client certificate/, [...at, ...trust, "--nkey", seed]);
  await refused(/none to give/, [...at, ...trust, ...identity]);
  await refused(/another host/, ["-s", `tls://127.0.0.1:${port}`, ...trust, ...identity, "--nkey", seed]);
  await refused(/none\.pem/, [...at, "--tlsca", file("none.pem")]);
  await refused(/nonsense\.pem/, [...at, "--tlsca", put("nonsense.pem", "no PEM")]);
  await refused(/private key file '.*none\.key'/, [...at, ...trust, "--tlscert", file("client.pem"), "--tlskey", file("none.key")]);
  await refused(/--tlskey needs --tlscert/, [...at, "--tlskey", file("client.key")]);
  await refused(/nkey file '.*none\.nk'/, [...at, ...trust, ...identity, "--nkey", file("none.nk")]);

  const all = { url: `tls://localhost:${port}`, nkey: seed, ca: file("ca.pem"), cert: file("client.pem"), key: file("client.key") };
  context("secure", all, true);
  const again = () => connect({
    servers: `localhost:${port}`,
    authenticator: nkeyAuthenticator(user.getSeed()),
    tls: { caFile: file("ca.pem"), certFile: file("client.pem"), keyFile: file("client.key") },
  });
  await exchange(await again(), []);
  put("config/nats/context.txt", "");  // none is selected from here on
  await exchange(await again(), ["--context", "secure"]);
  await exchange(await again(), ["--context", context("wrong-url", { ...all, url: "nats://localhost:1" }), ...at]);
  await refused(/none to give/, ["--context", context("nobody", { ...all, nkey: "" })]);
  await exchange(await again(), ["--context", "nobody", "--nkey", seed]);
  await refused(/CA that is not trusted/, ["--context", context("no-ca", { ...all, ca: "" })]);
  await refused(/'.*moved\.pem'/, ["--context", context("moved", { ...all, ca: file("moved.pem") })]);
  await refused(/connection|refused|reach/i, ["--no-context", "-s", "nats://127.0.0.1:1"]);
});

test("contexts that cannot be used", async () => {
  await refused(/gone\.json.*no such NATS context/, ["--context", "gone"]);
  await refused(/bad\.json.*byte 1/, ["--context", context("bad", "{")]);
  await refused(/typed\.json.*'token'.*quotes/, ["--context", context("typed", { token: 5 })]);
  await refused(/two\.json.*'creds'.*'user'/, ["--context", context("two", { user: "a", creds: "b" })]);
  await refused(/proxy\.json.*'socks_proxy'/, ["--context", context("proxy", { socks_proxy: "socks5://127.0.0.1" })]);
  await refused(/nsc\.json.*'nsc'.*'url' and 'creds'/, ["--context", context("nsc", { nsc: "nsc://o/a/u" })]);
  const secret = await start("rtt", "--context", context("secret", { password: "s3cret", url: "nats://a:s3cret@h:0" })).done;
  assert.equal(secret.status, 1);
  assert.doesNotMatch(secret.err, /s3cret/);
});

test("credentials files", async () => {
  const [operator, account, user] = [createOperator(), createAccount(), createUser()];
  const limits = { subs: -1, data: -1, payload: -1, imports: -1, exports: -1, wildcards: true, conn: -1, leaf: -1 };
  const permissions = { pub: {}, sub: {} };
  const byOperator = jwt(operator, operator.getPublicKey(), { type: "operator", version: 2 });
  const byAccount = jwt(operator, account.getPublicKey(), { type: "account", version: 2, limits, default_permissions: permissions });
  const byUser = jwt(account, user.getPublicKey(), { type: "user", version: 2, subs: -1, data: -1, payload: -1, ...permissions });
  const creds = `-----BEGIN NATS USER JWT-----\n${byUser}\n------END NATS USER JWT------\n\n` +
    `-----BEGIN USER NKEY SEED-----\n${text(user.getSeed())}\n------END USER NKEY SEED------\n`;
  const port = await serve("jwt", `operator: ${byOperator}\nresolver: MEMORY
    resolver_preload: { ${account.getPublicKey()}: ${byAccount} }`);
  const at = ["-s", `nats://127.0.0.1:${port}`];
  const nc = await connect({ servers: `127.0.0.1:${port}`, authenticator: credsAuthenticator(Buffer.from(creds)) });
  await exchange(nc, [...at, "--creds", put("user.creds", creds)]);
  await refused(/half\.creds' has no SEED block/, [...at, "--creds", put("half.creds", creds.slice(0, creds.indexOf("-----BEGIN USER")))]);
  await refused(/none\.creds/, [...at, "--creds", file("none.creds")]);
});
