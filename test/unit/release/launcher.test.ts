/** The shell script that starts the command line, run with stand-ins for Node and for the kernel's files. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { launcherText, linkedProgram, type Launcher } from "../../../client/src/launcherText.ts";

const folder = mkdtempSync(join(tmpdir(), "nginx-selinux launcher'"));
after(() => rmSync(folder, { recursive: true }));

/** A Node that a confined user has: its compiler ends it, as a signal does. */
const confined = script(
  "node-confined",
  'case $1 in --jitless) echo "without compiler: $*" ;; *) echo "Fatal error" >&2; kill -TRAP $$ ;; esac',
);
const ordinary = script("node", 'echo "$*"; echo "electron: $ELECTRON_RUN_AS_NODE"');

function script(name: string, body: string): string {
  const path = join(folder, name);
  writeFileSync(path, `#!/bin/sh\n${body}\n`);
  chmodSync(path, 0o755);
  return path;
}

/** A directory like /sys/fs/selinux. */
function kernel(name: string, values: Readonly<Record<string, string>>): string {
  const path = join(folder, name);
  mkdirSync(join(path, "booleans"), { recursive: true });
  for (const [file, value] of Object.entries(values)) writeFileSync(join(path, file), value);
  return path;
}

function run(options: Partial<Launcher>, args: readonly string[]): string {
  const program = join(folder, "the program.cjs");
  const path = script("launcher", launcherText({ node: ordinary, program, ...options }).replace("#!/bin/sh\n", ""));
  return execFileSync(path, [...args], { encoding: "utf8" }).replaceAll(folder, "");
}

test("arguments arrive as they were given", () => {
  assert.equal(
    run({ selinux: join(folder, "none") }, ["check", "a b", "$(x)", "*"]),
    "/the program.cjs check a b $(x) *\nelectron: \n",
  );
});

test("an editor is told that it is Node", () => {
  assert.match(run({ electron: true, selinux: join(folder, "none") }, []), /^electron: 1$/m);
});

test("where the kernel enforces and Node's compiler ends the process, Node starts without it", () => {
  const selinux = kernel("debian", { enforce: "1", "booleans/allow_execmem": "0 0" });
  assert.equal(run({ node: confined, selinux }, ["check"]), "without compiler: --jitless /the program.cjs check\n");
});

test("where the kernel enforces and Node works, it starts as it is", () => {
  const selinux = kernel("rhel", {
    enforce: "1",
    "booleans/selinuxuser_execmem": "1 1",
    "booleans/deny_execmem": "0 0",
  });
  assert.match(run({ selinux }, ["check"]), /^\/the program\.cjs check$/m);
});

test("where the kernel only warns, nothing is tried", () => {
  const selinux = kernel("permissive", { enforce: "0" });
  assert.match(run({ selinux }, ["check"]), /^\/the program\.cjs check$/m);
});

test("the exit code is the program's", () => {
  const failing = script("node-failing", "exit 2");
  assert.throws(() => run({ node: failing, selinux: join(folder, "none") }, []), { status: 2 });
});

test("a launcher is known again with the program that it starts; another program is not", () => {
  for (const program of ["/home/o'brien/a b/cli.cjs", "/home/%USER%/$x/cli.cjs"])
    assert.equal(linkedProgram(launcherText({ node: "/opt/it's/node", program, electron: true })), program);
  assert.equal(linkedProgram("#!/bin/sh\nprogram='/opt/other'\n"), null);
});
