/** The report as JSON text, in pieces: a large one is never built as a whole. */
import { BoundedMap, memo } from "../base/memo.ts";
import { buildReport } from "./buildReport.ts";
import type { Reported, Reports } from "./format.ts";

/** One report as it is; several, of configurations and of policies, as `{ schema, reports }`. */
export function* jsonReport(reports: Reports): Generator<string, void> {
  const all = reports.flat();
  const [only] = all;
  if (only !== undefined && all.length === 1) return yield* reportText(only);
  yield '{"schema":1,"reports":[\n';
  for (const [i, report] of all.entries()) {
    if (i > 0) yield ",\n";
    yield* reportText(report);
  }
  yield "]}\n";
}

/** The fields of the report in their order; each finding and each access is a line. */
function* reportText({ analysis, reporter, all }: Reported): Generator<string, void> {
  const fields: readonly (readonly [string, unknown])[] = Object.entries(buildReport(analysis, reporter, all));
  let separator = "{";
  for (const [name, value] of fields) {
    yield `${separator}${JSON.stringify(name)}:`;
    if (isStream(value)) yield* lines(value);
    else yield JSON.stringify(value);
    separator = ",\n";
  }
  yield "}\n";
}

function* lines(items: Iterable<unknown>): Generator<string, void> {
  const textOf = createWriter();
  let separator = "[\n";
  let end = "[]";
  for (const item of items) {
    yield separator + textOf(item);
    separator = ",\n";
    end = "]";
  }
  yield end;
}

/** Lists that are kept as text. Items that share one stand near each other, or it is one of few. */
const MOST_KEPT = 1000;

/** Lists that many items share, such as their fixes, are written once. */
function createWriter(): (item: unknown) => string {
  const known = new BoundedMap<readonly unknown[], string>(MOST_KEPT);
  const listText = (list: readonly unknown[]): string => memo(known, list, () => JSON.stringify(list));
  return (item) => {
    if (typeof item !== "object" || item === null) return JSON.stringify(item);
    const fields = Object.entries(item).map(
      ([name, value]: [string, unknown]) =>
        `${JSON.stringify(name)}:${Array.isArray(value) ? listText(value) : JSON.stringify(value)}`,
    );
    return `{${fields.join(",")}}`;
  };
}

/** True for a list that is made while it is read. */
function isStream(value: unknown): value is Iterable<unknown> {
  return typeof value === "object" && value !== null && Symbol.iterator in value && !Array.isArray(value);
}
