/**
 * Labels that touch each other, of different targets: ranges of ports that overlap, and directories inside of others.
 * Set one after another they would depend on the order: semanage refuses a range that overlaps a local one, and of two
 * file contexts that match the newer one wins. So each of their fixes sets all of them at once.
 */
import type { Change, Policy } from "../../selinux/policy.ts";
import type { FixContext } from "../candidate.ts";
import { rewritten } from "../rewrite.ts";
import { cheapKey, compareChanges, specKey } from "./changes.ts";
import type { ChangeOf } from "./changes.ts";
import type { Choice } from "./choose.ts";
import type { PortChange } from "./portRecords.ts";
import { SpecTree } from "./specTree.ts";

/** Some choices, in their order, with fixes that hold in any order. Linear but for sorting. */
export function jointFixes(context: FixContext, choices: readonly Choice[]): readonly Choice[] {
  const ranges = overlappingRanges(choices);
  const trees = new Trees(context.policy, choices);
  if (ranges.size === 0 && trees.isTrivial) return choices;
  return choices.map((choice) => {
    const own = choice.fix.changes;
    const ports = own.map((change) => ranges.get(cheapKey(change)) ?? change);
    const { changes, restore } = trees.applied(choice, ports);
    if (changes.length === own.length && changes.every((each) => own.includes(each))) return choice;
    return { ...choice, fix: rewritten(context, choice.fix, changes, restore) };
  });
}

/** For each port label that overlaps another one: the range that holds both. */
function overlappingRanges(choices: readonly Choice[]): ReadonlyMap<string | number, PortChange> {
  const found = new Map<string | number, PortChange>();
  if (!choices.some(({ fix }) => fix.changes.some(isRange))) return found;
  const labels = new Map<string | number, PortChange>();
  for (const { fix } of choices) {
    for (const change of fix.changes) if (change.kind === "port") labels.set(cheapKey(change), change);
  }
  const all = [...labels.values()];
  for (const members of overlapping(all.sort(byPorts))) {
    const [first] = members;
    if (first === undefined || members.length === 1) continue;
    const range = { ...first, high: Math.max(...members.map(({ high }) => high)) };
    for (const each of members) found.set(cheapKey(each), range);
  }
  return found;
}

function isRange(change: Change): boolean {
  return change.kind === "port" && change.low < change.high;
}

function byPorts(a: PortChange, b: PortChange): number {
  if (a.protocol !== b.protocol) return a.protocol < b.protocol ? -1 : 1;
  if (a.type !== b.type) return a.type < b.type ? -1 : 1;
  return a.low - b.low || a.high - b.high;
}

/** Sorted labels in groups of those that overlap. */
function overlapping(sorted: readonly PortChange[]): readonly (readonly PortChange[])[] {
  const groups: PortChange[][] = [];
  let [last, high] = [sorted[0], 0];
  for (const label of sorted) {
    const joins = label.protocol === last?.protocol && label.type === last.type && label.low <= high;
    high = joins ? Math.max(high, label.high) : label.high;
    last = label;
    if (joins) groups.at(-1)?.push(label);
    else groups.push([label]);
  }
  return groups;
}

type Context = ChangeOf<"fileContext">;

/** The file contexts at and inside of one directory. */
interface Joint {
  readonly contexts: readonly Context[];
  /** Those of them that change something. */
  readonly needed: readonly Context[];
  /** The policy with the needed ones alone. */
  readonly policy: Policy;
  /** The path whose labels on disk are reset. */
  readonly restore: string | null;
}

/** The file contexts of all choices, by the outermost directory that holds them. */
class Trees {
  readonly #policy: Policy;
  readonly #tree: SpecTree;
  readonly #joints = new Map<Context, Joint>();
  readonly #restores = new Map<string, string>();

  constructor(policy: Policy, choices: readonly Choice[]) {
    this.#policy = policy;
    const contexts: Context[] = [];
    for (const { fix } of choices) {
      for (const change of fix.changes) {
        if (change.kind !== "fileContext") continue;
        contexts.push(change);
        if (fix.restore !== null) this.#restores.set(specKey(change), fix.restore);
      }
    }
    this.#tree = new SpecTree(contexts);
  }

  /** True where no label is inside of another one. */
  get isTrivial(): boolean {
    return this.#tree.isFlat;
  }

  /** Changes of a choice, with every file context that touches its own in place of them. */
  applied(
    { target, fix }: Choice,
    changes: readonly Change[],
  ): { readonly changes: readonly Change[]; readonly restore: string | null } {
    const own = changes.find((change) => change.kind === "fileContext");
    if (own === undefined) return { changes, restore: fix.restore };
    const others = changes.filter((change) => change.kind !== "fileContext");
    const { contexts, needed, policy, restore } = this.#jointOf(own);
    // A literal spec of the policy counts before that of a directory: then the covered one is needed.
    const enough = target.clears(others.length === 0 ? policy : policy.with(others), fix);
    return { changes: [...others, ...(enough ? needed : contexts)], restore: restore ?? fix.restore };
  }

  /** A fix has one file context, or several at and inside of the same directory. */
  #jointOf(own: Context): Joint {
    const top = this.#tree.topOf(own);
    let joint = this.#joints.get(top);
    if (joint === undefined) {
      const contexts = this.#tree.below(top).toSorted(compareChanges);
      const needed = this.#tree.withoutCovered(contexts);
      joint = {
        contexts,
        needed,
        policy: this.#policy.with(needed),
        restore: this.#restores.get(specKey(top)) ?? null,
      };
      this.#joints.set(top, joint);
    }
    return joint;
  }
}
