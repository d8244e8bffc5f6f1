/** An output format of `check`: what it is called, and how the text is made. */
import type { Analysis } from "../analysis/analysis.ts";
import type { Reporter } from "./buildReport.ts";
import type { Style } from "./terminal.ts";
import type { ChosenPolicy } from "../providers/policies.ts";

/** What a format is made from. */
export interface Reported {
  readonly analysis: Analysis;
  readonly chosen: ChosenPolicy;
  readonly reporter: Reporter;
  /** The program's own version. */
  readonly version: string;
  /** The day of the run, in UTC: \`2026-11-26\`. */
  readonly date: string;
  /** `--all`: allowed and unknown accesses too. */
  readonly all: boolean;
  /** `--verbose`: evidence, every place and every fix with its commands. */
  readonly verbose: boolean;
  /** Options that ask the same policy again, each with a blank in front, quoted for a shell; "" for none. */
  readonly samePolicy: string;
  /** The configuration as an operand, with a blank in front, quoted; null where it cannot be given again. */
  readonly operand: string | null;
  readonly style: Style;
  /** A path as it is shown: relative where it lies below the working directory. */
  nameOf(path: string): string;
}

export interface Format {
  /** As `--format` has it. */
  readonly name: string;
  /** For `--help`: a few words. */
  readonly help: string;
  /** True for a text that a person reads: remarks about the run are then written to standard error. */
  readonly forPeople?: true;
  /** True for JSON: its pieces may have characters of their strings escaped in another way. */
  readonly isJson?: true;
  /** True where the text is for one configuration under one policy, since each needs other changes. */
  readonly onlyOne?: true;
  /** How many policies one text can have, for whom it is written for. */
  readonly mostPolicies?: { readonly count: number; readonly reason: string };
  /** The text in pieces, made while they are read: a large report never exists as a whole. */
  write(reports: Reports): Iterable<string>;
}

/** A row for each configuration, with a report for each policy that was asked for. No row is empty, and all are as long. */
export type Reports = readonly (readonly Reported[])[];

/** The reports of each policy, over all configurations. */
export function byPolicy(reports: Reports): Reports {
  return (reports[0] ?? []).map((_, i) => reports.flatMap((row) => row[i] ?? []));
}

/** The policies' names; those that share one are numbered: two hosts may have the same short name. */
export function policyNames(row: readonly Reported[]): readonly string[] {
  const names = row.map(({ reporter }) => reporter.policy.name);
  const twice = new Set(names.filter((name, i) => names.indexOf(name) !== i));
  return names.map((name, i) => (twice.has(name) ? `${name}#${i + 1}` : name));
}

/** For each report of a configuration ` (rhel9)` where there are several policies, to tell them apart; else "". */
export function policySuffixes(row: readonly Reported[]): readonly string[] {
  return row.length > 1 ? policyNames(row).map((name) => ` (${name})`) : row.map(() => "");
}
