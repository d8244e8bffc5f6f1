/**
 * glob(3) with flags 0 in the C locale, as `include` uses it: bytes, byte order, no dotfiles for a leading wildcard, no
 * `**`, no braces, backslash escapes, `[...]` with ranges, negation and classes.
 */
import type { ConfigReader, ReadFailure } from "./reader.ts";

/** True where nginx calls glob(3) at all (`ngx_conf_include`: strpbrk for `*?[`). Without it a backslash is a plain byte. */
export function isGlob(path: string): boolean {
  return /[*?[]/.test(path);
}

const encoder = new TextEncoder();

/** One code unit per UTF-8 byte, so that string comparison and `?` work on bytes. */
function toByteString(text: string): string {
  let ascii = true;
  for (let i = 0; i < text.length && ascii; i++) ascii = text.charCodeAt(i) < 0x80;
  if (ascii) return text;
  let bytes = "";
  for (const byte of encoder.encode(text)) bytes += String.fromCharCode(byte);
  return bytes;
}

const classes: ReadonlyMap<string, RegExp> = new Map([
  ["alpha", /[A-Za-z]/],
  ["digit", /[0-9]/],
  ["alnum", /[A-Za-z0-9]/],
  ["upper", /[A-Z]/],
  ["lower", /[a-z]/],
  ["space", /[ \t\n\v\f\r]/],
  ["blank", /[ \t]/],
  ["punct", /[!-/:-@[-`{-~]/],
  ["xdigit", /[0-9A-Fa-f]/],
  ["cntrl", /[\0-\x1f\x7f]/],
  ["print", /[ -~]/],
  ["graph", /[!-~]/],
]);

interface Bracket {
  /** Index after the closing `]`. */
  readonly end: number;
  readonly matches: boolean;
}

/** Reads the bracket expression at `start` (`[`). Null where it never closes: then `[` is a plain byte. */
function readBracket(pattern: string, start: number, byte: string): Bracket | null {
  let i = start + 1;
  const negated = pattern[i] === "!" || pattern[i] === "^";
  if (negated) i++;
  let matches = false;
  for (let first = true; ; first = false) {
    if (i >= pattern.length) return null;
    if (pattern[i] === "]" && !first) break;
    if (pattern.startsWith("[:", i)) {
      const close = pattern.indexOf(":]", i + 2);
      const named = close < 0 ? undefined : classes.get(pattern.slice(i + 2, close));
      if (named !== undefined) {
        if (named.test(byte)) matches = true;
        i = close + 2;
        continue;
      }
    }
    if (pattern[i] === "\\" && i + 1 < pattern.length) i++;
    const low = pattern.charCodeAt(i++);
    let high = low;
    if (pattern[i] === "-" && i + 1 < pattern.length && pattern[i + 1] !== "]") {
      i++;
      if (pattern[i] === "\\" && i + 1 < pattern.length) i++;
      high = pattern.charCodeAt(i++);
    }
    const c = byte.charCodeAt(0);
    if (c >= low && c <= high) matches = true;
  }
  return { end: i + 1, matches: matches !== negated };
}

/** Length of the pattern element at `p` if it matches `byte`, else 0. Not for `*`. */
function matchOne(pattern: string, p: number, byte: string): number {
  const c = pattern[p];
  if (c === "?") return 1;
  if (c === "\\" && p + 1 < pattern.length) return pattern[p + 1] === byte ? 2 : 0;
  if (c === "[") {
    const bracket = readBracket(pattern, p, byte);
    if (bracket !== null) return bracket.matches ? bracket.end - p : 0;
  }
  return c === byte ? 1 : 0;
}

/** Matches one path component. Both are byte strings. Backtracks to the last `*` only, so no pattern is exponential. */
export function matchComponent(pattern: string, name: string): boolean {
  if (name.startsWith(".") && !pattern.startsWith(".") && !pattern.startsWith("\\.")) return false;
  let p = 0;
  let n = 0;
  let starPattern = -1;
  let starName = 0;
  while (n < name.length) {
    if (pattern[p] === "*") {
      starPattern = ++p;
      starName = n;
      continue;
    }
    const length = p < pattern.length ? matchOne(pattern, p, name[n] ?? "") : 0;
    if (length > 0) {
      p += length;
      n++;
    } else if (starPattern >= 0) {
      p = starPattern;
      n = ++starName;
    } else {
      return false;
    }
  }
  while (pattern[p] === "*") p++;
  return p === pattern.length;
}

function unescapeComponent(component: string): string {
  return component.replace(/\\(.)/gs, "$1");
}

/** More matches than any configuration has; the rest is dropped so that a hostile tree cannot exhaust memory. */
const MAX_MATCHES = 1_000_000;

/** Directories that the includes of one configuration may list: a star for each directory, over links that lead back, has no end. */
const MOST_LISTINGS = 10_000;

/** Counts the directories that are listed for one configuration. */
export class ListingBudget {
  #left: number;

  constructor(most = MOST_LISTINGS) {
    this.#left = most;
  }

  /** False where no directory more may be listed. */
  take(): boolean {
    return this.#left-- > 0;
  }
}

const tooMany: ReadFailure = {
  ok: false,
  code: "outside",
  message: "the includes of this configuration match in too many directories: no more of them are listed",
};

/** What a pattern matches, and what hid other matches. */
export interface Expanded {
  /** Everything that matches, directories included, in byte order. */
  readonly paths: readonly string[];
  /** False where no directory on the way could be listed, so that it is not known what is there. */
  readonly listed: boolean;
  /** Directories that may exist and cannot be listed, over which glob(3) passes in silence; matches that cannot be read. */
  readonly hidden: readonly Hidden[];
}

interface Hidden {
  readonly path: string;
  readonly failure: ReadFailure;
}

const notUtf8: ReadFailure = { ok: false, code: "outside", message: "its name is not UTF-8" };

/**
 * Expands a pattern below a directory.
 *
 * @param base directory that is taken literally, without a final slash; "" is the root of the file system
 * @param pattern relative to `base`
 * @param budget shared by the patterns of a configuration
 * @throws whatever `reader.checkpoint` rejects with
 */
export async function expandGlob(
  base: string,
  pattern: string,
  reader: Pick<ConfigReader, "list" | "checkpoint">,
  budget: ListingBudget,
): Promise<Expanded> {
  const components = pattern.split("/").filter((component) => component !== "");
  let directories: string[] = [base];
  const hidden: Hidden[] = [];
  let listed = false;
  for (const [index, component] of components.entries()) {
    const last = index === components.length - 1;
    const magic = isGlob(component);
    const literal = unescapeComponent(component);
    if (!magic && !last) {
      directories = directories.map((directory) => `${directory}/${literal}`);
      continue;
    }
    const bytes = toByteString(component);
    const found: string[] = [];
    for (const directory of directories) {
      await reader.checkpoint();
      if (!budget.take()) {
        hidden.push({ path: `${base}/${pattern}`, failure: tooMany });
        break;
      }
      const listing = await reader.list(directory === "" ? "/" : directory);
      if (!listing.ok) {
        if (listing.code !== "missing" && listing.code !== "loop")
          hidden.push({ path: directory === "" ? "/" : directory, failure: listing });
        continue;
      }
      listed = true;
      for (const entry of listing.entries) {
        if (!last && entry.kind !== "directory" && entry.kind !== "link") continue;
        const matches = magic ? matchComponent(bytes, toByteString(entry.name)) : entry.name === literal;
        if (!matches || found.length >= MAX_MATCHES) continue;
        const path = `${directory}/${entry.name}`;
        if (entry.isMangled === true) hidden.push({ path, failure: notUtf8 });
        else found.push(path);
      }
    }
    // Paths to the components that were not reached are no files of the configuration.
    directories = !last && hidden.at(-1)?.failure === tooMany ? [] : found;
  }
  const keyed = directories.map((path) => ({ path, key: toByteString(path) }));
  keyed.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  return { paths: keyed.map((entry) => entry.path), listed, hidden };
}
