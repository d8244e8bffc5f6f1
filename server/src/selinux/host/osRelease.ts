/** Which bundled policy stands for the system that an os-release file names. */
import { assumedRelease, bundledReleases, type BundledRelease, type ReleaseName } from "../../base/bundledReleases.ts";

/** A release and how it was found. */
export interface ReleaseChoice {
  /** Name of a bundled policy. */
  readonly release: ReleaseName;
  /** For the user, for example `/etc/os-release says Rocky Linux 9.4, mapped to rhel9`. */
  readonly reason: string;
}

/** Systems that are rebuilt from RHEL, or RHEL itself: their versions are RHEL's. */
const rebuilds = new Set([
  "rhel",
  "centos",
  "rocky",
  "almalinux",
  "ol",
  "oracle",
  "scientific",
  "eurolinux",
  "miraclelinux",
]);

type Row = (typeof bundledReleases)[number];

const ofRhel = rowsOf("rhel");
const ofFedora = rowsOf("fedora");

function rowsOf(family: BundledRelease["family"]): readonly Row[] {
  return bundledReleases.filter((row) => row.family === family);
}

/**
 * `text`: content of os-release(5), or null where there is none. Anything that is not of the RHEL or Fedora family
 * falls back to one release, and the reason says so.
 */
export function releaseFor(text: string | null): ReleaseChoice {
  if (text === null) {
    return { release: assumedRelease, reason: `there is no /etc/os-release; ${assumedRelease} is assumed` };
  }
  const values = parseOsRelease(text);
  const id = (values.get("ID") ?? "").toLowerCase();
  const like = (values.get("ID_LIKE") ?? "").toLowerCase().split(/\s+/);
  const name = values.get("PRETTY_NAME") ?? `${id} ${values.get("VERSION_ID") ?? ""}`.trim();
  const says = `/etc/os-release says ${name === "" ? "nothing" : name}`;
  const version = versionOf(values.get("VERSION_ID") ?? "");
  if (id === "fedora") return chosen(ofFedora, version, says);
  if (rebuilds.has(id) || (like.includes("rhel") && isMajorOf(ofRhel, version))) return chosen(ofRhel, version, says);
  const newestFedora = ofFedora.at(-1);
  if (like.includes("fedora") && !like.includes("rhel") && newestFedora !== undefined) {
    return { release: newestFedora.name, reason: `${says}, mapped to ${newestFedora.name}` };
  }
  return { release: assumedRelease, reason: `${says}, for which no policy is bundled; ${assumedRelease} is assumed` };
}

interface Version {
  readonly major: number;
  /** Infinity for a version without one: CentOS Stream is ahead of every minor release. */
  readonly minor: number;
}

function versionOf(text: string): Version | null {
  const [, major, minor] = /^(\d{1,4})(?:\.(\d{1,4}))?/.exec(text) ?? [];
  if (major === undefined) return null;
  return { major: Number(major), minor: minor === undefined ? Infinity : Number(minor) };
}

/** True for a major version from the oldest to the newest row's. */
function isMajorOf(rows: readonly Row[], version: Version | null): boolean {
  const majors = rows.map(({ from }) => from[0]);
  return version !== null && version.major >= Math.min(...majors) && version.major <= Math.max(...majors);
}

/** The last row that begins at or before the version; the reason says where the table is of another version. */
function chosen(rows: readonly Row[], version: Version | null, says: string): ReleaseChoice {
  const [oldest] = rows;
  if (version === null || oldest === undefined) {
    return { release: assumedRelease, reason: `${says} without a version; ${assumedRelease} is assumed` };
  }
  const { major, minor } = version;
  const row = rows.findLast(({ from }) => from[0] < major || (from[0] === major && from[1] <= minor)) ?? oldest;
  const { name, from, measured } = row;
  const table = `${name}, the policy of ${titleOf(row)}`;
  if (from[0] > major)
    return { release: name, reason: `${says}, for which no policy is bundled; ${table}, is nearest` };
  if (from[0] < major) {
    const newest = `${table}, is the newest`;
    return { release: name, reason: `${says}, which is newer than any bundled policy of its family; ${newest}` };
  }
  const later = Number.isFinite(minor) && minor > measured[1];
  return { release: name, reason: `${says}, mapped to ${later ? `${table}; later changes are not in it` : name}` };
}

/** For example `RHEL 9.6`, `Fedora 42`. */
function titleOf({ family, measured: [major, minor] }: Row): string {
  return family === "fedora" ? `Fedora ${major}` : `RHEL ${major}.${minor}`;
}

/** `NAME=value` lines of os-release(5); quotes taken off, escapes inside of them resolved, values printable. */
export function parseOsRelease(text: string): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  for (const line of text.split("\n")) {
    const match = /^([A-Z_]+)=(.*)$/.exec(line.trim());
    if (match === null) continue;
    const [, name = "", raw = ""] = match;
    const quoted = /^(["'])(.*)\1$/.exec(raw);
    values.set(name, printable(quoted === null ? raw : (quoted[2] ?? "").replace(/\\(.)/g, "$1")));
  }
  return values;
}

function printable(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f]/g, " ").slice(0, 80);
}
