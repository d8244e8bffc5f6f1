/** What is installed, what is bundled, and which Node is asked for. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { librariesOf, noticesFor } from "../../../scripts/notices.ts";

const root = join(import.meta.dirname, "../../..");

for (const name of ["package-lock.json", "test/editor/host/package-lock.json"])
  test(`every package of ${name} has its checksum`, () => {
    const lock: unknown = JSON.parse(readFileSync(join(root, name), "utf8"));
    const packages = record(record(lock)["packages"]);
    const without = Object.entries(packages).filter(
      ([path, entry]) => path !== "" && typeof record(entry)["integrity"] !== "string",
    );
    assert.deepEqual(
      without.map(([path]) => path),
      [],
    );
    assert.ok(Object.keys(packages).length > 2);
  });

test("the notices have the licence of each library that is bundled", async () => {
  const inputs = ["server/src/main.ts", "node_modules/vscode-jsonrpc/lib/node/main.js"];
  const text = await noticesFor(inputs, root);
  assert.match(text, /^This program contains these libraries: vscode-jsonrpc\.\n/);
  assert.match(text, /\nvscode-jsonrpc \d+\.\d+\.\d+ \(MIT\)\n/);
  assert.match(text, /Permission is hereby granted/);
  await assert.rejects(noticesFor(["node_modules/no-such-package/index.js"], root));
});

test("a library inside of another one, and one with a scope, count as themselves", () => {
  assert.deepEqual(
    librariesOf([
      "node_modules/a/x.js",
      "node_modules/a/node_modules/@s/b/lib/y.js",
      "node_modules/a/node_modules/@s/b/z.js",
      "src/node_modules_of_mine.ts",
    ]),
    ["node_modules/a", "node_modules/a/node_modules/@s/b"],
  );
});

for (const [what, script] of [
  ["the command line", "server/src/cli.ts"],
  ["npm start", "scripts/start.mjs"],
] as const)
  test(`${what} says on Node 18 that it needs Node 20, with exit code 2`, () => {
    const older = 'Object.defineProperty(process, "versions", { value: { ...process.versions, node: "18.20.8" } });';
    const preload = `data:text/javascript,${encodeURIComponent(older)}`;
    const { status, stderr, stdout } = spawnSync(process.execPath, ["--import", preload, join(root, script)], {
      encoding: "utf8",
    });
    assert.match(stderr, /needs Node 20 or newer, and this is Node 18\.20\.8\.?\n$/);
    assert.deepEqual([status, stdout], [2, ""]);
  });

test("nothing of dist is loaded before the Node is known to be new enough", () => {
  const program = join(root, "server/src/cli.ts");
  assert.ok(existsSync(program));
  assert.doesNotMatch(readFileSync(program, "utf8"), /^import\b/m);
});

function record(value: unknown): Readonly<Record<string, unknown>> {
  assert.ok(typeof value === "object" && value !== null && !Array.isArray(value));
  return Object.fromEntries(Object.entries(value));
}
