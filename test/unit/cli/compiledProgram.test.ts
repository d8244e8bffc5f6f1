/** A small program of two files in place of the built one: what is kept of it, and when. */
import assert from "node:assert/strict";
import { spawn, spawnSync, type SpawnSyncReturns } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, beforeEach, suite, test } from "node:test";
import { setTimeout } from "node:timers/promises";

const scratch = mkdtempSync(join(tmpdir(), "compiled-program-"));
after(() => rmSync(scratch, { recursive: true }));

const source = join(import.meta.dirname, "../../../server/src/cli/compiledProgram.ts");
/** The entry. With "there is none" Node's own loader would have to be used. */
const entry = join(scratch, "entry.mjs");
writeFileSync(
  entry,
  `
import { compiledProgram } from ${JSON.stringify(source)};
const program = compiledProgram(process.env.PROGRAM);
if (program === null) console.log("there is none");
else await program.run();
`,
);

const programText = `
const { greet, farewell } = require("./part.cjs");
exports.run = async () => {
  console.log(require("node:path").basename(__dirname), greet());
  if (process.argv[3] === "more") console.log(farewell());
  if (process.argv[3] === "fail") process.exitCode = 2;
  if (process.argv[3] === "late") console.log(require("./late.cjs").late());
  if (process.argv[3] === "stay") setInterval(() => undefined, 1000);
};
`;
/** Large enough that its code shows in the size of the file. */
const farewell = `exports.farewell = () => { let text = ""; ${Array.from({ length: 100 }, (_, i) => `if (text.length === ${i}) text += "x" + ${i};`).join("\n")} return text; };`;

