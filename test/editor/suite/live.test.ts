import assert from "node:assert/strict";
import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as vscode from "vscode";
import type { Exports } from "../../../client/src/extension.ts";
import { writeLiveTree } from "../../support/liveDirectory.ts";
import type { LiveTree } from "../../support/liveTree.ts";
import { webPolicy } from "../../support/policies/webPolicy.ts";
import { say } from "./say.ts";
import {
  actionsAt,
  diagnosticOf,
  diagnosticsWhen,
  file,
  open,
  revert,
  ruleOf,
  set,
  silentAbout,
  startedExtension,
  waitFor,
} from "./support.ts";

/** A host that refuses port 8100, which is db_port_t there: the boolean that opens it was turned off. */
const tree: LiveTree = { policy: webPolicy(33), booleans: { connect_db: false } };
const text = "events {}\nhttp { server { location / { proxy_pass http://127.0.0.1:8100; } } }\n";
/** What "by itself, within a second" is held to. */
const second = 1000;

let extension: Exports;
let host: string;
let document: vscode.TextDocument;

async function statusThat(wanted: (status: ReturnType<Exports["status"]>) => boolean): Promise<void> {
  await waitFor(extension.onDidChangeStatus, () => (wanted(extension.status()) ? true : null));
}

/** Replaces a file as tools do: the new one gets the old one's name. */
function replaceFile(path: string, content: string): void {
  writeFileSync(`${join(host, path)}.new`, content);
  renameSync(`${join(host, path)}.new`, join(host, path));
}

function setBoolean(name: string, value: boolean): void {
  const digit = value ? 1 : 0;
  writeFileSync(join(host, "sys/fs/selinux/booleans", name), `${digit} ${digit}`);
}

/** Milliseconds until the change on the host has arrived. */
async function timed(change: () => void, arrived: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  change();
  await arrived();
  return performance.now() - began;
}

describe("a running host", () => {
  before(async () => {
    extension = await startedExtension();
    host = mkdtempSync(join(tmpdir(), "nginx-selinux-host-"));
    writeLiveTree(host, tree);
    await vscode.workspace.fs.writeFile(file("live/nginx.conf"), Buffer.from(text));
    await set("root", host);
    document = await open("live/nginx.conf");
  });

  beforeEach(() => set("policy", "auto"));

  after(async () => {
    await set("root", undefined);
    await set("policy", "rhel9");
    rmSync(host, { recursive: true, force: true });
  });

  it("answers by itself, and the status item says which one, how it enforces, and why", async () => {
    const diagnostic = await diagnosticOf(document.uri, "connect-port");
    assert.equal(document.getText(diagnostic.range), "127.0.0.1:8100");
    await statusThat(({ text: shown }) => shown === "SELinux: live, enforcing");
    assert.match(extension.status().detail, /^auto: the policy of /);
  });

  it("takes the squiggle away within a second when a boolean flips on disk, and brings it back", async () => {
    await diagnosticOf(document.uri, "connect-port");
    const times: number[] = [];
    for (let round = 0; round < 3; round++) {
      const on = (): void => setBoolean("connect_db", true);
      const off = (): void => setBoolean("connect_db", false);
      times.push(await timed(on, () => silentAbout(document.uri, "connect-port")));
      times.push(await timed(off, () => diagnosticOf(document.uri, "connect-port")));
    }
    say(`      a boolean flipped on disk: ${times.map((time) => `${time.toFixed(0)} ms`).join(", ")}`);
    // The fastest: the others tell how busy the machine was.
    assert.ok(Math.min(...times) < second);
  });

  it("says that inserted commands are to be run, and nothing any more once they were", async () => {
    const { range } = await diagnosticOf(document.uri, "connect-port");
    const actions = await actionsAt(document.uri, range);
    const edit = actions.find(({ title }) => title.startsWith("Insert commands: allow connections to db_port_t"))?.edit;
    assert.ok(edit, actions.map(({ title }) => title).join());
    assert.equal(await vscode.workspace.applyEdit(edit), true);
    await diagnosticsWhen(document.uri, (all) =>
      all.some(({ message }) => message.includes("inserted above: run them")),
    );
    setBoolean("connect_db", true);
    await silentAbout(document.uri, "connect-port");
    setBoolean("connect_db", false);
    await revert(document);
  });

  it("is followed when its mode and its policy change", async () => {
    const took = await timed(
      () => replaceFile("sys/fs/selinux/enforce", "0"),
      () => statusThat((status) => /live, permissive/.test(status.text) && status.severity === "warning"),
    );
    say(`      the mode changed: ${took.toFixed(0)} ms`);
    const lowered = vscode.DiagnosticSeverity.Information;
    await diagnosticsWhen(document.uri, (all) =>
      all.some((each) => ruleOf(each) === "connect-port" && each.severity === lowered),
    );
    replaceFile("sys/fs/selinux/enforce", "1");
    await statusThat(({ text: shown }) => /live, enforcing/.test(shown));
  });

  it("is asked again at once by the refresh command", async () => {
    await diagnosticOf(document.uri, "connect-port");
    setBoolean("connect_db", true);
    await vscode.commands.executeCommand("nginxSelinux.refresh");
    await silentAbout(document.uri, "connect-port");
    setBoolean("connect_db", false);
    await diagnosticOf(document.uri, "connect-port");
  });

  it("is replaced by a bundled release where it has no policy, and the status item says why", async () => {
    const empty = mkdtempSync(join(tmpdir(), "nginx-selinux-empty-"));
    await set("root", empty);
    const why = /no live policy, because .*rhel9 is assumed/;
    await statusThat(({ text: shown, detail }) => shown === "SELinux: RHEL 9 (assumed)" && why.test(detail));
    // SELinux appears there: no event tells the server.
    writeLiveTree(empty, tree);
    await statusThat(({ text: shown }) => /live, enforcing/.test(shown));
    await set("root", host);
    rmSync(empty, { recursive: true, force: true });
  });
});
