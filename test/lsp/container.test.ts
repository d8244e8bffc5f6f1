import assert from "node:assert/strict";
import { test } from "node:test";
import type { Diagnostic } from "vscode-languageserver/node";
import { bundledText } from "../support/bundledPolicies.ts";
import { startPair, type LspPair, type LspPairOptions } from "../support/lspPair.ts";
import { createMemoryHost, type MemoryEntry, type MemoryHost } from "../support/memoryHost.ts";

const folder = "/home/me/repo";
const main = `${folder}/nginx/nginx.conf`;
const uri = `file://${main}`;
const text = "events {}\nhttp { server { location / { proxy_pass http://127.0.0.1:3000; } } }\n";
const compose = `${folder}/docker-compose.yml`;
const mounts = "services:\n  web:\n    image: nginx\n    volumes:\n      - ./nginx:/etc/nginx:ro\n";
const reason = "../docker-compose.yml, line 5, mounts this configuration into a container";

async function start(
  files: Readonly<Record<string, MemoryEntry>>,
  options: LspPairOptions = {},
): Promise<{ readonly host: MemoryHost; readonly pair: LspPair }> {
  const host = createMemoryHost({ ...files, [main]: text }, (name) =>
    name === "rhel9" ? bundledText(name) : undefined,
  );
  const pair = await startPair(host, { folders: [folder], ...options });
  await pair.open(uri, text);
  return { host, pair };
}
const saying = (rule: string) => (diagnostics: readonly Diagnostic[]) =>
  diagnostics.length > 0 && diagnostics.every(({ code }) => code === rule);
const changed = (pair: LspPair): Promise<void> =>
  pair.client.sendNotification("workspace/didChangeWatchedFiles", { changes: [] });

test("a compose file that mounts the configuration ends its findings, and the status says why", async () => {
  const { pair } = await start({ [compose]: mounts });
  const [finding] = await pair.until(uri, saying("not-confined"));
  assert.ok(String(finding?.message).includes(reason));
  const { documents } = await pair.untilStatus((status) => status.documents.length > 0);
  assert.equal(documents[0]?.container, reason);
  pair.dispose();
});

test("the answer follows the compose file when it appears, changes and goes", async () => {
  const { host, pair } = await start({});
  await pair.until(uri, saying("connect-port"));
  host.write(compose, mounts);
  await changed(pair);
  await pair.until(uri, saying("not-confined"));
  host.write(compose, mounts.replace("./nginx:", "./site:"));
  await changed(pair);
  await pair.until(uri, saying("connect-port"));
  const { documents } = await pair.untilStatus((status) => status.documents[0]?.container === null);
  assert.equal(documents[0]?.error, null);
  pair.dispose();
});

test("the setting decides against what the files say, at once", async () => {
  const { pair } = await start({ [compose]: mounts }, { settings: { policy: "rhel9", container: "no" } });
  await pair.until(uri, saying("connect-port"));
  await pair.configure({ policy: "rhel9", container: "yes" });
  await pair.until(uri, saying("not-confined"));
  await pair.untilStatus((status) => status.documents[0]?.container === "that was asked for");
  await pair.configure({ policy: "rhel9" });
  await pair.untilStatus((status) => status.documents[0]?.container === reason);
  pair.dispose();
});

test("an untrusted workspace is looked at too, and nothing outside of it", async () => {
  const outside = { "/home/me/docker-compose.yml": mounts.replace("./nginx", "./repo/nginx") };
  const { host, pair } = await start(outside, { initializationOptions: { trusted: false, commands: true } });
  await pair.until(uri, saying("connect-port"));
  assert.ok(!host.reads.includes("/home/me/docker-compose.yml"));
  host.write(compose, mounts);
  await changed(pair);
  await pair.until(uri, saying("not-confined"));
  assert.deepEqual(host.runs, []);
  pair.dispose();
});

test("a hover says that nothing was asked, and why", async () => {
  const { pair } = await start({ [compose]: mounts });
  await pair.until(uri, saying("not-confined"));
  const hover = await pair.client.sendRequest("textDocument/hover", {
    textDocument: { uri },
    position: { line: 1, character: text.split("\n")[1]?.indexOf("127") ?? 0 },
  });
  assert.ok(JSON.stringify(hover).includes(reason), JSON.stringify(hover));
  pair.dispose();
});

test("a mount without a label is a diagnostic in the compose file, which need not be open, until it has one", async () => {
  const { host, pair } = await start({ [compose]: mounts });
  const composeUri = `file://${compose}`;
  const [finding] = await pair.until(composeUri, saying("container-mount"));
  assert.deepEqual(finding?.range, { start: { line: 4, character: 8 }, end: { line: 4, character: 29 } });
  assert.equal(finding.severity, 2);
  host.write(compose, mounts.replace(":ro", ":ro,Z"));
  await changed(pair);
  await pair.until(composeUri, (diagnostics) => diagnostics.length === 0);
  await pair.until(uri, saying("not-confined"));
  await pair.configure({ policy: "rhel9", container: "no" });
  host.write(compose, mounts);
  await changed(pair);
  await pair.until(uri, saying("connect-port"));
  pair.dispose();
});
