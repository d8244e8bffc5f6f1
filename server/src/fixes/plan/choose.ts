/** Which of its fixes each target gets: the best one, unless the others' changes clear it with less. */
import type { Change } from "../../selinux/policy.ts";
import type { Fix } from "../fix.ts";
import { cheapKey, inexpressible } from "./changes.ts";
import type { PlanTarget, Uncleared } from "./plan.ts";
import type { PortChange } from "./portRecords.ts";

/** A target with the fix that it has now. */
export interface Choice {
  readonly target: PlanTarget;
  readonly fix: Fix;
  /** Every fix that may be taken, best first; the present one among them. */
  readonly options: readonly Fix[];
}

export interface Choices {
  readonly taken: readonly Choice[];
  readonly stuck: readonly Uncleared[];
}

/** The best fix of each target that has one; why the others have none. */
export function bestFixes(targets: readonly PlanTarget[]): Choices {
  const taken: Choice[] = [];
  const stuck: Uncleared[] = [];
  for (const target of targets) {
    const { fixes } = target;
    const options = fixes.every(isPossible) ? fixes : fixes.filter(isPossible);
    const [fix] = options;
    if (fix === undefined) stuck.push({ title: target.title, reason: whyNone(target) });
    else taken.push({ target, fix, options });
  }
  return { taken, stuck };
}

/** A lasting fix that can be written for every tool. A plan restarts nothing. */
function isPossible(fix: Fix): boolean {
  return (
    fix.durable &&
    fix.restartUnit === undefined &&
    (fix.changes.length > 0 || fix.restore !== null || fix.copy !== undefined) &&
    fix.changes.every((change) => inexpressible(change) === null)
  );
}

function whyNone(target: PlanTarget): string {
  const unwritable = target.fixes.flatMap((fix) => fix.changes.flatMap((change) => inexpressible(change) ?? []))[0];
  if (unwritable !== undefined) return unwritable;
  const reason = target.fixes.length === 0 ? "no command clears it" : "what would clear it does not last";
  return target.advice === "" ? reason : `${reason}. ${target.advice}`;
}

/**
 * The same targets with fewer changes: a change is left out where each target that has it can take another fix made of
 * changes that are there anyway (a boolean that opens another port too). Every target still has one fix of its own that
 * clears it alone. Nearly linear in the number of fixes.
 */
export function withFewerChanges(choices: readonly Choice[]): readonly Choice[] {
  return new Economy(choices).choices;
}

/** A target's place in the list, with the fix that it has at the moment. */
interface Seat {
  readonly choice: Choice;
  fix: Fix;
}

interface Move {
  readonly seat: Seat;
  readonly to: Fix;
}

type Key = string | number;

/** How many targets have a change. */
class Uses {
  /** By the numbers of `cheapKey`. */
  readonly #ports = new Uint32Array(2 * 65536);
  readonly #others = new Map<string, number>();

  of(key: Key): number {
    return typeof key === "number" ? (this.#ports[key] ?? 0) : (this.#others.get(key) ?? 0);
  }

  add(key: Key, more: 1 | -1): void {
    const count = this.of(key) + more;
    if (typeof key === "number") this.#ports[key] = count;
    else this.#others.set(key, count);
  }
}

class Economy {
  readonly #seats: readonly Seat[];
  readonly #uses = new Uses();
  /** Labels of more than one port. */
  readonly #ranges: PortChange[] = [];

  constructor(choices: readonly Choice[]) {
    this.#seats = choices.map((choice) => ({ choice, fix: choice.fix }));
    const having = new Map<Key, { readonly change: Change; readonly seats: Seat[] }>();
    for (const seat of this.#seats) {
      for (const change of seat.fix.changes) {
        const key = cheapKey(change);
        this.#uses.add(key, 1);
        if (change.kind === "port") {
          if (change.high > change.low) this.#ranges.push(change);
          continue;
        }
        const known = having.get(key);
        if (known === undefined) having.set(key, { change, seats: [seat] });
        else known.seats.push(seat);
      }
    }
    for (const kind of LEFT_OUT)
      for (const [key, { change, seats }] of having) if (change.kind === kind) this.#leaveOut(key, seats);
    this.#leaveOutPorts();
  }

  get choices(): readonly Choice[] {
    return this.#seats.map(({ choice, fix }) => (fix === choice.fix ? choice : { ...choice, fix }));
  }

  #leaveOut(key: Key, seats: readonly Seat[]): void {
    const moves: Move[] = [];
    for (const seat of seats) {
      if (!seat.fix.changes.some((change) => cheapKey(change) === key)) continue;
      const to = this.#without(seat, key);
      if (to === undefined) return;
      moves.push({ seat, to });
    }
    for (const move of moves) this.#make(move);
  }

  /** The same for labels of ports: nearly every one has one target. */
  #leaveOutPorts(): void {
    const shared = new Map<Key, Move[]>();
    for (const seat of this.#seats) {
      const label = seat.fix.changes.find((change) => change.kind === "port");
      if (label === undefined) continue;
      const key = cheapKey(label);
      const to = this.#without(seat, key);
      if (to === undefined) continue;
      if (this.#uses.of(key) === 1) this.#make({ seat, to });
      else shared.set(key, [...(shared.get(key) ?? []), { seat, to }]);
    }
    for (const [key, moves] of shared)
      if (moves.length === this.#uses.of(key)) for (const move of moves) this.#make(move);
  }

  #without({ choice }: Seat, key: Key): Fix | undefined {
    return choice.options.find((fix) => this.#isThere(fix, key));
  }

  #make({ seat, to }: Move): void {
    for (const change of seat.fix.changes) this.#uses.add(cheapKey(change), -1);
    seat.fix = to;
    for (const change of to.changes) this.#uses.add(cheapKey(change), 1);
  }

  /** True for a fix that is made of changes which are there, without the one that is to go. */
  #isThere({ changes, edit }: Fix, without: Key): boolean {
    if (edit !== undefined || changes.length === 0) return false;
    return changes.every((change) => {
      const key = cheapKey(change);
      return (
        key !== without && (this.#uses.of(key) > 0 || (change.kind === "port" && this.#isInRange(change, without)))
      );
    });
  }

  #isInRange({ protocol, type, low, high }: PortChange, without: Key): boolean {
    return this.#ranges.some((range) => {
      if (range.protocol !== protocol || range.type !== type || range.low > low || range.high < high) return false;
      const key = cheapKey(range);
      return key !== without && this.#uses.of(key) > 0;
    });
  }
}

/** The order in which changes are tried to be left out: those that open most come first. */
const LEFT_OUT: readonly Change["kind"][] = ["boolean", "allow", "fileContext", "restore", "label", "port"];
