/** A start: the command line on the sample, beside a Node that does nothing. Medians. Needs `npm run build`. */
import { join } from "node:path";
import { measure, measureNode, type Measurement } from "./measure.ts";
import type { Row } from "./table.ts";

const sample = join(import.meta.dirname, "../../sample/nginx/nginx.conf");

/** `runs`: of each; they take turns. */
export async function benchStart(runs: number): Promise<Row[]> {
  const empty: Measurement[] = [];
  const checked: Measurement[] = [];
  for (let run = 0; run < runs; run++) {
    empty.push(await measureNode(["--eval", "0"]));
    checked.push(await measure(["check", sample, "--policy", "rhel9"]));
  }
  const floor = median(empty.map(({ processor }) => processor));
  const processor = median(checked.map((each) => each.processor));
  const memory = median(checked.map((each) => each.memory));
  return [
    { what: "a Node that does nothing", milliseconds: median(empty.map(({ milliseconds }) => milliseconds)) },
    {
      what: "check of the sample",
      milliseconds: median(checked.map(({ milliseconds }) => milliseconds)),
      note: `${(processor / floor).toFixed(1)} times the processor time of that Node, ${(memory / 1e6).toFixed(0)} MB of memory`,
    },
  ];
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? NaN;
}
