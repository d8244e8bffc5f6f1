import assert from "node:assert/strict";
import { test } from "node:test";
import type { Diagnostic } from "vscode-languageserver/node";
import { bundledText, releases } from "../support/bundledPolicies.ts";
import { startPair, type LspPairOptions } from "../support/lspPair.ts";
import { createMemoryHost, type MemoryEntry } from "../support/memoryHost.ts";

const main = "/etc/nginx/nginx.conf";
const site = "/etc/nginx/conf.d/site.conf";
const upstreams = "/etc/nginx/conf.d/upstreams.conf";
const files: Readonly<Record<string, MemoryEntry>> = {
  [main]: "events {}\nhttp {\n  include conf.d/*.conf;\n}\n",
  [site]: "server {\n  listen 80;\n  location / { proxy_pass http://app; }\n}\n",
  [upstreams]: "upstream app {\n  server 127.0.0.1:3000;\n}\n",
};
const uri = (path: string): string => `file://${path}`;
const policies = (name: string): string | undefined => {
  const release = releases.find((each) => each === name);
  return release === undefined ? undefined : bundledText(release);
};
const start = async (options: LspPairOptions = {}, content = files) => {
  const host = createMemoryHost(content, policies);
  return { host, pair: await startPair(host, options) };
};
const saying = ({ message }: Diagnostic): string => (typeof message === "string" ? message : message.value);
const codes = (diagnostics: readonly Diagnostic[]): unknown[] => diagnostics.map((each) => each.code);

test("a finding is published at the server line, with the pass directive of the other file as related information", async () => {
  const { pair } = await start();
  await pair.open(uri(site), String(files[site]));
  const [found] = await pair.until(uri(upstreams), (list) => list.length === 1);
  assert.equal(found?.code, "connect-port");
  assert.deepEqual(found?.range, { start: { line: 1, character: 9 }, end: { line: 1, character: 23 } });
  assert.equal(found?.severity, 1);
  assert.match(found?.codeDescription?.href ?? "", /docs\/rules\/connect-port\.md$/);
  assert.equal(found?.relatedInformation?.[0]?.location.uri, uri(site));
  pair.dispose();
});

test("an edit in one file moves the squiggle in another one, before anything is saved", async () => {
  const { pair } = await start();
  await pair.open(uri(site), String(files[site]));
  await pair.open(uri(upstreams), String(files[upstreams]));
  await pair.until(uri(upstreams), (list) => list.length === 1);
  await pair.edit(uri(upstreams), "upstream app", "upstream other");
  const [moved] = await pair.until(uri(site), (list) => codes(list).includes("connect-port"));
  assert.deepEqual(moved?.range.start, { line: 2, character: 33 });
  await pair.edit(uri(upstreams), "upstream other", "upstream app");
  await pair.until(uri(site), (list) => list.length === 0);
  await pair.until(uri(upstreams), (list) => list.length === 1);
  pair.dispose();
});

test("closing a document without saving goes back to what is on disk", async () => {
  const { pair } = await start();
  await pair.open(uri(site), String(files[site]));
  await pair.open(uri(upstreams), String(files[upstreams]));
  await pair.until(uri(upstreams), (list) => list.length === 1);
  await pair.edit(uri(upstreams), "3000", "53");
  await pair.until(uri(upstreams), (list) => list.length === 0);
  await pair.close(uri(upstreams));
  await pair.until(uri(upstreams), (list) => list.length === 1);
  pair.dispose();
});

test("closing the last document of a configuration clears the diagnostics of every file", async () => {
  const { pair } = await start();
  await pair.open(uri(site), String(files[site]));
  await pair.until(uri(upstreams), (list) => list.length === 1);
  await pair.close(uri(site));
  await pair.until(uri(upstreams), (list) => list.length === 0);
  pair.dispose();
});

test("deleting a file on disk clears its diagnostics and updates those of the others", async () => {
  const { host, pair } = await start();
  await pair.open(uri(site), String(files[site]));
  await pair.until(uri(upstreams), (list) => list.length === 1);
  host.remove(upstreams);
  await pair.client.sendNotification("workspace/didChangeWatchedFiles", {
    changes: [{ uri: uri(upstreams), type: 3 }],
  });
  await pair.until(uri(upstreams), (list) => list.length === 0);
  await pair.until(uri(site), (list) => codes(list).includes("connect-port"));
  pair.dispose();
});

test("renaming a file moves its diagnostics to the new name", async () => {
  const { host, pair } = await start();
  await pair.open(uri(site), String(files[site]));
  await pair.until(uri(upstreams), (list) => list.length === 1);
  const renamed = "/etc/nginx/conf.d/backends.conf";
  host.remove(upstreams);
  host.write(renamed, files[upstreams] ?? "");
  await pair.client.sendNotification("workspace/didRenameFiles", {
    files: [{ oldUri: uri(upstreams), newUri: uri(renamed) }],
  });
  await pair.until(uri(renamed), (list) => list.length === 1);
  await pair.until(uri(upstreams), (list) => list.length === 0);
  pair.dispose();
});

