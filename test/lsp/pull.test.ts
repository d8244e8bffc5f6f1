import assert from "node:assert/strict";
import { test } from "node:test";
import { CancellationTokenSource, type DocumentDiagnosticReport } from "vscode-languageserver/node";
import { bundledText } from "../support/bundledPolicies.ts";
import { pullCapabilities, startPair, type LspPair } from "../support/lspPair.ts";
import { createMemoryHost } from "../support/memoryHost.ts";

const site = "file:///etc/nginx/conf.d/site.conf";
const upstreams = "file:///etc/nginx/conf.d/upstreams.conf";
const siteText = "server {\n  listen 80;\n  location / { proxy_pass http://app; }\n}\n";
const start = async () => {
  const host = createMemoryHost(
    {
      "/etc/nginx/nginx.conf": "events {}\nhttp {\n  include conf.d/*.conf;\n}\n",
      "/etc/nginx/conf.d/site.conf": siteText,
      "/etc/nginx/conf.d/upstreams.conf": "upstream app {\n  server 127.0.0.1:3000;\n}\n",
    },
    (name) => (name === "rhel9" ? bundledText(name) : undefined),
  );
  return { host, pair: await startPair(host, { capabilities: pullCapabilities }) };
};
const pull = (pair: LspPair, uri: string, previousResultId?: string): Promise<DocumentDiagnosticReport> =>
  pair.client.sendRequest("textDocument/diagnostic", {
    textDocument: { uri },
    ...(previousResultId === undefined ? {} : { previousResultId }),
  });

test("a client that takes the diagnostics of other files pulls, and nothing is pushed to it", async () => {
  const { pair } = await start();
  assert.equal(pair.initialized.capabilities.diagnosticProvider?.interFileDependencies, true);
  await pair.open(site, siteText);
  const report = await pull(pair, site);
  assert.equal(report.kind, "full");
  const related = report.relatedDocuments?.[upstreams];
  assert.ok(related?.kind === "full");
  assert.deepEqual(
    related.items.map((each) => each.code),
    ["connect-port"],
  );
  assert.equal(pair.publications.length, 0);
  pair.dispose();
});

test("a second pull without a change says that nothing has changed", async () => {
  const { pair } = await start();
  await pair.open(site, siteText);
  const first = await pull(pair, site);
  assert.equal((await pull(pair, site, first.resultId)).kind, "unchanged");
  pair.dispose();
});

test("a related file whose finding is gone is reported empty", async () => {
  const { host, pair } = await start();
  await pair.open(site, siteText);
  const first = await pull(pair, site);
  host.write("/etc/nginx/conf.d/upstreams.conf", "upstream app {\n  server 127.0.0.1:53;\n}\n");
  await pair.client.sendNotification("workspace/didChangeWatchedFiles", { changes: [{ uri: upstreams, type: 2 }] });
  const second = await pull(pair, site, first.resultId);
  assert.deepEqual(second.relatedDocuments?.[upstreams], { kind: "full", items: [] });
  pair.dispose();
});

test("a cancelled pull is answered as cancelled", async () => {
  const { host, pair } = await start();
  await pair.open(site, siteText);
  const source = new CancellationTokenSource();
  host.onYield = () => source.cancel();
  const request = pair.client.sendRequest("textDocument/diagnostic", { textDocument: { uri: site } }, source.token);
  source.cancel();
  await assert.rejects(request, /cancel/i);
  pair.dispose();
});

test("the server asks for another pull when a file changes on disk", async () => {
  const { pair } = await start();
  await pair.open(site, siteText);
  await pull(pair, site);
  const before = pair.refreshes();
  await pair.client.sendNotification("workspace/didChangeWatchedFiles", { changes: [{ uri: upstreams, type: 2 }] });
  await pair.untilStatus(() => pair.refreshes() > before);
  pair.dispose();
});
