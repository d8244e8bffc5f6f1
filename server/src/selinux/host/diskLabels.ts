/** Labels on disk, read by coreutils' `stat`, or from a list that came with a copy of another machine's `/`. */
import { inDirectory, nameOf, parentOf } from "../../base/paths.ts";
import { HostError, type Host } from "../../host/host.ts";
import type { DiskLabel } from "./hostState.ts";
import type { FileKind } from "../fileContextLists.ts";
import { readText, typeOfContext } from "../../host/readHost.ts";

export interface DiskLabels {
  /** By path as asked, of each path and of every directory above it. */
  readonly labels: ReadonlyMap<string, DiskLabel>;
  /** By path as asked, where it differs; null where it is not known. */
  readonly realPaths: ReadonlyMap<string, string | null>;
}

/** `stat` takes its paths as arguments: so many, and so many characters of them, at a time. */
const BATCH_PATHS = 500;
const BATCH_CHARACTERS = 60_000;
/** A list of every file of a machine has some ten megabytes. */
const LARGEST_LIST = 256 * 2 ** 20;
const LIMITS = { timeoutMs: 5000, maxBytes: 4 * 2 ** 20 } as const;

/** Labels by path, as a list has them. */
export type ListedLabels = ReadonlyMap<string, DiskLabel>;

/**
 * The list of labels in a copy of a machine's `/`; null without one, and on this machine.
 *
 * A copy has usually lost its labels. `find / -xdev -printf '%p\t%Z\t%y\t%m\t%U\t%G\n' > .selinux-labels` on the machine
 * keeps those that matter, and modes and owners (`permissions/listedModes.ts`); the file belongs into the directory that stands for `/`. It may be cut down to the paths of interest.
 */
export async function readLabelList(host: Host, root: string): Promise<ListedLabels | null> {
  const text = await readList(host, root);
  return text === null ? null : parseList(text);
}

/**
 * Labels of the objects that absolute paths stand for, links followed, and of the directories above them, each once;
 * where a link is on the way, also of the real path. `root`: "" or a copy of a machine's `/`; `listed`: what
 * `readLabelList` found there.
 */
export async function readDiskLabels(
  host: Host,
  root: string,
  paths: readonly string[],
  listed: ListedLabels | null = null,
): Promise<DiskLabels> {
  const realPaths = new Map<string, string | null>();
  for (const path of new Set(paths)) {
    const real = await realPathOf(host, root, path);
    if (real !== path) realPaths.set(path, real);
  }
  const wanted = new Set<string>();
  for (const path of [...paths, ...realPaths.values()]) if (path !== null) addWithParents(wanted, path);
  const labels =
    listed === null ? await statLabels(host, root, [...wanted]) : await listedLabels(host, root, listed, [...wanted]);
  return { labels, realPaths };
}

/** The list that came with a copy; null on a host, and for a copy without one. */
export async function readList(host: Host, root: string): Promise<string | null> {
  return root === "" ? null : readText(host, `${root}/.selinux-labels`, LARGEST_LIST);
}

function addWithParents(wanted: Set<string>, path: string): void {
  if (wanted.has(path)) return;
  wanted.add(path);
  wanted.add("/");
  for (let slash = path.indexOf("/", 1); slash !== -1; slash = path.indexOf("/", slash + 1)) {
    wanted.add(path.slice(0, slash));
  }
}

/** Of a socket that does not exist yet the directory can still be a link. */
async function realPathOf(host: Host, root: string, path: string): Promise<string | null> {
  const direct = await resolve(host, root, path);
  if (direct !== null) return direct;
  const parent = parentOf(path);
  const directory = parent === "/" ? "/" : await resolve(host, root, parent);
  return directory === null ? null : inDirectory(directory, nameOf(path));
}

async function resolve(host: Host, root: string, path: string): Promise<string | null> {
  try {
    const real = await host.realPath(root + path);
    if (root === "") return real;
    const top = await host.realPath(root);
    return real === top ? "/" : real.startsWith(`${top}/`) ? real.slice(top.length) : null;
  } catch (error) {
    if (error instanceof HostError) return null;
    throw error;
  }
}

/** Labels of exactly these objects, links followed. */
export async function statLabels(
  host: Host,
  root: string,
  paths: readonly string[],
): Promise<ReadonlyMap<string, DiskLabel>> {
  const labels = new Map<string, DiskLabel>();
  const askable = paths.filter((path) => {
    const problem = unaskable(path);
    if (problem !== null) labels.set(path, { state: "unknown", reason: problem });
    return problem === null;
  });
  for (const batch of batches(askable)) {
    const found = await statBatch(host, root, batch);
    if (typeof found === "string") {
      for (const path of batch) labels.set(path, { state: "unknown", reason: found });
      continue;
    }
    for (const path of batch) labels.set(path, found.get(path) ?? (await withoutLabel(host, root, path)));
  }
  return labels;
}

