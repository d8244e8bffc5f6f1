/**
 * `npm test`: every check in order, each with its time, and one line at the end.
 * `--only NAME,...` runs some. Exit code 1: something failed; 2: a step could not run here.
 */
import { constants, setPriority } from "node:os";
import { delimiter, join } from "node:path";
import { createInterface } from "node:readline";
import { once } from "node:events";
import { startGroup, stopOnSignal, type ProcessGroup } from "../test/editor/host/processes.ts";
import { nodeTest } from "./nodeTest.ts";

const root = join(import.meta.dirname, "..");
const bin = join(root, "node_modules", ".bin");

interface Step {
  readonly name: string;
  readonly title: string;
  /** A program of node_modules/.bin, or a script of the project. */
  readonly command: readonly [string, ...string[]];
  /** Steps that must have passed before. */
  readonly needs?: string;
  /** It needs things that test/prepare.ts installs or downloads while earlier steps run. */
  readonly prepared?: true;
  /** It runs beside the steps after it, on what they leave of the processor, and is told of at the end. */
  readonly beside?: true;
}

const steps: readonly Step[] = [
  { name: "types", title: "types (tsc)", command: ["tsc", "-p", "."] },
  { name: "lint", title: "lint (oxlint)", command: ["oxlint", "--type-aware", "--deny-warnings"] },
  { name: "format", title: "format (prettier)", command: ["prettier", "--check", "--log-level", "warn", "."] },
  { name: "dead-code", title: "dead code (knip)", command: ["knip", "--no-progress"] },
  {
    name: "unit",
    title: "unit, rule and language-server tests",
    command: ["node", ...nodeTest, "test/{unit,rules,lsp}/**/*.test.ts"],
  },
  {
    name: "oracle",
    title: "SELinux's own tools (setools, libsepol, semanage)",
    command: ["node", "test/oracle/run.ts"],
    prepared: true,
  },
  {
    name: "fuzz",
    title: "random inputs for two minutes",
    command: ["node", "test/fuzz/run.ts", "--minutes", "2"],
    beside: true,
  },
  {
    name: "package",
    title: "packages (.vsix, npm, RPM)",
    command: ["node", "test/release/build.ts"],
    prepared: true,
  },
  {
    name: "release",
    title: "packages, installed and used",
    command: ["node", "test/release/run.ts"],
    needs: "package",
  },
  {
    name: "others",
    title: "Neovim and Emacs",
    command: ["node", "test/editor/others.ts"],
    needs: "package",
  },
  { name: "editor", title: "editor suite", command: ["node", "test/editor/run-suite.ts"], needs: "package" },
  { name: "window", title: "editor window", command: ["node", "test/editor/window.ts"], needs: "package" },
];

interface Counts {
  readonly passed: number;
  readonly failed: number;
}

const running = new Set<ProcessGroup>();
let preparing: ProcessGroup | null = null;
stopOnSignal(async () => {
  // A step that ends an editor itself needs its time for it.
  await Promise.all([...[...running].map((group) => group.stop(30_000)), preparing?.stop()]);
}, 130);

process.exitCode = await main();

async function main(): Promise<number> {
  const only = onlyNames();
  const unknown = only?.filter((name) => !steps.some((step) => step.name === name)) ?? [];
  if (unknown.length > 0) {
    console.error(`no such step: ${unknown.join(", ")}; there are ${steps.map((step) => step.name).join(", ")}`);
    return 2;
  }
  const failed: string[] = [];
  let total: Counts = { passed: 0, failed: 0 };
  let unable = false;
  const started = performance.now();
  const chosen = steps.filter(({ name }) => only?.includes(name) ?? true);
  const preparation = prepare(chosen);
  const judge = (step: Step, { code, counts, took }: Ran): void => {
    const good = code === 0;
    console.log(`${good ? "ok" : "FAILED"}: ${step.title}, ${took}`);
    if (!good) failed.push(step.name);
    if (code === 2) unable = true;
    total = { passed: total.passed + counts.passed, failed: total.failed + counts.failed };
  };
  const beside: (() => Promise<void>)[] = [];
  for (const step of chosen) {
    if (step.needs !== undefined && failed.includes(step.needs)) {
      console.log(`\n== ${step.title}: skipped, because ${step.needs} failed`);
      continue;
    }
    if (step.beside === true) {
      const lines: string[] = [];
      const ended = run(step, (line) => lines.push(line));
      beside.push(async () => {
        const ran = await ended;
        console.log(["", `== ${step.title}`, ...lines].join("\n"));
        judge(step, ran);
      });
      continue;
    }
    console.log(`\n== ${step.title}`);
    if (step.prepared === true) await preparation;
    judge(step, await run(step, (line) => console.log(line)));
  }
  for (const tell of beside) await tell();
  console.log(`\n${failed.length === 0 ? "all steps passed" : `failed: ${failed.join(", ")}`} in ${seconds(started)}`);
  console.log(`${total.passed} passed, ${total.failed} failed`);
  if (failed.length === 0) return 0;
  return unable && total.failed === 0 ? 2 : 1;
}

