/**
 * A start: the command line on the sample, by a bundled table and on a host with a policy of its own, beside a Node that
 * does nothing. Medians. Needs `npm run build`.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findOracle } from "../support/oracle.ts";
import { makeHost } from "./host.ts";
import { measure, measureNode, type Measurement } from "./measure.ts";
import type { Row } from "./table.ts";

const sample = join(import.meta.dirname, "../../sample/nginx/nginx.conf");

/** `runs`: of each; they take turns. */
export async function benchStart(runs: number): Promise<Row[]> {
  const directory = mkdtempSync(join(tmpdir(), "nginx-selinux-bench-"));
  try {
    return await rowsOf(runs, directory);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

async function rowsOf(runs: number, directory: string): Promise<Row[]> {
  const found = findOracle();
  const host = "oracle" in found ? makeHost(directory, 0, found.oracle) : null;
  const empty: Measurement[] = [];
  const bundled: Measurement[] = [];
  const live: Measurement[] = [];
  for (let run = 0; run < runs; run++) {
    empty.push(await measureNode(["--eval", "0"]));
    bundled.push(await measure(["check", sample, "--policy", "rhel9"]));
    if (host !== null) live.push(await measure(["check", sample, ...host]));
  }
  const floor = median(empty.map(({ processor }) => processor));
  return [
    { what: "a Node that does nothing", milliseconds: median(empty.map(({ milliseconds }) => milliseconds)) },
    rowOf("check of the sample", bundled, floor),
    ...(host === null ? [] : [rowOf("check of the sample, by a host's own policy", live, floor)]),
  ];
}

/** `floor`: milliseconds of processor time of an empty Node. */
function rowOf(what: string, runs: readonly Measurement[], floor: number): Row {
  const processor = median(runs.map((each) => each.processor));
  const memory = median(runs.map((each) => each.memory));
  return {
    what,
    milliseconds: median(runs.map(({ milliseconds }) => milliseconds)),
    note: `${processor.toFixed(0)} ms of processor time, ${(processor / floor).toFixed(1)} times that of this Node, ${(memory / 1e6).toFixed(0)} MB of memory`,
  };
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? NaN;
}
