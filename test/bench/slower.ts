/** What has become slower than in the committed table: ratios to the floor of the same run, since machines differ. */
import type { Row } from "./table.ts";

/** More than this times the committed ratio is told. */
const TOLD = 1.2;

/**
 * A sentence for each row that takes more than 1.2 times as long as in the committed table, both divided by the floor's
 * time in their own run. Rows that are not in both are left out.
 *
 * @param committed Markdown with the table
 * @param floor `what` of the row that measures the machine
 * @throws where the floor is missing in one of them
 */
export function slowerRows(committed: string, rows: readonly Row[], floor: string): readonly string[] {
  const before = committedTimes(committed);
  const [floorBefore, floorNow] = [before.get(floor), rows.find(({ what }) => what === floor)?.milliseconds];
  if (floorBefore === undefined || floorNow === undefined) throw new Error(`no row "${floor}" to compare with`);
  return rows.flatMap(({ what, milliseconds }) => {
    const known = before.get(what);
    if (known === undefined || known === 0) return [];
    const ratio = milliseconds / floorNow / (known / floorBefore);
    return ratio > TOLD ? [`${what}: ${ratio.toFixed(2)} times the committed time, measured against "${floor}"`] : [];
  });
}

/** Milliseconds by `what` of a table that `table` has made. */
function committedTimes(text: string): ReadonlyMap<string, number> {
  const times = new Map<string, number>();
  for (const line of text.split("\n")) {
    const [, what, time] = line.split("|").map((cell) => cell.trim());
    const milliseconds = /^([\d.]+) ms$/u.exec(time ?? "")?.[1];
    if (what !== undefined && milliseconds !== undefined) times.set(what, Number(milliseconds));
  }
  return times;
}
