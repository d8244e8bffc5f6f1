/** A map of the configuration: files, the directives in them that lead somewhere, and the targets with their verdicts. */
import type { Report, ReportDecision } from "./report.ts";
import { markup, type Markup } from "./markup.ts";
import { targetName } from "./targetName.ts";

/** Targets on a map; more would be a wall, and the table has them all. */
const MOST_TARGETS = 150;
const ROW = 34;
const WIDTH = 300;
const GAP = 90;

interface Box {
  readonly label: string;
  readonly verdict: ReportDecision["verdict"] | "";
  row: number;
}

const marks: Readonly<Record<string, string>> = { allowed: "\u2713", denied: "\u2717", unknown: "?" };
const worst: readonly ReportDecision["verdict"][] = ["denied", "unknown", "allowed"];

/** Null where nginx connects and listens nowhere. Verdicts are told by a sign and a word, not by colour alone. */
export function mapSvg(report: Report, nameOf: (path: string) => string): Markup | null {
  const accesses = (report.accesses ?? []).filter((each) => each.protocol !== "file" && each.protocol !== "process");
  if (accesses.length === 0) return null;
  const targets = new Map<string, { readonly box: Box; readonly files: Set<string> }>();
  for (const access of accesses.toSorted((a, b) => worst.indexOf(a.verdict) - worst.indexOf(b.verdict))) {
    const label = `${access.kind === "bind" ? "listens on" : "connects to"} ${access.protocol} ${targetName(access)}`;
    let target = targets.get(label);
    if (target === undefined) {
      if (targets.size >= MOST_TARGETS) continue;
      target = {
        box: {
          label: `${label}${access.target === null ? "" : ` (${access.target})`}`,
          verdict: access.verdict,
          row: 0,
        },
        files: new Set(),
      };
      targets.set(label, target);
    }
    const from = access.via.length === 0 ? [access.file] : access.via.map((step) => step.file);
    for (const file of from) target.files.add(file);
  }
  return drawn([...targets.values()], nameOf);
}

function drawn(
  targets: readonly { readonly box: Box; readonly files: ReadonlySet<string> }[],
  nameOf: (path: string) => string,
): Markup {
  const files = [...new Set(targets.flatMap((target) => [...target.files]))].toSorted();
  const rowOfFile = new Map(files.map((file, i) => [file, i]));
  targets.forEach((target, i) => (target.box.row = i));
  const height = Math.max(files.length, targets.length) * ROW + 10;
  const lines = targets.flatMap(({ box, files: from }) =>
    [...from].map((file) => {
      const y1 = (rowOfFile.get(file) ?? 0) * ROW + ROW / 2;
      const y2 = box.row * ROW + ROW / 2;
      return markup`<path
        class="${box.verdict}"
        d="M${WIDTH} ${y1} C${WIDTH + GAP / 2} ${y1} ${WIDTH + GAP / 2} ${y2} ${WIDTH + GAP} ${y2}"
      />`;
    }),
  );
  const left = files.map((file, i) => boxAt({ label: nameOf(file), verdict: "", row: i }, 0, WIDTH));
  const right = targets.map(({ box }) => boxAt(box, WIDTH + GAP, WIDTH + 130));
  const width = 2 * WIDTH + GAP + 130;
  return markup`<svg
    role="img"
    aria-label="Files on the left, the ports and sockets that they name on the right; the table below says the same"
    width="${width}"
    height="${height}"
    viewBox="0 0 ${width} ${height}"
  >
    ${lines}${left}${right}
  </svg>`;
}

function boxAt({ label, verdict, row }: Box, x: number, width: number): Markup {
  const y = row * ROW + 4;
  const text = verdict === "" ? label : `${marks[verdict] ?? ""} ${verdict}: ${label}`;
  const most = Math.floor(width / 7);
  return markup`<g
    ><title>${text}</title
    ><rect class="${verdict}" x="${x + 1}" y="${y}" width="${width - 2}" height="${ROW - 8}" rx="4" /><text
      x="${x + 8}"
      y="${y + 17}"
      >${text.length > most ? `${text.slice(0, most / 2 - 1)}\u2026${text.slice(-most / 2)}` : text}</text
    ></g
  >`;
}
