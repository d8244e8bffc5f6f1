/** What other editors' clients do: settings in the options of `initialize`, no answers, no Markdown. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Hover } from "vscode-languageserver/node";
import { bundledText } from "../support/bundledPolicies.ts";
import { startPair, type LspPairOptions } from "../support/lspPair.ts";
import { createMemoryHost } from "../support/memoryHost.ts";

const main = "file:///etc/nginx/nginx.conf";
const text = "events {}\nhttp { server { location / { proxy_pass http://127.0.0.1:9000; } } }\n";
const start = async (options: LspPairOptions) => {
  const host = createMemoryHost({ "/etc/nginx/nginx.conf": text }, (name) =>
    name === "rhel9" || name === "rhel7" ? bundledText(name) : undefined,
  );
  const pair = await startPair(host, options);
  await pair.open(main, text);
  return { host, pair };
};
const noSettings = { textDocument: { hover: { contentFormat: ["markdown" as const] } } };

test("settings in the options of initialize hold, as a section or bare, and only an explicit false restricts", async () => {
  const options = [
    { commands: true, policy: "rhel7" },
    { commands: true, nginxSelinux: { policy: "rhel7" } },
    { commands: true, trusted: true, nginxSelinux: { policy: "rhel7" } },
  ];
  for (const initializationOptions of options) {
    const { pair } = await start({ initializationOptions, capabilities: noSettings });
    await pair.untilStatus(({ documents }) => documents[0]?.policy?.name === "rhel7");
    pair.dispose();
  }
  const { pair } = await start({ initializationOptions: {}, capabilities: noSettings });
  await pair.until(main, (list) => list.length === 1);
  pair.dispose();
});

test("a policy by its path is read for a client that knows of no trust, and not where trust is refused", async () => {
  for (const [trusted, wanted] of [
    [undefined, /cannot read the policy \/nowhere/],
    [false, null],
  ] as const) {
    const initializationOptions = { commands: true, policy: "/nowhere", ...(trusted === false ? { trusted } : {}) };
    const { pair } = await start({ initializationOptions, capabilities: noSettings });
    const { documents } = await pair.untilStatus((status) => status.documents.length === 1);
    if (wanted === null) assert.equal(documents[0]?.policy?.source, "bundled");
    else assert.match(documents[0]?.error ?? "", wanted);
    pair.dispose();
  }
});

test("a client that never answers the question for its settings gets the defaults after a while", async () => {
  const { pair } = await start({ silent: true, initializationOptions: { policy: "rhel9" } });
  pair.elapse();
  await pair.until(main, (list) => list.length === 1);
  assert.match(pair.logged.join(), /did not answer workspace\/configuration/);
  pair.dispose();
});

test("a client that answers the question with an error, or with nothing, gets what its options and its pushes say", async () => {
  const restricted = { commands: true, trusted: false, policy: "rhel7" };
  for (const more of [{ refusing: true }, { settings: null }]) {
    const { pair } = await start({ initializationOptions: restricted, ...more });
    const { documents } = await pair.untilStatus((status) => status.documents.length === 1);
    assert.equal(documents[0]?.policy?.name, "rhel7");
    // Without trust no policy is read by its path, whatever the answer was.
    await pair.client.sendNotification("workspace/didChangeConfiguration", { settings: { policy: "/nowhere" } });
    await pair.untilStatus((status) => /\/nowhere\) is ignored/.test(status.documents[0]?.ignored.join() ?? ""));
    await pair.client.sendNotification("workspace/didChangeConfiguration", { settings: { policy: "rhel9" } });
    await pair.untilStatus((status) => status.documents[0]?.policy?.name === "rhel9");
    pair.dispose();
  }
});

test("a client without a status item is shown what is not checked and what is not followed, once until it is mended", async () => {
  const { pair } = await start({ initializationOptions: {}, settings: { policy: "rhel99" } });
  await pair.open("file:///etc/nginx/conf.d/other.conf", "server { listen 9001; }\n");
  await pair.untilShown((messages) => messages.length === 1);
  await pair.configure({ policy: "rhel9", severity: { "connect-prot": "off" } });
  await pair.until(main, (list) => list.length === 1);
  await pair.configure({ policy: "rhel99" });
  const messages = await pair.untilShown(({ length }) => length === 3);
  const unchecked = /^This configuration is not checked against SELinux: there is no bundled policy "rhel99"/;
  const wanted = [unchecked, /^nginxSelinux\.severity: there is no rule "connect-prot"/, unchecked];
  for (const [i, message] of messages.entries()) assert.match(message, wanted[i] ?? /nothing/);
  pair.dispose();
});

test("our own client is shown nothing: it has a status item; the first line of the log says the version to others", async () => {
  const { pair } = await start({ initializationOptions: { commands: true }, settings: { policy: "rhel99" } });
  await pair.untilStatus(({ documents }) => documents[0]?.error?.includes("rhel99") === true);
  assert.deepEqual(pair.shown, []);
  assert.deepEqual(pair.initialized.serverInfo, { name: "nginx-selinux", version: "1.2.3" });
  pair.dispose();
  const { pair: other } = await start({ initializationOptions: {}, settings: { policy: "rhel9" } });
  await other.until(main, (list) => list.length === 1);
  assert.equal(other.logged[0], "SELinux for nginx 1.2.3");
  other.dispose();
});

test("a client that shows no Markdown gets hovers as plain text", async () => {
  const { pair } = await start({ initializationOptions: { policy: "rhel9" }, capabilities: {} });
  await pair.until(main, (list) => list.length === 1);
  const hover = await pair.client.sendRequest<Hover>("textDocument/hover", {
    textDocument: { uri: main },
    position: { line: 1, character: 55 },
  });
  assert.ok(typeof hover.contents === "object" && "kind" in hover.contents);
  assert.equal(hover.contents.kind, "plaintext");
  assert.match(hover.contents.value, /connects to tcp port 9000/);
  assert.doesNotMatch(hover.contents.value, /[*`\\]|---/);
  pair.dispose();
});
