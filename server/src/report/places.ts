/** Places of a configuration as reports have them: paths and LSP positions. */
import { BoundedMap, memo } from "../base/memo.ts";
import type { Range } from "../base/text.ts";
import type { Place, Step } from "../nginx/access.ts";
import type { Configuration } from "../nginx/load/configuration.ts";
import { lineIndexOf } from "../nginx/tree/lineIndexes.ts";
import type { ReportStep } from "./report.ts";

/** Steps of one chain that a report lists; an upstream can be used from thousands of places. */
const MOST_STEPS = 100;

/** Chains that are kept: findings that share one stand near each other. */
const MOST_KEPT = 32;

export interface Places {
  at(place: Place): { readonly file: string; readonly range: Range };
  pathOf(place: Place): string;
  /** Equal chains near each other are the same object. */
  via(steps: readonly Step[]): readonly ReportStep[];
}

export function createPlaces({ files }: Configuration): Places {
  const chains = new BoundedMap<readonly Step[], readonly ReportStep[]>(MOST_KEPT);
  const nowhere = { line: 0, character: 0 };
  const at = (place: Place): { readonly file: string; readonly range: Range } => {
    const file = files[place.file];
    return file === undefined
      ? { file: "", range: { start: nowhere, end: nowhere } }
      : { file: file.path, range: lineIndexOf(file.tree).rangeOf(place.span) };
  };
  const pathOf = ({ file }: Place): string => files[file]?.path ?? "";
  const via = (steps: readonly Step[]): readonly ReportStep[] =>
    memo(chains, steps, () => steps.slice(0, MOST_STEPS).map((step) => ({ ...at(step), directive: step.directive })));
  return { at, pathOf, via };
}
