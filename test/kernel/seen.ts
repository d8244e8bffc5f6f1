/** What runs have seen of the situations: kept in a file, so that some of them can be run again alone. */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import type { Guest } from "./guest.ts";
import { kinds } from "./situations/index.ts";

/** A situation that was run whole, and in which everything held. */
export interface SeenRow {
  readonly kind: string;
  /** Cells of a table, in the order of its columns; the first one names the situation. */
  readonly cells: readonly string[];
  /** The check predicts a refusal. */
  readonly isRefused: boolean;
}

/** A fix that another is preferred to, and what came of it. */
export interface OtherFix {
  readonly id: string;
  readonly title: string;
  readonly situation: string;
  readonly result: string;
}

/** Tests of one process, on one guest. */
interface SeenRun {
  /** Tells it from the others, as ISO 8601. */
  readonly began: string;
  /** Year, month and day. */
  readonly date: string;
  readonly minutes: number;
  /** The policy of the guest. */
  readonly policy: string;
}

export interface Seen {
  readonly rows: readonly SeenRow[];
  readonly others: readonly OtherFix[];
  readonly runs: readonly SeenRun[];
}

/** The kind of the states of the whole host, which tests of their own make. */
export const STATES = "states of the host";
export const STATES_IN_ALL = 7;

/** Keeps what this run has seen, in place of what was seen of the same situations before. */
export function keepSeen(guest: Guest, { rows, others }: Pick<Seen, "rows" | "others">): Seen {
  const before = seenSoFar();
  const names = new Set(rows.map(({ cells }) => cells[0]));
  const ids = new Set(others.map(({ id }) => id));
  const began = new Date(performance.timeOrigin).toISOString();
  const run = {
    began,
    date: new Date().toISOString().slice(0, 10),
    minutes: Math.round(performance.now() / 60_000),
    policy: policyOf(guest),
  };
  const seen = {
    rows: [...before.rows.filter(({ cells }) => !names.has(cells[0])), ...rows],
    others: [...before.others.filter(({ id }) => !ids.has(id)), ...others],
    // More than one file of tests keeps something.
    runs: [...before.runs.filter((other) => other.began !== began), run],
  };
  mkdirSync(dirname(file()), { recursive: true });
  writeFileSync(file(), JSON.stringify(seen));
  return seen;
}

export function seenSoFar(): Seen {
  if (!existsSync(file())) return { rows: [], others: [], runs: [] };
  return JSON.parse(readFileSync(file(), "utf8")) as Seen;
}

/** Names of the situations that no run has seen yet, and of the states how many. */
export function unseen({ rows }: Seen): readonly string[] {
  const names = new Set(rows.map(({ cells }) => cells[0]));
  const missing = STATES_IN_ALL - rows.filter(({ kind }) => kind === STATES).length;
  return [
    ...kinds.flatMap(({ situations }) => situations.map(({ name }) => name)).filter((name) => !names.has(name)),
    ...(missing > 0 ? [`${missing} ${STATES}`] : []),
  ];
}

/** Forgets all: a whole run begins. */
export function forgetSeen(path: string): void {
  rmSync(path, { force: true });
}

/** Which policy the guest has, in a few words. */
function policyOf(guest: Guest): string {
  const text = guest.run("basename /etc/selinux/*/policy/policy.*; dpkg-query -W selinux-policy-default");
  return text.trim().replace(/\s+/g, " ");
}

/** The file that run.ts names. */
function file(): string {
  const path = process.env["KERNEL_TEST_SEEN"];
  if (path === undefined) throw new Error("start these tests with: npm run test:kernel");
  return path;
}
