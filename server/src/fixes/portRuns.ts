/** Ports as runs of neighbours. */
import type { QueryOf } from "../selinux/query.ts";
import type { PortRun } from "./portLabel.ts";

/** `queries`: about ports in ascending order. */
export function runsOf(queries: readonly QueryOf<"bind-port">[]): readonly PortRun[] {
  const runs: PortRun[] = [];
  for (const { port, last = port } of queries) {
    const run = runs.at(-1);
    if (run?.high === port - 1) runs[runs.length - 1] = { low: run.low, high: last };
    else runs.push({ low: port, high: last });
  }
  return runs;
}
