/** A `Host` in memory: files, links and directories as a map, for tests without a disk and without a clock. */
import type { DirectoryEntry } from "../../server/src/base/directoryEntry.ts";
import { HostError, type FileStat, type Host, type RunResult } from "../../server/src/host/host.ts";

/**
 * What lies under a path: text or bytes of a file, a link to another path, a refusal (of a file, or of a directory and
 * all that is below it), or something that is no file.
 */
export type MemoryEntry =
  string | Uint8Array | { readonly link: string } | { readonly error: string } | { readonly other: true };

export interface MemoryHost extends Host {
  /** Creates or replaces what lies under an absolute path. */
  write(path: string, entry: MemoryEntry): void;
  remove(path: string): void;
  /** Messages given to `log`, as `level: message`. */
  readonly messages: readonly string[];
  /** Paths given to `readFile`, in order. */
  readonly reads: readonly string[];
  /** Command lines given to `run`, in order. */
  readonly runs: readonly string[];
  /** Answers `run`; undefined where there is no such program. */
  program: (file: string, args: readonly string[]) => RunResult | undefined;
  /** Owner and mode of what is not root's and 0755, 0644, or 0666 where it is no file: `0700 1000 1000`. */
  readonly owners: Map<string, string>;
  /** Answers `askKernel`; undefined where there is no such file. */
  kernel: (path: string, request: string) => string | undefined;
  /** Lets the time of every timer come that is set now; the number of them. */
  elapse(): number;
  /** Called at every `yield`; a test cancels or edits from it. */
  onYield: () => void;
}