suite("the program with the code that earlier runs have kept", () => {
  let home = "";
  let program = "";
  beforeEach(() => {
    home = mkdtempSync(join(scratch, "home-"));
    program = mkdtempSync(join(scratch, "dist-"));
    writeFileSync(join(program, "program.cjs"), programText);
    writeFileSync(join(program, "part.cjs"), `exports.greet = () => "one";\n${farewell}`);
    writeFileSync(join(program, "late.cjs"), `exports.late = () => "late";`);
  });

  function start(args: readonly string[], env: NodeJS.ProcessEnv = {}): SpawnSyncReturns<string> {
    const { NODE_DISABLE_COMPILE_CACHE: _disabled, ...environment } = process.env;
    return spawnSync(process.execPath, [entry, ...args], {
      env: { ...environment, XDG_CACHE_HOME: join(home, "cache"), PROGRAM: program, ...env },
      encoding: "utf8",
    });
  }
  function run(...args: readonly string[]): string {
    const { stdout, stderr } = start(args);
    assert.equal(stderr, "");
    return stdout.replace(`${program.slice(program.lastIndexOf("/") + 1)} `, "");
  }
  function keptFiles(): readonly string[] {
    const directory = join(home, "cache/nginx-selinux");
    if (!existsSync(directory)) return [];
    return readdirSync(directory).map((name) => join(directory, name));
  }
  function kept(command = "check"): string {
    const [path, ...others] = keptFiles().filter((each) => each.includes(`/${command}-`));
    assert.deepEqual(others, []);
    assert.ok(path !== undefined, `nothing is kept of ${command}`);
    return path;
  }

  test("says the same from the first run on", () => {
    for (let i = 0; i < 6; i++) assert.equal(run("check"), "one\n");
  });

  test("holds what was called, of the first four runs", () => {
    run("check");
    const first = statSync(kept()).size;
    assert.match(run("check", "more"), /x97/u);
    const second = statSync(kept()).size;
    assert.ok(second > first + 1000, `${second} bytes after a run that called more, ${first} before`);
    run("check");
    assert.ok(statSync(kept()).size > first + 1000, "a run that calls less takes nothing away");
    run("check");
    const last = statSync(kept()).mtimeMs;
    run("check");
    assert.equal(statSync(kept()).mtimeMs, last, "the fifth run writes nothing");
  });

  test("takes in a file that a later run needs", () => {
    for (let i = 0; i < 5; i++) run("check");
    const before = statSync(kept()).size;
    assert.equal(run("check", "late"), "one\nlate\n");
    assert.ok(statSync(kept()).size > before);
    assert.ok(readFileSync(kept()).includes("late.cjs"));
    const last = statSync(kept()).mtimeMs;
    assert.equal(run("check", "late"), "one\nlate\n");
    assert.equal(statSync(kept()).mtimeMs, last);
  });

  test("is not used for another text of the same length", () => {
    for (let i = 0; i < 5; i++) run("check");
    writeFileSync(join(program, "part.cjs"), `exports.greet = () => "two";\n${farewell}`);
    assert.equal(run("check"), "two\n");
    assert.equal(run("check"), "two\n");
  });

  test("is made anew where it is damaged", () => {
    run("check");
    const whole = readFileSync(kept());
    writeFileSync(kept(), whole.fill(0, 100, 200));
    assert.equal(run("check"), "one\n");
    assert.ok(!readFileSync(kept()).subarray(100, 200).equals(Buffer.alloc(100)));
  });

  test("is one for each command; what is none of them has one file", () => {
    for (const command of ["check", "denials", "--version", "../../x", "a".repeat(300)]) run(command);
    assert.deepEqual(
      keptFiles()
        .map((path) => path.slice(path.lastIndexOf("/") + 1).replace(/-.*/u, ""))
        .sort(),
      ["check", "denials", "other"],
    );
  });

  test("is not kept of a run that could not do its work", () => {
    assert.equal(start(["check", "fail"]).status, 2);
    assert.deepEqual(keptFiles(), []);
  });

  test("is kept of a program that stays, though it is killed in the end", async () => {
    const { NODE_DISABLE_COMPILE_CACHE: _disabled, ...environment } = process.env;
    const child = spawn(process.execPath, [entry, "serve", "stay"], {
      env: { ...environment, XDG_CACHE_HOME: join(home, "cache"), PROGRAM: program },
      stdio: "ignore",
    });
    while (keptFiles().length === 0) await setTimeout(50);
    child.kill("SIGKILL");
    assert.ok(readFileSync(kept("serve")).includes("part.cjs"));
  });

  test("is not kept under settings of V8 that were changed since", () => {
    writeFileSync(
      join(program, "program.cjs"),
      `require("node:v8").setFlagsFromString("--expose-gc");\nexports.run = async () => console.log("changed");`,
    );
    assert.equal(start(["mcp"]).stdout, "changed\n");
    assert.deepEqual(keptFiles(), []);
  });

  test("is not made where its directory is taken away from the user meanwhile", () => {
    const taken = join(home, "cache/nginx-selinux");
    writeFileSync(
      join(program, "program.cjs"),
      `exports.run = async () => { require("node:fs").chmodSync(${JSON.stringify(taken)}, 0o777); console.log("taken"); };`,
    );
    const { stdout, stderr, status } = start(["check"]);
    assert.deepEqual([stdout, stderr, status], ["taken\n", "", 0]);
    assert.deepEqual(readdirSync(taken), []);
  });

  test("of the language server is left to Node, which keeps it in the same directory", () => {
    assert.equal(start(["lsp"]).stdout, "there is none\n");
    assert.ok(keptFiles().every((path) => path.includes(`/${process.version}-`)));
    assert.notEqual(keptFiles().length, 0);
  });

  test("shows a mistake at its column", () => {
    writeFileSync(join(program, "program.cjs"), `exports.run = async () => { null.x };`);
    assert.match(start(["check"]).stderr, /program\.cjs:1:34\)/u);
  });

  test("is neither read nor kept with NODE_DISABLE_COMPILE_CACHE", () => {
    assert.equal(start(["check"], { NODE_DISABLE_COMPILE_CACHE: "1" }).stdout, "there is none\n");
    assert.deepEqual(keptFiles(), []);
  });

  test("is not there where no program is built", () => {
    rmSync(join(program, "program.cjs"));
    assert.equal(start(["check"]).stdout, "there is none\n");
  });
});
