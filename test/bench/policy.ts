/** How long a policy file takes to load and a question to answer, beside the tools that users would ask, on the same file. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { binaryFacts } from "../../server/src/selinux/binary/binaryFacts.ts";
import { policyOf } from "../../server/src/selinux/model.ts";
import { findOracle, runTool } from "../support/oracle.ts";
import { createPrivateRoot } from "../support/privateRoot.ts";

export interface BenchRow {
  readonly what: string;
  readonly milliseconds: number;
}

const info = {
  source: "binary",
  name: "bench",
  title: "",
  provenance: "",
  mode: "assumed",
  exactLabels: false,
} as const;

function measure(run: () => unknown): number {
  const start = performance.now();
  run();
  return performance.now() - start;
}

function median(values: readonly number[]): number {
  return values.toSorted((left, right) => left - right)[Math.floor(values.length / 2)] ?? 0;
}

function repeat(times: number, run: () => unknown): number {
  return median(Array.from({ length: times }, () => measure(run)));
}

/** Loading and the first question in a process of its own: nothing is compiled or cached yet. */
function cold(path: string): readonly [load: number, question: number] {
  const output: unknown = JSON.parse(
    execFileSync(process.execPath, [import.meta.filename, "--cold", path], { encoding: "utf8" }),
  );
  if (!Array.isArray(output) || typeof output[0] !== "number" || typeof output[1] !== "number") {
    throw new Error("the cold run printed no times");
  }
  return [output[0], output[1]];
}

const question = ["httpd_t", "postgresql_port_t", "tcp_socket", "name_connect"] as const;

/** Measures on the oracle's policy; empty where there is none. Milliseconds, the median of several runs. */
export function benchPolicy(): readonly BenchRow[] {
  const found = findOracle();
  if (!("oracle" in found)) {
    console.error(`no policy to measure: ${found.skip}`);
    return [];
  }
  const { policy: path } = found.oracle;
  const bytes = readFileSync(path);
  const colds = Array.from({ length: 5 }, () => cold(path));
  const megabytes = (bytes.length / 1e6).toFixed(1);
  const facts = binaryFacts(bytes, info);
  const policy = policyOf(facts);
  const rows: BenchRow[] = [
    {
      what: `load ${megabytes} MB, cold (reading the file included)`,
      milliseconds: median(colds.map(([load]) => load)),
    },
    { what: "first question of a domain, cold", milliseconds: median(colds.map(([, first]) => first)) },
    { what: `load ${megabytes} MB, warm`, milliseconds: repeat(21, () => binaryFacts(readFileSync(path), info)) },
    {
      what: "first question of a domain, warm",
      milliseconds: repeat(21, () => binaryFacts(bytes, info).rules(...question)),
    },
    { what: "question, domain known", milliseconds: repeat(101, () => policy.check(...question)) },
    {
      what: "all types that httpd_t may connect to",
      milliseconds: repeat(21, () => facts.targets("httpd_t", "tcp_socket", "name_connect")),
    },
    { what: "port to type", milliseconds: repeat(101, () => policy.portType("tcp", 3000)) },
    {
      what: "sesearch -A, the same question",
      milliseconds: repeat(3, () =>
        runTool("/usr/bin/sesearch", [
          "-A",
          "-s",
          question[0],
          "-t",
          question[1],
          "-c",
          question[2],
          "-p",
          question[3],
          path,
        ]),
      ),
    },
  ];
  const root = createPrivateRoot(found.oracle);
  if (typeof root !== "string") {
    rows.push({ what: "semanage port -l", milliseconds: repeat(3, () => root.run("semanage port -l")) });
    root.remove();
  }
  return rows;
}

function runCold(path: string): void {
  const start = performance.now();
  const facts = binaryFacts(readFileSync(path), info);
  const loaded = performance.now();
  policyOf(facts).check(...question);
  console.log(JSON.stringify([loaded - start, performance.now() - loaded]));
}

if (process.argv[1] === import.meta.filename) {
  if (process.argv[2] === "--cold") {
    runCold(process.argv[3] ?? "");
  } else {
    for (const { what, milliseconds } of benchPolicy()) {
      console.log(`${milliseconds.toFixed(3).padStart(10)} ms  ${what}`);
    }
  }
}