/** `files`: what lies under each absolute path. `policies`: JSON texts of bundled policies by name. */
export function createMemoryHost(
  files: Readonly<Record<string, MemoryEntry>> = {},
  policies: (name: string) => Promise<string> | string | undefined = () => undefined,
): MemoryHost {
  const entries = new Map<string, MemoryEntry>(Object.entries(files));
  const stamps = new Map<string, number>();
  const messages: string[] = [];
  const reads: string[] = [];
  const runs: string[] = [];
  const timers = new Set<() => void>();
  const owners = new Map<string, string>();
  let clock = 0;

  const resolve = (path: string, depth = 0): string => {
    if (depth > 40) throw new HostError("ELOOP", "Too many levels of symbolic links");
    const parts = path.split("/");
    for (let i = 2; i <= parts.length; i++) {
      const entry = entries.get(parts.slice(0, i).join("/"));
      if (typeof entry === "object" && "error" in entry && i < parts.length) throw refusal(entry);
      if (typeof entry === "object" && "link" in entry)
        return resolve([entry.link, ...parts.slice(i)].join("/"), depth + 1);
    }
    return path;
  };
  const isDirectory = (path: string): boolean => {
    const prefix = path === "/" ? "/" : `${path}/`;
    return [...entries.keys()].some((each) => each.startsWith(prefix));
  };
  const prefixOf = (directory: string): string => {
    const real = resolve(directory);
    return real === "/" ? "/" : `${real}/`;
  };
  const namesIn = (directory: string): readonly string[] => {
    const prefix = prefixOf(directory);
    const names = [...entries.keys()].flatMap((each) =>
      each.startsWith(prefix) ? (each.slice(prefix.length).split("/")[0] ?? []) : [],
    );
    return [...new Set(names)];
  };
  const find = (path: string): MemoryEntry | "directory" => {
    const real = resolve(path);
    const entry = entries.get(real);
    if (entry !== undefined) return typeof entry === "string" ? new TextEncoder().encode(entry) : entry;
    if (isDirectory(real)) return "directory";
    throw new HostError("ENOENT", "No such file or directory");
  };

  const owned = (path: string, usual: number): Pick<FileStat, "mode" | "uid" | "gid"> => {
    const [mode, uid = "0", gid = "0"] = owners.get(resolve(path))?.split(" ") ?? [];
    return { mode: mode === undefined ? usual : Number.parseInt(mode, 8), uid: Number(uid), gid: Number(gid) };
  };
  /** The entry at a path itself: a link there is not followed. */
  const entryAt = (path: string): MemoryEntry | undefined => {
    const slash = path.lastIndexOf("/");
    return entries.get(resolve(path.slice(0, slash)) + path.slice(slash));
  };
  const kindOf = (path: string): DirectoryEntry["kind"] => {
    const entry = entries.get(path);
    if (entry === undefined) return "directory";
    if (typeof entry === "string" || entry instanceof Uint8Array || "error" in entry) return "file";
    return "link" in entry ? "link" : "other";
  };

  const host: MemoryHost = {
    user: "alice",
    messages,
    reads,
    runs,
    program: () => undefined,
    owners,
    kernel: () => undefined,
    onYield: () => undefined,
    elapse() {
      const due = [...timers];
      timers.clear();
      for (const work of due) work();
      return due.length;
    },
    write(path, entry) {
      entries.set(path, entry);
      stamps.set(path, ++clock);
    },
    remove(path) {
      entries.delete(path);
    },
    async readFile(path, limit) {
      reads.push(path);
      const entry = find(path);
      if (entry === "directory") throw new HostError("EISDIR", "Is a directory");
      if (!(entry instanceof Uint8Array)) throw refusal(entry);
      if (entry.length > limit)
        throw new HostError("ETOOLARGE", `larger than the limit of ${Math.round((limit / 2 ** 20) * 100) / 100} MB`);
      return entry;
    },
    async stat(path): Promise<FileStat> {
      const entry = find(path);
      if (entry === "directory")
        return {
          ...owned(path, 0o755),
          kind: "directory",
          size: 0,
          stamp: `directory:${namesIn(path).join("/")}`,
          changed: 0,
        };
      if (typeof entry === "object" && "other" in entry)
        return {
          ...owned(path, 0o666),
          kind: "other",
          size: 0,
          stamp: `other:${stamps.get(resolve(path)) ?? 0}`,
          changed: 0,
        };
      const size = entry instanceof Uint8Array ? entry.length : 0;
      return {
        ...owned(path, 0o644),
        kind: "file",
        size,
        stamp: `${resolve(path)}:${size}:${stamps.get(resolve(path)) ?? 0}`,
        changed: 0,
      };
    },
    async readDirectory(path) {
      const entry = find(path);
      if (typeof entry === "object" && "error" in entry) throw refusal(entry);
      if (entry !== "directory") throw new HostError("ENOTDIR", "Not a directory");
      const prefix = prefixOf(path);
      return namesIn(path).map((name) => ({
        name,
        kind: kindOf(prefix + name),
        ...(/\uFFFD/u.test(name) && { isMangled: true }),
      }));
    },
    async realPath(path) {
      find(path);
      return resolve(path);
    },
    async linkStat(path) {
      const entry = entryAt(path);
      return typeof entry === "object" && "link" in entry ? { kind: "link" } : host.stat(path);
    },
    async readLink(path) {
      const entry = entryAt(path);
      if (typeof entry === "object" && "link" in entry) return entry.link;
      throw entry === undefined
        ? new HostError("ENOENT", "No such file or directory")
        : new HostError("EINVAL", "Invalid argument");
    },
    async run(file, args) {
      runs.push([file, ...args].join(" "));
      const result = host.program(file, args);
      if (result === undefined) throw new HostError("ENOENT", "No such file or directory");
      return result;
    },
    async askKernel(path, request) {
      const answer = host.kernel(path, request);
      if (answer === undefined) throw new HostError("ENOENT", "No such file or directory");
      return answer;
    },
    async bundledPolicy(name) {
      const text = await policies(name);
      if (text === undefined) throw new HostError("ENOENT", `no bundled policy "${name}"`);
      return text;
    },
    now: () => ++clock,
    date: () => Date.UTC(2026, 0, 1),
    after(_milliseconds, work) {
      timers.add(work);
      return () => void timers.delete(work);
    },
    async yield() {
      host.onYield();
    },
    log: (level, message) => void messages.push(`${level}: ${message}`),
  };
  return host;
}

function refusal(entry: MemoryEntry): HostError {
  if (typeof entry === "object" && "error" in entry)
    return new HostError(entry.error, entry.error === "EACCES" ? "Permission denied" : entry.error);
  return new HostError("ENOTREG", "Not a regular file");
}