function onlyNames(): readonly string[] | null {
  const at = process.argv.indexOf("--only");
  return at === -1 ? null : (process.argv[at + 1] ?? "").split(",");
}

/**
 * Starts test/prepare.ts for the steps that follow others which need nothing. Resolves when it has ended, whatever
 * became of it: a step installs again what is missing, and says why it cannot.
 */
async function prepare(chosen: readonly Step[]): Promise<void> {
  const waiting = chosen.findIndex(({ prepared }) => prepared === true);
  if (waiting <= 0) return;
  preparing = startGroup(join(bin, "node"), ["test/prepare.ts", ...chosen.map(({ name }) => name)], {
    cwd: root,
    stdio: "ignore",
    env: environment(),
  });
  await once(preparing.child, "close");
  preparing = null;
}

function environment(): NodeJS.ProcessEnv {
  return { ...process.env, PATH: [bin, process.env["PATH"] ?? ""].join(delimiter) };
}

interface Ran {
  readonly code: number;
  readonly counts: Counts;
  readonly took: string;
}

/** Runs one step, shows what matters of its output, and counts. A step without counts of its own counts as one. */
async function run(step: Step, show: (line: string) => void): Promise<Ran> {
  const begun = performance.now();
  const [program, ...args] = step.command;
  const group = startGroup(join(bin, program), args, {
    cwd: root,
    stdio: ["ignore", "pipe", "pipe"],
    env: environment(),
  });
  running.add(group);
  const { child } = group;
  if (step.beside === true && child.pid !== undefined) setPriority(child.pid, constants.priority.PRIORITY_LOW);
  const seen = { passed: -1, failed: -1 };
  for (const stream of [child.stdout, child.stderr]) {
    if (stream === null) continue;
    createInterface({ input: stream }).on("line", (line) => {
      readCounts(line, seen);
      if (!["unit", "oracle", "release"].includes(step.name) || isWorthShowing(line)) show(line);
    });
  }
  const [code]: unknown[] = await once(child, "close");
  running.delete(group);
  const status = typeof code === "number" ? code : 1;
  const counted = seen.passed >= 0;
  if (step.name === "unit" && seen.passed + seen.failed <= 0) show("no test was found");
  const failed = status !== 0 && seen.failed <= 0 && status !== 2 ? 1 : Math.max(seen.failed, 0);
  return {
    code: status,
    counts: { passed: counted ? seen.passed : status === 0 ? 1 : 0, failed },
    took: seconds(begun),
  };
}

function readCounts(line: string, seen: { passed: number; failed: number }): void {
  const node = /^ℹ (pass|fail) (\d+)$/.exec(line);
  if (node !== null) seen[node[1] === "pass" ? "passed" : "failed"] = Number(node[2]);
  const own = /^# \w+: (\d+) passed, (\d+) failed$/.exec(line);
  if (own !== null) Object.assign(seen, { passed: Number(own[1]), failed: Number(own[2]) });
}

/** Node's reporter names each of thousands of tests; the ones that passed say nothing. */
function isWorthShowing(line: string): boolean {
  return !/^\s*(?:✔|▶) /.test(line) && !/^ℹ (?:suites|cancelled|skipped|todo|duration_ms|tests) ?/.test(line);
}

function seconds(since: number): string {
  return `${((performance.now() - since) / 1000).toFixed(1)} s`;
}
