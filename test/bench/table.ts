/** The table that every benchmark prints. */

export interface Row {
  readonly what: string;
  readonly milliseconds: number;
  /** Megabytes (10^6 bytes) of input; left out where a rate says nothing. */
  readonly megabytes?: number;
  readonly note?: string;
}

/** A Markdown table with a line for each row. */
export function table(rows: readonly Row[]): string {
  const cells = rows.map(({ what, milliseconds, megabytes, note }) => [
    what,
    milliseconds < 10 ? `${milliseconds.toFixed(2)} ms` : `${Math.round(milliseconds)} ms`,
    megabytes === undefined ? "" : `${Math.round(megabytes / (milliseconds / 1000))} MB/s`,
    note ?? "",
  ]);
  const lines = [["what", "time", "rate", "note"], ...cells];
  const widths = [0, 1, 2, 3].map((column) => Math.max(3, ...lines.map((line) => line[column]?.length ?? 0)));
  const format = (line: readonly string[]): string =>
    `| ${line.map((cell, i) => (i === 1 || i === 2 ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0))).join(" | ")} |`;
  const rule = `| ${widths.map((width, i) => (i === 1 || i === 2 ? `${"-".repeat(width - 1)}:` : "-".repeat(width))).join(" | ")} |`;
  return [format(lines[0] ?? []), rule, ...lines.slice(1).map(format)].join("\n");
}

/** Milliseconds of the fastest of a few runs: what the work itself takes, with the machine's other work left out. */
export function fastest(runs: number, work: () => void): number {
  let best = Infinity;
  for (let run = 0; run < runs; run++) {
    const started = performance.now();
    work();
    best = Math.min(best, performance.now() - started);
  }
  return best;
}
