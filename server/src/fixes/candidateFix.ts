/** A candidate as a fix: its commands and words are worked out when they are asked for. */
import type { Change, Policy } from "../selinux/policy.ts";
import { briefly } from "./briefly.ts";
import type { Candidate, Tier } from "./candidate.ts";
import { commandsFor, isSurelyWritable, type Commands } from "./commands.ts";
import { opening, type Aspect, type Opening } from "./describe.ts";
import type { FileCopy } from "./fileCopy.ts";
import type { Fix } from "./fix.ts";
import { moduleOf, type Module } from "./module.ts";
import type { Ranked } from "./rank.ts";

/** The candidate as a fix; null where a word of its commands cannot be written safely. */
export function fixOf(policy: Policy, source: string, candidate: Candidate, aspect: Aspect): CandidateFix | null {
  const isWritable = isSurelyWritable(policy, candidate) || commandsFor(policy, candidate).ok;
  return isWritable ? new CandidateFix(policy, source, candidate, aspect) : null;
}

type Written = Extract<Commands, { readonly ok: true }>;

/** The commands that were asked for last: their undo is asked for next as a rule, and then none of them again. */
let last: { readonly fix: CandidateFix; readonly written: Written } | null = null;

/**
 * A class, since a plan asks each finding for the changes of its fixes, there may be a finding for every port, and a
 * report in text prints one of them. See `fixWith` for a copy.
 */
export class CandidateFix implements Fix, Ranked {
  readonly candidate: Candidate;
  readonly #policy: Policy;
  readonly #source: string;
  readonly #aspect: Aspect;
  #opened: Opening | null = null;

  constructor(policy: Policy, source: string, candidate: Candidate, aspect: Aspect) {
    this.candidate = candidate;
    this.#policy = policy;
    this.#source = source;
    this.#aspect = aspect;
  }

  get id(): string {
    return this.candidate.id;
  }

  get tier(): Tier {
    return this.candidate.tier;
  }

  get title(): string {
    return this.candidate.title;
  }

  get durable(): boolean {
    return this.candidate.durable;
  }

  get changes(): readonly Change[] {
    return this.candidate.changes;
  }

  get restore(): string | null {
    return this.candidate.restore;
  }

  get copy(): FileCopy | undefined {
    return this.candidate.copy;
  }

  get restartUnit(): string | undefined {
    return this.candidate.restartUnit;
  }

  get module(): Module | undefined {
    return moduleOf(this.changes) ?? undefined;
  }

  get commands(): readonly string[] {
    return this.#commands.run;
  }

  get undo(): readonly string[] {
    return this.#commands.undo;
  }

  get opens(): string {
    let opens = this.candidate.warning ?? "";
    for (const sentence of [this.#opening.text, ...this.candidate.notes()])
      if (sentence !== "") opens += opens === "" ? sentence : ` ${sentence}`;
    return opens;
  }

  get opensBriefly(): string {
    return briefly(this.#policy, this.candidate, this.#opening.types, this.#aspect);
  }

  /** The same for another port of the port record that decides this one. */
  onPort(port: number): CandidateFix {
    const other = this.candidate.onPort?.(port);
    return other === undefined ? this : new CandidateFix(this.#policy, this.#source, other, this.#aspect);
  }

  /** Number of types that become reachable beyond the target. */
  get opened(): number {
    return this.#opening.types.length;
  }

  get #opening(): Opening {
    return (this.#opened ??= opening(this.#policy, this.#source, this.changes, this.#aspect));
  }

  get #commands(): Written {
    if (last?.fix !== this) last = { fix: this, written: this.#write() };
    return last.written;
  }

  #write(): Written {
    const commands = commandsFor(this.#policy, this.candidate);
    if (!commands.ok) throw new Error(`a fix that cannot be written was offered: ${commands.reason}`);
    return commands;
  }
}
