/** What is shipped says the same whether its compiled code was kept by earlier runs or not. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { root } from "../../scripts/packages/product.ts";

const folder = mkdtempSync(join(tmpdir(), "nginx-selinux-compiled-"));
after(() => rmSync(folder, { recursive: true }));

const sample = join(root, "sample/nginx/nginx.conf");
const log = join(folder, "error.log");
writeFileSync(log, "2026/11/26 12:00:00 [crit] 7#7: *1 connect() to 127.0.0.1:3000 failed (13: Permission denied)\n");
const { NODE_DISABLE_COMPILE_CACHE: _disabled, ...environment } = process.env;

function run(args: readonly string[], env: NodeJS.ProcessEnv): readonly [number | null, string, string] {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, "dist/cli.cjs"), ...args], {
    env: { ...environment, ...env },
    encoding: "utf8",
  });
  return [status, stdout, stderr];
}

for (const [code, ...args] of [
  [1, "check", sample, "--policy", "rhel9"],
  [1, "check", sample, "--policy", "rhel8", "--format", "json"],
  [1, "check", sample, "--policy", "fedora", "--format", "script"],
  [2, "check", join(folder, "nothing.conf")],
  [1, "denials", "--policy", "rhel9", log],
  [0, "explain", "tcp/3000", "--policy", "rhel9"],
  [0, "--help"],
  [2, "nosuch"],
] as const)
  test(args.map((word) => word.replace(/.*\//u, "")).join(" "), () => {
    const cache = mkdtempSync(join(folder, "cache-"));
    const own = run(args, { NODE_DISABLE_COMPILE_CACHE: "1" });
    assert.equal(own[0], code, own.join("\n"));
    for (let i = 0; i < 3; i++) assert.deepEqual(run(args, { XDG_CACHE_HOME: cache }), own);
    const kept = readdirSync(cache, { recursive: true, encoding: "utf8" }).filter((name) =>
      name.includes(process.arch),
    );
    assert.equal(kept.length, code === 2 ? 0 : 1, kept.join());
  });
