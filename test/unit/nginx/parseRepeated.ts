/** A worker thread that parses `head` and `unit` after `unit`, and tells each unit that it is done with. */
import { parentPort, workerData } from "node:worker_threads";
import { parseLatin1 } from "./treeText.ts";

const { cases, size }: { cases: readonly { head: string; unit: string }[]; size: number } = workerData;
for (const { head, unit } of cases) {
  parseLatin1(head + unit.repeat(size / unit.length));
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- the port of a worker has no origin
  parentPort?.postMessage(unit);
}