test("the diagnostics that remain after many edits are those of the last text", async () => {
  const { pair } = await start();
  const text = "events {}\nhttp { server { location / { proxy_pass http://127.0.0.1:3000; } } }\n";
  await pair.open(uri("/srv/nginx.conf"), text);
  for (let port = 3000; port < 3040; port++) {
    await pair.edit(uri("/srv/nginx.conf"), `:${port};`, `:${port + 1};`);
  }
  await pair.until(uri("/srv/nginx.conf"), (list) => list.some((each) => saying(each).includes("3040")));
  const versions = pair.publications.filter((each) => each.uri === uri("/srv/nginx.conf")).map((each) => each.version);
  assert.deepEqual(
    versions,
    versions.toSorted((a, b) => (a ?? 0) - (b ?? 0)),
  );
  for (const publication of pair.publications) {
    const port = 2999 + (publication.version ?? 0);
    if (publication.diagnostics.length > 0)
      assert.ok(
        publication.diagnostics.some((each) => saying(each).includes(String(port))),
        `version ${port - 2999}`,
      );
  }
  pair.dispose();
});

test("a changed setting decides anew", async () => {
  const { pair } = await start({}, { ...files, [upstreams]: "upstream app {\n  server 127.0.0.1:9000;\n}\n" });
  await pair.open(uri(site), String(files[site]));
  await pair.until(uri(upstreams), (list) => list.length === 1);
  await pair.configure({ policy: "rhel7" });
  await pair.until(uri(upstreams), (list) => list.length === 0);
  await pair.configure({ policy: "rhel9", severity: { "connect-port": "hint" } });
  const [hint] = await pair.until(uri(upstreams), (list) => list.length === 1);
  assert.equal(hint?.severity, 4);
  pair.dispose();
});

test("settings of the wrong type are ignored with a message", async () => {
  const { pair } = await start({
    settings: { policy: ["rhel7"], severity: 5, booleans: { a: "on" }, maxFileSizeMB: -1 },
  });
  await pair.open(uri(site), String(files[site]));
  await pair.until(uri(upstreams), (list) => list.length === 1);
  assert.equal(pair.logged.filter((each) => each.includes("nginxSelinux.")).length, 4);
  pair.dispose();
});

test("the status says which policy answers, why, and which main file a document belongs to", async () => {
  const { pair } = await start({ settings: {} });
  await pair.open(uri(site), String(files[site]));
  const status = await pair.untilStatus((each) => each.documents.length === 1);
  const [document] = status.documents;
  assert.equal(document?.uri, uri(site));
  assert.equal(document?.mainFile, uri(main));
  assert.equal(document?.policy?.name, "rhel9");
  assert.match(document?.policy?.reason ?? "", /no \/etc\/os-release/);
  pair.dispose();
});

test("a policy that cannot be read is a state, not a crash, and goes away with the setting", async () => {
  const { pair } = await start({ settings: { policy: "/nowhere/policy.json" } });
  await pair.open(uri(site), String(files[site]));
  const status = await pair.untilStatus((each) => each.documents[0]?.error !== undefined);
  assert.match(status.documents[0]?.error ?? "", /cannot read the policy \/nowhere\/policy\.json/);
  await pair.configure({ policy: "rhel9" });
  await pair.until(uri(upstreams), (list) => list.length === 1);
  pair.dispose();
});

test("an untrusted workspace reads nothing outside of it, until it is trusted", async () => {
  const outside = { ...files, [main]: `events {}\nhttp {\n  include conf.d/*.conf;\n  include /outside/*.conf;\n}\n` };
  const content = { ...outside, "/outside/x.conf": "server { location / { proxy_pass http://127.0.0.1:3000; } }\n" };
  const { host, pair } = await start(
    { initializationOptions: { trusted: false, commands: true }, folders: ["/etc/nginx"] },
    content,
  );
  await pair.open(uri(site), String(files[site]));
  await pair.until(uri(upstreams), (list) => list.length === 1);
  assert.deepEqual(
    host.reads.filter((path) => path.startsWith("/outside")),
    [],
  );
  await pair.client.sendNotification("nginxSelinux/trust", { trusted: true });
  await pair.until(uri("/outside/x.conf"), (list) => list.length === 1);
  pair.dispose();
});

