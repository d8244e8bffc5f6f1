/** The words and places of a page that its parts share. */
import type { Cause, CausePlace } from "./causes.ts";
import { markup, type Markup } from "./markup.ts";
import type { ReportDecision } from "./report.ts";

/** Beside the report: names and words of whoever writes the page. */
export interface PageAbout {
  /** The configuration's main file. */
  readonly main: string;
  /** The day on which the report was made: \`2026-11-26\`. */
  readonly date: string;
  readonly version: string;
  /** The command that prints every fix in one script; null where there is none to give. */
  readonly script: string | null;
  /** The page of a rule. */
  rulePage(rule: string): string;
  /** A path as it is shown. */
  nameOf(path: string): string;
}

export const verdictWords: Readonly<Record<ReportDecision["verdict"], string>> = {
  allowed: "allowed",
  denied: "refused",
  unknown: "not known",
};

/** `error`, `2 errors` without the number; "information" has no plural. */
export function severityWords(severity: Cause["severity"], number: number): string {
  return severity === "information" || number === 1 ? severity : `${severity}s`;
}

/** A place as text; in the editor's view a click opens it. */
export function placeLink({ file, range }: Pick<CausePlace, "file" | "range">, { nameOf }: PageAbout): Markup {
  const { line, character } = range.start;
  return markup`<span class="place" data-file="${file}" data-line="${line}" data-character="${character}"
    >${nameOf(file)}:${line + 1}:${character + 1}</span
  >`;
}
