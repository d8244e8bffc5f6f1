/** Which bundled policy stands for the system that an os-release file names. */

/** A release and how it was found. */
export interface ReleaseChoice {
  /** Name of a bundled policy. */
  readonly release: string;
  /** For the user, for example `/etc/os-release says Rocky Linux 9.4, mapped to rhel9`. */
  readonly reason: string;
}

/** Systems that are rebuilt from RHEL, or RHEL itself: their major version is RHEL's. */
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
const oldest = 7;
const newest = 10;

/**
 * `text`: content of os-release(5), or null where there is none. Anything that is not of the RHEL or Fedora family
 * falls back to rhel9, and the reason says so.
 */
export function releaseFor(text: string | null): ReleaseChoice {
  if (text === null) return { release: "rhel9", reason: "there is no /etc/os-release; rhel9 is assumed" };
  const values = parseOsRelease(text);
  const id = (values.get("ID") ?? "").toLowerCase();
  const like = (values.get("ID_LIKE") ?? "").toLowerCase().split(/\s+/);
  const name = values.get("PRETTY_NAME") ?? `${id} ${values.get("VERSION_ID") ?? ""}`.trim();
  const says = `/etc/os-release says ${name === "" ? "nothing" : name}`;
  const major = Number.parseInt(values.get("VERSION_ID") ?? "", 10);
  if (id === "fedora") return { release: "fedora", reason: says };
  if (rebuilds.has(id) || (like.includes("rhel") && major >= oldest && major <= newest)) return rhel(id, major, says);
  if (like.includes("fedora") && !like.includes("rhel"))
    return { release: "fedora", reason: `${says}, mapped to fedora` };
  return { release: "rhel9", reason: `${says}, for which no policy is bundled; rhel9 is assumed` };
}

function rhel(id: string, major: number, says: string): ReleaseChoice {
  if (Number.isNaN(major)) return { release: "rhel9", reason: `${says} without a version; rhel9 is assumed` };
  const nearest = Math.min(newest, Math.max(oldest, major));
  const release = `rhel${nearest}`;
  if (nearest !== major)
    return { release, reason: `${says}, for which no policy is bundled; ${release} is the nearest` };
  return { release, reason: id === "rhel" ? says : `${says}, mapped to ${release}` };
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
