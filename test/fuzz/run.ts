/**
 * Tries random inputs until the time is over, and prints those that break something.
 *
 *   npm run fuzz -- [--minutes N] [--seed N] [--target NAME]
 *
 * The same seed tries the same inputs. Exit 1 where something failed.
 */
import { parseArgs } from "node:util";
import { randomOf } from "./random.ts";
import type { FuzzTarget } from "./target.ts";
import { configurations } from "./targets/configurations.ts";
import { containers } from "./targets/containers.ts";
import { denials } from "./targets/denials.ts";
import { directives } from "./targets/directives.ts";
import { edits } from "./targets/edits.ts";
import { includes } from "./targets/includes.ts";
import { messages } from "./targets/messages.ts";
import { fileContexts, policies, snapshots } from "./targets/policies.ts";

const targets: readonly FuzzTarget[] = [
  denials,
  directives,
  configurations,
  containers,
  edits,
  messages,
  includes,
  policies,
  fileContexts,
  snapshots,
];

/** Failures of a target that are printed; the rest is counted. */
const SHOWN = 20;

function numberOf(text: string | undefined, name: string): number {
  const value = Number(text);
  if (!Number.isFinite(value) || value < 0) throw new Error(`--${name} takes a number, not "${text}"`);
  return value;
}

/** Runs rounds of a target until a point in time; the number of failures. */
async function runTarget(target: FuzzTarget, seed: number, until: number): Promise<number> {
  let tried = 0;
  let failed = 0;
  let rounds = 0;
  do {
    const round = target.round(randomOf(seed + rounds++));
    for (let next = await round.next(); ; next = await round.next()) {
      if (next.done === true) {
        tried += next.value;
        break;
      }
      if (++failed <= SHOWN) console.error(`${target.name}: ${next.value.input}`, next.value.error);
    }
  } while (Date.now() < until);
  console.log(`${target.name}: ${tried} inputs in ${rounds} rounds, ${failed} failed`);
  return failed;
}

const { values } = parseArgs({
  options: { minutes: { type: "string" }, seed: { type: "string" }, target: { type: "string" } },
});
const minutes = numberOf(values.minutes ?? "2", "minutes");
const seed = numberOf(values.seed ?? `${Date.now() % 1_000_000}`, "seed");
const chosen = targets.filter(({ name }) => values.target === undefined || values.target === name);
if (chosen.length === 0) throw new Error(`--target is one of ${targets.map(({ name }) => name).join(", ")}`);
console.log(`seed ${seed}`);
let failed = 0;
for (const target of chosen) {
  const share = (minutes * 60_000) / chosen.length;
  failed += await runTarget(target, seed, Date.now() + share);
}
process.exitCode = failed === 0 ? 0 : 1;
