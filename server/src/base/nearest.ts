/** Names that a user may have meant. */

/** The up to three known names closest to `wanted`, closest first; empty where none is close. */
export function nearestNames(wanted: string, known: Iterable<string>): readonly string[] {
  const limit = Math.max(3, Math.floor(wanted.length / 3));
  return [...known]
    .map((name) => ({ name, distance: distance(wanted, name) }))
    .filter((each) => each.distance <= limit || (wanted.length >= 4 && each.name.includes(wanted)))
    .sort((a, b) => a.distance - b.distance || (a.name < b.name ? -1 : 1))
    .slice(0, 3)
    .map((each) => each.name);
}

/** ` Did you mean a, b or c?`, or nothing. */
export function didYouMean(wanted: string, known: Iterable<string>): string {
  const names = nearestNames(wanted, known);
  if (names.length === 0) return "";
  const last = names.at(-1) ?? "";
  const list = names.length === 1 ? last : `${names.slice(0, -1).join(", ")} or ${last}`;
  return ` Did you mean ${list}?`;
}

/** Levenshtein distance; names longer than 100 characters count as far away. */
function distance(a: string, b: string): number {
  if (a.length > 100 || b.length > 100) return 100;
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
