/** The map of a configuration: its sites, the upstreams they use, and the ports and sockets with their verdicts. */
import type { ReportDecision } from "./report.ts";
import { verdictWords } from "./htmlWords.ts";
import { markup, type Markup } from "./markup.ts";
import type { Site, SiteLink } from "./siteMap.ts";
import { targetName } from "./targetName.ts";

/** Boxes of one column; more would be a wall, and the table has them all. */
const MOST = 150;
const ROW = 34;
/** Left edge and width of the columns. */
const COLUMNS = { site: [0, 270], upstream: [330, 190], target: [580, 460] } as const;
const WIDTH = 1040;

type Verdict = ReportDecision["verdict"];

const signs: Readonly<Record<Verdict, string>> = { allowed: "\u2713", denied: "\u2717", unknown: "?" };

interface Box {
  readonly row: number;
  readonly text: string;
  /** For a tooltip and for the editor's view; null for an upstream. */
  readonly place: { readonly file: string; readonly line: number; readonly character: number } | null;
  readonly verdict: Verdict | null;
}

interface Edge {
  readonly from: Box;
  readonly to: Box;
  readonly side: "site-upstream" | "site-target" | "upstream-target";
  readonly verdict: Verdict;
}

/** The drawing and the same as a list; null where nginx connects and listens nowhere. Verdicts are signs and words, too. */
export function mapOf(links: readonly SiteLink[], nameOf: (path: string) => string): Markup | null {
  if (links.length === 0) return null;
  const sites = new Map<string, Box>();
  const upstreams = new Map<string, Box>();
  const targets = new Map<string, Box>();
  const edges = new Map<string, Edge>();
  const lines = new Map<string, Markup>();
  let left = 0;
  for (const { site, upstream, access } of links) {
    const target = targetText(access);
    if (isFull(sites, site.name) || isFull(targets, target) || (upstream !== null && isFull(upstreams, upstream))) {
      left += 1;
      continue;
    }
    const from = box(sites, site.name, { text: site.name, place: placeOf(site), verdict: null });
    const to = box(targets, target, { text: target, place: accessPlace(access), verdict: access.verdict });
    const { verdict } = access;
    // Links come with the worst verdict first, so that the first edge between two boxes is the one to draw.
    const connect = (edge: Edge): void => {
      const key = `${edge.side} ${edge.from.row} ${edge.to.row}`;
      if (!edges.has(key)) edges.set(key, edge);
    };
    if (upstream === null) connect({ from, to, side: "site-target", verdict });
    else {
      const through = box(upstreams, upstream, { text: upstream, place: null, verdict: null });
      connect({ from, to: through, side: "site-upstream", verdict });
      connect({ from: through, to, side: "upstream-target", verdict });
    }
    const way = `${site.name}${upstream === null ? "" : `, upstream ${upstream},`}`;
    lines.set(`${way} ${target}`, markup`<li>${way} ${target}: ${verdictWords[verdict]}</li>`);
  }
  const height = Math.max(sites.size, upstreams.size, targets.size) * ROW + 10;
  return markup`<div class="map" tabindex="0"><svg
      role="img"
      aria-label="Sites on the left, their upstreams, and the ports and sockets with SELinux's answers on the right. The list below says the same."
      width="${WIDTH}"
      height="${height}"
      viewBox="0 0 ${WIDTH} ${height}"
    >
      ${[...edges.values()].map(drawnEdge)}${[...sites.values()].map((each) => drawnBox(each, "site", nameOf))}${[...upstreams.values()].map((each) => drawnBox(each, "upstream", nameOf))}${[...targets.values()].map((each) => drawnBox(each, "target", nameOf))}
    </svg></div>
    ${left === 0 ? markup`` : markup`<p>${left} more connections are in the table.</p>`}
    <details>
      <summary>The map as a list</summary>
      <ul>
        ${[...lines.values()]}
      </ul>
    </details>`;
}

function isFull(boxes: ReadonlyMap<string, Box>, key: string): boolean {
  return boxes.size >= MOST && !boxes.has(key);
}

function box(boxes: Map<string, Box>, key: string, made: Omit<Box, "row">): Box {
  const known = boxes.get(key);
  if (known !== undefined) return known;
  const added = { ...made, row: boxes.size };
  boxes.set(key, added);
  return added;
}

function targetText(access: ReportDecision): string {
  const { kind, protocol, target } = access;
  return `${kind === "bind" ? "listens on" : "connects to"} ${protocol} ${targetName(access)}${target === null ? "" : ` (${target})`}`;
}

function placeOf({ file, line }: Site): Box["place"] {
  return { file, line, character: 0 };
}

function accessPlace({ file, range: { start } }: ReportDecision): Box["place"] {
  return { file, ...start };
}

const ends = {
  "site-upstream": ["site", "upstream"],
  "site-target": ["site", "target"],
  "upstream-target": ["upstream", "target"],
} as const;

function drawnEdge({ from, to, side, verdict }: Edge): Markup {
  const [start, end] = ends[side];
  const x1 = COLUMNS[start][0] + COLUMNS[start][1];
  const x2 = COLUMNS[end][0];
  const y1 = from.row * ROW + ROW / 2;
  const y2 = to.row * ROW + ROW / 2;
  const bend = (x2 - x1) / 2;
  return markup`<path
    class="${verdict}"
    d="M${x1} ${y1} C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}"
  />`;
}

/** Characters of 12 pixels are about 7 wide. */
const CHARACTER = 7;

function drawnBox({ row, text, place, verdict }: Box, column: keyof typeof COLUMNS, nameOf: (path: string) => string) {
  const [x, width] = COLUMNS[column];
  const y = row * ROW + 4;
  const label = verdict === null ? text : `${signs[verdict]} ${verdictWords[verdict]}: ${text}`;
  const most = Math.floor((width - 16) / CHARACTER);
  const shown =
    label.length <= most
      ? label
      : `${label.slice(0, Math.ceil(most / 2) - 1)}\u2026${label.slice(-Math.floor(most / 2))}`;
  const inside = markup`<title>${label}${place === null ? "" : `, ${nameOf(place.file)}:${place.line + 1}`}</title
    ><rect class="${verdict ?? ""}" x="${x + 1}" y="${y}" width="${width - 2}" height="${ROW - 8}" rx="4" /><text
      x="${x + 8}"
      y="${y + 17}"
      >${shown}</text
    >`;
  return place === null
    ? markup`<g>${inside}</g>`
    : markup`<g
        class="place"
        data-file="${place.file}"
        data-line="${place.line}"
        data-character="${place.character}"
        >${inside}</g
      >`;
}
