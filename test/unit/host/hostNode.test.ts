import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { releaseNames } from "../../../server/src/base/bundledReleases.ts";
import { createNodeHost } from "../../../server/src/host/hostNode.ts";

const host = createNodeHost("/nonexistent", () => undefined);
const limits = { timeoutMs: 20_000, maxBytes: 65_536 };
const directory = mkdtempSync(join(tmpdir(), "host-"));
after(() => rmSync(directory, { recursive: true }));
const onLinux = { skip: process.platform === "linux" ? false : "needs Linux" };

test("a file whose size is not told beforehand is read to its end", onLinux, async () => {
  const status = new TextDecoder().decode(await host.readFile("/proc/self/status", 65_536));
  assert.match(status, /^Name:.*\n[^]*\n$/);
});

test("a file whose size is not told beforehand is still held to the limit", onLinux, async () => {
  await assert.rejects(host.readFile("/proc/self/status", 16), { code: "ETOOLARGE" });
});

test("a file of any size up to the limit is read whole", async () => {
  const path = join(directory, "file");
  for (const size of [0, 1, 4095, 4096, 4097, 100_000]) {
    const bytes = Buffer.alloc(size, 7);
    writeFileSync(path, bytes);
    assert.deepEqual(Buffer.from(await host.readFile(path, size)), bytes);
    if (size > 0) await assert.rejects(host.readFile(path, size - 1), { code: "ETOOLARGE" });
  }
});

test("a symbolic link is read, a file is none", async () => {
  const link = join(directory, "link");
  symlinkSync("nowhere", link);
  assert.equal(await host.readLink(link), "nowhere");
  await assert.rejects(host.readLink(directory), { code: "EINVAL" });
  assert.deepEqual(await host.linkStat(link), { kind: "link" });
  assert.deepEqual(await host.linkStat(directory), await host.stat(directory));
  await assert.rejects(host.stat(link), { code: "ENOENT" });
});

test("a program gets its arguments as they are, without a shell", onLinux, async () => {
  const { code, stdout } = await host.run("/usr/bin/printf", ["%s|", "$HOME", "a b", "`id`", "é"], limits);
  assert.deepEqual({ code, stdout }, { code: 0, stdout: "$HOME|a b|`id`|é|" });
});

test("a program runs in the C locale with nothing else in its environment", onLinux, async () => {
  const { stdout } = await host.run("/usr/bin/env", [], limits);
  assert.deepEqual(stdout.trim().split("\n").sort(), ["LC_ALL=C", "PATH=/usr/sbin:/usr/bin:/sbin:/bin"]);
});

test("a failure of a program is a result", onLinux, async () => {
  const { code, stderr } = await host.run("/usr/bin/stat", ["/nonexistent"], limits);
  assert.equal(code, 1);
  assert.match(stderr, /No such file/);
});

test("a program that is not there, or not named by its path, is refused", async () => {
  await assert.rejects(host.run("/nonexistent", [], limits), { code: "ENOENT" });
  await assert.rejects(host.run("stat", [], limits), { code: "EINVAL" });
});

test("a program that does not end is killed", onLinux, async () => {
  await assert.rejects(host.run("/usr/bin/sleep", ["1000"], { ...limits, timeoutMs: 20 }), { code: "ETIMEDOUT" });
});

test("a program that waits for input gets none", onLinux, async () => {
  assert.deepEqual(await host.run("/usr/bin/cat", [], limits), { code: 0, stdout: "", stderr: "" });
});

test("a program that writes without end is killed", onLinux, async () => {
  await assert.rejects(host.run("/usr/bin/yes", [], limits), { code: "ETOOLARGE" });
});

test("only selinuxfs is asked by writing", async () => {
  const path = join(directory, "kept");
  writeFileSync(path, "kept");
  for (const other of [path, "/sys/fs/selinux/../../../etc/passwd", "/sys/fs/selinux/booleans/x"]) {
    await assert.rejects(host.askKernel(other, "request"), { code: "EPERM" });
  }
  assert.equal(new TextDecoder().decode(await host.readFile(path, 10)), "kept");
});

test("a stamp changes with the attributes of a file, its label included", onLinux, async () => {
  const path = join(directory, "attributes");
  writeFileSync(path, "");
  const { stamp } = await host.stat(path);
  assert.equal((await host.stat(path)).stamp, stamp);
  chmodSync(path, 0o600);
  assert.notEqual((await host.stat(path)).stamp, stamp);
});

test("delayed work is run, and can be taken back", async () => {
  const done: string[] = [];
  host.after(0, () => done.push("taken back"))();
  // The host's timers alone do not keep a process alive.
  const awake = setInterval(() => undefined, 1_000_000);
  await new Promise<void>((resolve) => host.after(1, resolve));
  clearInterval(awake);
  assert.deepEqual(done, []);
});

test("every bundled policy is read by its name, and nothing else is", async () => {
  const bundle = createNodeHost(join(import.meta.dirname, "../../../server/policies"), () => undefined);
  for (const name of releaseNames)
    assert.match(await bundle.bundledPolicy(name), /^\{"format":"nginx-selinux-snapshot"/);
  for (const name of ["rhel6", "../policies/rhel9", ""])
    await assert.rejects(bundle.bundledPolicy(name), { name: "HostError", code: "ENOENT" });
});