test("a configuration whose check fails says so, and stops none of the others", async () => {
  const broken = "/srv/broken/nginx.conf";
  const memory = createMemoryHost({ ...files, "/srv/broken/x.conf": "" }, policies);
  const host = {
    ...memory,
    readFile: (path: string, limit: number): Promise<Uint8Array> =>
      path === "/srv/broken/x.conf" ? Promise.reject(new TypeError("boom")) : memory.readFile(path, limit),
  };
  const pair = await startPair(host);
  await pair.open(uri(broken), "events {}\nhttp { include x.conf; }\n");
  await pair.open(uri(site), String(files[site]));
  await pair.until(uri(upstreams), (list) => list.length === 1);
  const { documents } = await pair.untilStatus((status) => status.documents.length === 2);
  assert.match(documents.find((each) => each.uri === uri(broken))?.error ?? "", /failed \(TypeError: boom\)/);
  assert.equal(documents.find((each) => each.uri === uri(site))?.error, null);
  assert.ok(memory.messages.some((message) => message.includes("boom")));
  pair.dispose();
});

test("a rule that does not exist and a main file that is missing are said", async () => {
  const settings = { policy: "rhel9", severity: { "connect-prot": "off" }, mainFile: "/nowhere/nginx.conf" };
  const { pair } = await start({ settings });
  await pair.open(uri(site), String(files[site]));
  const { documents } = await pair.untilStatus((status) => status.documents.length === 1);
  assert.match(documents[0]?.ignored.join() ?? "", /no rule "connect-prot"\. Did you mean connect-port/);
  assert.match(documents[0]?.ignored.join() ?? "", /mainFile: there is no file \/nowhere\/nginx\.conf/);
  assert.equal(documents[0]?.errors, 1);
  assert.ok(pair.logged.some((line) => /1 error, 0 warnings by .*\(\d+ ms\)$/.test(line)));
  pair.dispose();
});

test("a main file of the settings that cannot be read is said; one that does not include the file is not", async () => {
  const other = { ...files, "/srv/large.conf": "#".repeat(2 ** 21), "/srv/other.conf": "events {}\n" };
  for (const [mainFile, wanted] of [
    ["/srv/large.conf", /mainFile: \/srv\/large\.conf cannot be read: .*larger/],
    ["/srv/other.conf", /^$/],
  ] as const) {
    const { pair } = await start({ settings: { policy: "rhel9", maxFileSizeMB: 1, mainFile } }, other);
    await pair.open(uri(upstreams), String(files[upstreams]));
    const { documents } = await pair.untilStatus((status) => status.documents.length === 1);
    assert.match(documents[0]?.ignored.join() ?? "", wanted);
    assert.equal(documents[0]?.mainFile, uri(main));
    pair.dispose();
  }
});

test("an untrusted workspace follows a release that its settings name, and says which paths it ignores", async () => {
  const initializationOptions = { trusted: false, commands: true };
  const settings = { policy: "rhel7", root: "/evil", mainFile: "/evil/nginx.conf" };
  const { host, pair } = await start({ initializationOptions, settings, folders: ["/etc/nginx"] });
  await pair.open(uri(site), String(files[site]));
  const { documents } = await pair.untilStatus((status) => status.documents.length === 1);
  assert.equal(documents[0]?.policy?.name, "rhel7");
  assert.deepEqual(documents[0].ignored, [
    "nginxSelinux.root (/evil) is ignored: the workspace is not trusted.",
    "nginxSelinux.mainFile (/evil/nginx.conf) is ignored: the workspace is not trusted.",
  ]);
  await pair.configure({ policy: "/etc/nginx/evil.json" });
  const after = await pair.untilStatus((status) => status.documents[0]?.policy?.name === "rhel9");
  assert.deepEqual(after.documents[0]?.ignored, [
    "nginxSelinux.policy (/etc/nginx/evil.json) is ignored: the workspace is not trusted.",
  ]);
  assert.equal(after.documents[0]?.assumed, true);
  assert.deepEqual(
    host.reads.filter((path) => !path.startsWith("/etc/nginx/")),
    [],
  );
  pair.dispose();
});

test("a file that is linked from elsewhere is the open document", async () => {
  const content = {
    "/etc/nginx/nginx.conf": "events {}\nhttp {\n  include sites-enabled/*;\n}\n",
    "/etc/nginx/sites-enabled/app": { link: "/etc/nginx/sites-available/app" },
    "/etc/nginx/sites-available/app": "server { location / { proxy_pass http://127.0.0.1:53; } }\n",
  };
  const { pair } = await start({}, content);
  const available = uri("/etc/nginx/sites-available/app");
  await pair.open(available, content["/etc/nginx/sites-available/app"]);
  await pair.edit(available, ":53;", ":3000;");
  await pair.until(available, (list) => list.length === 1);
  const status = await pair.untilStatus((each) => each.documents.length === 1);
  assert.equal(status.documents[0]?.mainFile, uri("/etc/nginx/nginx.conf"));
  pair.dispose();
});