/** A program's arguments have no NUL, and a path that was not UTF-8 was changed when it was read. */
function unaskable(path: string): string | null {
  if (path.includes("\0")) return "no path has a NUL";
  return path.includes("\ufffd") ? "the path is not UTF-8" : null;
}

function* batches(paths: readonly string[]): Generator<readonly string[]> {
  let batch: string[] = [];
  let characters = 0;
  for (const path of paths) {
    if (batch.length === BATCH_PATHS || (batch.length > 0 && characters + path.length > BATCH_CHARACTERS)) {
      yield batch;
      batch = [];
      characters = 0;
    }
    batch.push(path);
    characters += path.length;
  }
  if (batch.length > 0) yield batch;
}

/**
 * Labels by path as asked, from name, context and mode of each object, ended by NUL. A reason where the program cannot
 * be asked. The program follows links on this machine, so of a copy it is asked for what they lead to in the copy.
 */
async function statBatch(
  host: Host,
  root: string,
  paths: readonly string[],
): Promise<ReadonlyMap<string, DiskLabel> | string> {
  let output: string;
  const named = new Map<string, string>();
  for (const path of paths) {
    const real = root === "" ? path : await resolve(host, root, path);
    if (real !== null) named.set(path, root + real);
  }
  if (named.size === 0) return new Map();
  try {
    const program = ["-L", String.raw`--printf=%n\0%C\0%f\0`, "--"];
    output = (await host.run("/usr/bin/stat", [...program, ...new Set(named.values())], LIMITS)).stdout;
  } catch (error) {
    if (error instanceof HostError) return `labels on disk cannot be read: /usr/bin/stat: ${error.message}`;
    throw error;
  }
  const fields = output.split("\0");
  const labels = new Map<string, DiskLabel>();
  for (let at = 0; at + 2 < fields.length; at += 3) {
    const [name = "", context = "", mode = ""] = fields.slice(at, at + 3);
    const type = typeOfContext(context);
    labels.set(
      name,
      type === null
        ? { state: "unknown", reason: root === "" ? NO_LABEL : NO_LABEL_IN_COPY }
        : { state: "present", type, kind: kindOfMode(Number.parseInt(mode, 16)) },
    );
  }
  return new Map(
    [...named].flatMap(([path, name]) => {
      const label = labels.get(name);
      return label === undefined ? [] : [[path, label] as const];
    }),
  );
}

const NO_LABEL = "it has no SELinux label on disk";
const NO_LABEL_IN_COPY = "the copy has no SELinux label for it";

/** File type bits of `st_mode` (inode(7)). */
function kindOfMode(mode: number): FileKind {
  switch (mode & 0o170000) {
    case 0o040000:
      return "dir";
    case 0o140000:
      return "sock";
    case 0o120000:
      return "link";
    case 0o020000:
      return "char";
    case 0o060000:
      return "block";
    case 0o010000:
      return "pipe";
    default:
      return "file";
  }
}

/** Why `stat` said nothing of a path. A copy need not be whole: what it lacks may well exist. */
async function withoutLabel(host: Host, root: string, path: string): Promise<DiskLabel> {
  try {
    await host.stat(root + path);
    return { state: "unknown", reason: "its label cannot be read" };
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
    const isMissing = error.code === "ENOENT" || error.code === "ENOTDIR";
    if (isMissing) return root === "" ? { state: "missing" } : { state: "unknown", reason: "it is not in the copy" };
    return { state: "unknown", reason: `it cannot be seen: ${error.message}` };
  }
}

const kinds: Readonly<Record<string, FileKind>> = {
  f: "file",
  d: "dir",
  s: "sock",
  l: "link",
  c: "char",
  b: "block",
  p: "pipe",
};

/** Lines `path<TAB>context<TAB>kind`; a type alone will do for the context. */
export function parseList(text: string): ListedLabels {
  const labels = new Map<string, DiskLabel>();
  for (const line of text.split("\n")) {
    const [path = "", context = "", letter = ""] = line.split("\t");
    const type = typeOfContext(context.includes(":") ? context : `::${context}`);
    const kind = kinds[letter.trim()];
    if (path.startsWith("/") && type !== null && kind !== undefined) labels.set(path, { state: "present", type, kind });
  }
  return labels;
}

/** `find` lists a link as itself; what counts is what it stands for. */
async function listedLabels(
  host: Host,
  root: string,
  listed: ReadonlyMap<string, DiskLabel>,
  paths: readonly string[],
): Promise<ReadonlyMap<string, DiskLabel>> {
  const labels = new Map<string, DiskLabel>();
  for (const path of paths) {
    const own = listed.get(path);
    const isLink = own?.state === "present" && own.kind === "link";
    const target = isLink ? listed.get((await resolve(host, root, path)) ?? "") : own;
    labels.set(path, target ?? { state: "unknown", reason: "the copy's .selinux-labels does not list it" });
  }
  return labels;
}
