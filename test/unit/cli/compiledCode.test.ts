import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, suite, test } from "node:test";
import { crc32 } from "node:zlib";
import { readCompiledCode, writeCompiledCode } from "../../../server/src/cli/compiledCode.ts";

const scratch = mkdtempSync(join(tmpdir(), "compiled-code-"));
after(() => rmSync(scratch, { recursive: true }));
const path = join(scratch, "check");

const files = new Map([
  ["program.cjs", { source: 0xffffffff, code: Buffer.from("twelve bytes") }],
  ["chunk-A.cjs", { source: 7, code: Buffer.alloc(4096, "x") }],
  ["empty.cjs", { source: 0, code: Buffer.alloc(0) }],
]);

suite("the file of compiled code", () => {
  test("holds what was written, for its owner alone", () => {
    writeCompiledCode(path, { runs: 3, files });
    const { runs, files: read } = readCompiledCode(path);
    assert.equal(runs, 3);
    assert.deepEqual([...read], [...files]);
    assert.equal(statSync(path).mode & 0o777, 0o600);
    assert.deepEqual(readdirSync(scratch), ["check"], "nothing else is left there");
  });

  test("has each code where V8 takes it without a copy", () => {
    writeCompiledCode(path, { runs: 1, files });
    for (const [name, { code }] of readCompiledCode(path).files) assert.equal(code.byteOffset % 8, 0, name);
  });

  test("counts as empty where one bit of it is another, or it was cut off", () => {
    writeCompiledCode(path, { runs: 1, files });
    const whole = readFileSync(path);
    for (let at = 0; at < whole.length; at += 37) {
      const damaged = Buffer.from(whole);
      damaged.writeUInt8((damaged[at] ?? 0) ^ 1, at);
      writeFileSync(path, damaged);
      assert.equal(readCompiledCode(path).files.size, 0, `byte ${at}`);
      writeFileSync(path, whole.subarray(0, at));
      assert.equal(readCompiledCode(path).files.size, 0, `the first ${at} bytes`);
    }
  });

  test("is empty where there is none, and where something else is", () => {
    assert.equal(readCompiledCode(join(scratch, "nothing")).files.size, 0);
    assert.equal(readCompiledCode(scratch).files.size, 0);
  });

  test("is not used where it is a link, a pipe or larger than it can be, or where another user may write it", () => {
    writeCompiledCode(path, { runs: 1, files });
    assert.equal(readCompiledCode(path).files.size, 3);
    const other = join(scratch, "other");
    symlinkSync(path, other);
    assert.equal(readCompiledCode(other).files.size, 0, "a link");
    rmSync(other);
    execFileSync("mkfifo", [other]);
    assert.equal(readCompiledCode(other).files.size, 0, "a pipe, without waiting for a writer");
    rmSync(other);
    for (const mode of [0o660, 0o606]) {
      chmodSync(path, mode);
      assert.equal(readCompiledCode(path).files.size, 0, mode.toString(8));
    }
    chmodSync(path, 0o600);
    truncateSync(path, 2 ** 31);
    assert.equal(readCompiledCode(path).files.size, 0, "2 GB");
    rmSync(path);
  });

  test("is empty, and read in no time, where its checksum is right and its lengths make no sense", () => {
    for (const [name, code] of [
      [0xfffffff0, 0],
      [0, 0xfffffff0],
      [0xffffffff, 0xffffffff],
      [8, 1],
    ] as const) {
      const rest = Buffer.alloc(20);
      rest.writeUInt32LE(name, 8);
      rest.writeUInt32LE(code, 12);
      const checksum = Buffer.alloc(4);
      checksum.writeUInt32LE(crc32(rest));
      writeFileSync(path, Buffer.concat([checksum, rest]), { mode: 0o600 });
      assert.equal(readCompiledCode(path).files.size, 0, `${name} ${code}`);
    }
  });

  test("is not written where it cannot be, nor through a link, and leaves nothing behind", () => {
    const directory = join(scratch, "in the way");
    mkdirSync(directory);
    assert.throws(() => writeCompiledCode(directory, { runs: 1, files }));
    const victim = join(scratch, "victim");
    writeFileSync(victim, "as it was");
    rmSync(path, { force: true });
    symlinkSync(victim, path);
    writeCompiledCode(path, { runs: 1, files });
    assert.equal(readFileSync(victim, "utf8"), "as it was");
    assert.equal(readCompiledCode(path).files.size, 3, "the link is replaced");
    assert.deepEqual(readdirSync(scratch).sort(), ["check", "in the way", "victim"]);
  });
});
