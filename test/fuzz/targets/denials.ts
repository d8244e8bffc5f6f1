/**
 * Mutated lines for the reader of denials. Nothing may throw, and four times the text may take no more than about four
 * times the time.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Denial } from "../../../server/src/denials/denial.ts";
import { readDenials } from "../../../server/src/denials/readDenials.ts";
import { mutatedText } from "../mutated.ts";
import type { Random } from "../random.ts";
import { timed, type Failure, type FuzzTarget } from "../target.ts";

/** Texts of a round. */
const COUNT = 20_000;

const pieces = [
  "\u001b[31m",
  ...'"{}()<>[]=:\\`\n\t\0&|#;,',
  "type=AVC ",
  "avc:",
  "msg=audit(",
  "#012",
  "SELinux is preventing ",
  " failed (13: Permission denied)",
  "&quot;",
  "allow a b:c d;",
  "\u001d",
  "é",
  "$(reboot)",
  "41".repeat(50),
] as const;

/** Fields that are read only when they are asked for. */
function lateFields(denial: Denial): unknown {
  if (denial.kind === "nginx") return denial.said;
  if (denial.kind !== "avc") return null;
  const { exe, path, mode, syscall, success, address, proctitle } = denial.event;
  return { exe, path, mode, syscall, success, address, proctitle };
}

/** Texts that invite a second look at what was seen already. */
const invitations: readonly string[] = [
  ...pieces,
  'nginx: [emerg] open() "',
  "x=1 { ",
  "a".repeat(40),
  "SELinux is preventing a from b access on the ",
];

function readItems(): readonly string[] {
  const file = join(import.meta.dirname, "../../fixtures/denials/corpus.json");
  const items: readonly { readonly text: string }[] = JSON.parse(readFileSync(file, "utf8"));
  return items.map(({ text }) => text);
}

/** One run in so many has to be fast enough: other work on the machine makes one slow, not each of them. */
const MOST_RUNS = 8;

/** The least time of up to eight runs, in milliseconds; one within the limit is enough. */
function leastTime(run: () => void, limit: number): number {
  let least = Infinity;
  for (let i = 0; i < MOST_RUNS && least > limit; i++) least = Math.min(least, timed(run));
  return least;
}

/** Units whose repetition takes more than linear time. */
function* notLinear(units: readonly string[]): Generator<Failure, void> {
  for (const unit of units) {
    for (const end of ["", "\n"]) {
      const once = (unit + end).repeat(Math.ceil(100_000 / (unit.length + 1)));
      readDenials(once);
      const short = timed(() => readDenials(once));
      const long = leastTime(() => readDenials(once.repeat(4)), Math.max(200, short * 12));
      if (long > 200 && long > short * 12) {
        yield { input: unit.slice(0, 80), error: `${short} ms, four times the text ${long} ms at least` };
      }
    }
  }
}

function* round(random: Random): Generator<Failure, number> {
  const items = readItems();
  for (let i = 0; i < COUNT; i++) {
    const text = mutatedText(items[random.below(items.length)] ?? "", [pieces[0], ...pieces.slice(1)], random);
    try {
      const { denials } = readDenials(text);
      JSON.stringify([denials, denials.map(lateFields)]);
    } catch (error) {
      yield { input: JSON.stringify(text), error };
    }
  }
  const some = items[random.below(items.length)] ?? "";
  yield* notLinear([...invitations, some]);
  return COUNT;
}

/** 20,000 mutated texts a round. */
export const denials: FuzzTarget = { name: "denials", round };
