/** An output format of `check`: what it is called, and how the text is made. */
import type { Analysis } from "../analysis.ts";
import type { Reporter } from "../buildReport.ts";
import type { Style } from "./terminal.ts";
import type { ChosenPolicy } from "../policies.ts";

/** What a format is made from. */
export interface Reported {
  readonly analysis: Analysis;
  readonly chosen: ChosenPolicy;
  readonly reporter: Reporter;
  /** `--all`: allowed and unknown accesses too. */
  readonly all: boolean;
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
  /** The text for several configurations; left out where there can be only one. */
  several?(reports: readonly Reported[]): Iterable<string>;
  /** The text in pieces, made while they are read: a large report never exists as a whole. */
  write(reported: Reported): Iterable<string>;
}
