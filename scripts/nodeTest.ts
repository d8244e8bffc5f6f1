/** How the steps of `npm test` start Node's test runner: a file on every processor. Its own default leaves one idle, of two. */
import { availableParallelism } from "node:os";

export const nodeTest: readonly [string, ...string[]] = [
  "--test",
  "--test-reporter=spec",
  `--test-concurrency=${availableParallelism()}`,
];
