/** The fixes of findings as reports have them. */
import { BoundedMap } from "../base/memo.ts";
import type { Fix } from "../fixes/fix.ts";
import type { OfferedFix } from "../offers/offeredFixes.ts";
import type { Places } from "./places.ts";
import type { ReportEdit, ReportFix } from "./report.ts";

/** Fixes that are kept: findings that share one stand near each other, or it is one of few. */
const MOST_KEPT = 32;

/** The fixes of findings. Equal ones near each other are the same object as a rule: their words need not be made again. */
export function createFixes(places: Places): (offered: readonly OfferedFix[]) => readonly ReportFix[] {
  const known = new BoundedMap<Fix, ReportFix>(MOST_KEPT);
  return (offered) =>
    offered.map((each) => {
      const { fix, edits, solves, preferred } = each;
      const same = known.get(fix);
      if (same?.preferred === preferred && same.solves === solves && edits.length === 0) return same;
      const made = reportFix(each, places);
      if (edits.length === 0) known.set(fix, made);
      return made;
    });
}

function reportFix(offered: OfferedFix, places: Places): ReportFix {
  const { fix, solves, preferred } = offered;
  const { id, title, commands, undo, durable, opens, opensBriefly } = fix;
  const edits = editsOf(offered, places);
  const more = edits === undefined ? {} : { edits };
  return { id, title, commands, undo, durable, preferred, opens, opensBriefly, solves, ...more };
}

/** What a fix changes in files; undefined where it changes none. */
export function editsOf({ fix, edits }: OfferedFix, places: Places): readonly ReportEdit[] | undefined {
  const { outside } = fix;
  if (edits.length === 0 && outside === undefined) return undefined;
  return [
    ...edits.map((edit) => ({ ...places.at(edit), newText: edit.text })),
    ...(outside === undefined ? [] : [{ file: outside.path, range: outside.range, newText: outside.newText }]),
  ];
}
