/**
 * Signs that a configuration is for nginx in a container: a Dockerfile, compose file or quadlet near it that copies or
 * mounts exactly this configuration to where nginx reads it. A container elsewhere in the workspace is no sign.
 *
 * Files are read only; nothing is run. Every question looks at the stamps again, and only equal stamps save reading.
 */
import { inDirectory, isWithin, parentOf } from "../base/paths.ts";
import type { ContainerMount } from "./containerMount.ts";
import { lineThatCopies } from "./dockerfile.ts";
import { mountsForServer } from "./mounts.ts";
import { createCover } from "./serverPlaces.ts";
import { quadletMounts } from "./quadlet.ts";
import { unlabelledMounts, type UnlabelledMount } from "./unlabelledMounts.ts";
import type { DirectoryEntry } from "../base/directoryEntry.ts";
import { HostError, isSettled, type Host } from "../host/host.ts";
import { isUri } from "../base/uri.ts";

export interface ContainerSign {
  /** Absolute path of the file that says so. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** For the user: `docker-compose.yml, line 12, mounts this configuration into a container`. */
  readonly reason: string;
  /** Mounts of the containers that get this configuration, in files that lie beside the sign, without a label. */
  readonly mounts: readonly UnlabelledMount[];
}

export interface SignRequest {
  /** Of the computation: every directory is asked about more than once. */
  readonly host: Host;
  /** Absolute path of the main file, or of a fragment that is read alone. */
  readonly file: string;
  /** Directories that hold it, the nearest first: signs are looked for in these. */
  readonly directories: readonly string[];
  /** Directories below which files may be read, for an untrusted workspace; null for anywhere. */
  readonly within: readonly string[] | null;
  /** Called between files; may reject with a cancellation error. */
  readonly checkpoint: () => Promise<void>;
}

export interface ContainerSigns {
  /** The nearest sign; null where there is none. */
  find(request: SignRequest): Promise<ContainerSign | null>;
}

/** Bounds of one search. Projects have a few directories above a configuration, and a few build files. */
const MOST_ABOVE = 8;
const MOST_DIRECTORIES = 32;
const MOST_FILES = 64;
const LARGEST_FILE = 2 ** 20;
/** The parser of YAML takes more time for a byte, and no compose file is nearly as large. */
const LARGEST_COMPOSE_FILE = 256 * 2 ** 10;
const MOST_BYTES = 8 * 2 ** 20;
/** Compose files that one extends, by way of others too. */
const MOST_EXTENDED = 16;
/** Listings, and answers of files, that are kept. */
const KEPT = 500;

/** Directories beside a configuration, or above it, in which projects keep what builds their containers. */
const BUILD_DIRECTORIES = /^\.?(?:docker|containers?|podman|compose|quadlets?|deploy|deployment|build|nginx|systemd)$/i;

interface Listing {
  /** The directory's, with the time where another change may leave it as it is: then it is good for one search. */
  readonly stamp: string;
  /** Files that may be signs, and directories that may hold some. */
  readonly files: readonly string[];
  readonly directories: readonly string[];
  /** Everything in it, where there are such files. */
  readonly names: ReadonlySet<string>;
}

/** What one file says of the configuration. */
interface Said {
  /** Absolute path of the file that says so: this one, or one that it extends. */
  readonly file: string;
  readonly line: number;
  readonly mounts: readonly UnlabelledMount[];
}

interface Answer {
  readonly stamps: string;
  /** Stamps of other files that were read for it, by path; null for one that could not be read. */
  readonly others: ReadonlyMap<string, string | null>;
  readonly said: Said | null;
}

type Kind = "dockerfile" | "compose" | "quadlet";

export function createContainerSigns(): ContainerSigns {
  const known: KnownFiles = { listings: new Map(), answers: new Map() };
  return {
    find: async (request) => (isUri(request.file) ? null : new Search(known, request).run()),
  };
}

/** Listings and answers of files, kept between searches. */
interface KnownFiles {
  readonly listings: Map<string, Listing>;
  readonly answers: Map<string, Answer>;
}

/** One search, with its bounds. */
class Search {
  readonly #host: Host;
  readonly #known: KnownFiles;
  readonly #request: SignRequest;
  /** The directories that hold the configuration, the nearest first. */
  readonly #above: readonly string[];
  readonly #seen = new Set<string>();
  #files = 0;
  #bytes = 0;

  constructor(known: KnownFiles, request: SignRequest) {
    this.#host = request.host;
    this.#known = known;
    this.#request = request;
    this.#above = request.directories.filter((directory) => directory !== "/").slice(0, MOST_ABOVE);
  }

  /** The nearest sign; null where there is none. */
  async run(): Promise<ContainerSign | null> {
    if (this.#request.within === null) await this.#statAll();
    for (const directory of this.#above) {
      const here = await this.#lookIn(directory);
      if (here === null) continue;
      if ("reason" in here) return here;
      for (const name of here.directories) {
        const below = await this.#lookIn(inDirectory(directory, name));
        if (below !== null && "reason" in below) return below;
      }
    }
    return null;
  }

  /** All directories above are asked about at once: every edit waits for the answers. */
  async #statAll(): Promise<void> {
    await Promise.all(this.#above.map((directory) => this.#host.stat(directory).catch(() => null)));
  }

  /** The sign in a directory, else its listing; null for one that is not read. */
  async #lookIn(directory: string): Promise<ContainerSign | Listing | null> {
    if (this.#seen.has(directory) || this.#seen.size >= MOST_DIRECTORIES) return null;
    this.#seen.add(directory);
    await this.#request.checkpoint();
    if (!(await this.#mayRead(directory))) return null;
    const listing = await this.#listed(directory);
    let first: ContainerSign | null = null;
    const mounts: UnlabelledMount[] = [];
    for (const name of listing?.files ?? []) {
      const kind = kindOf(name);
      if (listing === null || kind === null || ++this.#files > MOST_FILES) continue;
      const path = inDirectory(directory, name);
      const said = await this.#saidIn(path, kind, directory, listing);
      if (said === null) continue;
      mounts.push(...said.mounts);
      first ??= signOf(said.file, kind, said.line, mounts, this.#request.file);
    }
    return first ?? listing;
  }

  async #listed(directory: string): Promise<Listing | null> {
    const { listings } = this.#known;
    try {
      const asked = this.#host.date();
      const facts = await this.#host.stat(directory);
      const known = listings.get(directory);
      if (known?.stamp === facts.stamp) return known;
      const stamp = isSettled(facts, asked) ? facts.stamp : `${facts.stamp} at ${asked}`;
      const listing = listingOf(stamp, await this.#host.readDirectory(directory));
      keep(listings, directory, listing);
      return listing;
    } catch (error) {
      if (error instanceof HostError) return null;
      throw error;
    }
  }

  /** The answer of a file; null where it is no sign or cannot be read. */
  async #saidIn(path: string, kind: Kind, directory: string, listing: Listing): Promise<Said | null> {
    const { file, checkpoint } = this.#request;
    const { answers } = this.#known;
    try {
      const { stamp, kind: type, size } = await this.#host.stat(path);
      if (type !== "file" || size > (kind === "compose" ? LARGEST_COMPOSE_FILE : LARGEST_FILE)) return null;
      const around = this.#above.filter((each) => each !== directory && isWithin(directory, [each]));
      const contexts = [directory, ...around];
      const stamps = `${stamp}\n${listing.stamp}\n${contexts.length}`;
      const key = `${path}\n${file}`;
      const known = answers.get(key);
      this.#bytes += size;
      if (this.#bytes > MOST_BYTES || !(await this.#mayRead(path))) return null;
      if (known?.stamps === stamps && (await this.#areUnchanged(known.others))) return known.said;
      await checkpoint();
      const text = new TextDecoder().decode(await this.#host.readFile(path, LARGEST_FILE));
      const isBeside = (name: string): boolean => listing.names.has(name);
      const others = new Map<string, string | null>();
      const readOther = async (other: string): Promise<string | null> => {
        const read = await this.#readOther(other);
        others.set(other, read?.stamp ?? null);
        return read?.text ?? null;
      };
      const said = await readers[kind](text, { path, file, directory, contexts, isBeside, readOther });
      keep(answers, key, { stamps, others, said });
      return said;
    } catch (error) {
      if (error instanceof HostError) return null;
      throw error;
    }
  }

  /** A compose file that another one extends: below the directories of the search. Null where it cannot be read. */
  async #readOther(path: string): Promise<{ readonly stamp: string; readonly text: string } | null> {
    const outermost = this.#above.at(-1);
    if (outermost === undefined || !isWithin(path, [outermost]) || ++this.#files > MOST_FILES) return null;
    try {
      const { stamp, kind, size } = await this.#host.stat(path);
      this.#bytes += size;
      if (kind !== "file" || size > LARGEST_COMPOSE_FILE || this.#bytes > MOST_BYTES) return null;
      if (!(await this.#mayRead(path))) return null;
      await this.#request.checkpoint();
      return { stamp, text: new TextDecoder().decode(await this.#host.readFile(path, LARGEST_COMPOSE_FILE)) };
    } catch (error) {
      if (error instanceof HostError) return null;
      throw error;
    }
  }

  async #areUnchanged(others: Answer["others"]): Promise<boolean> {
    for (const [path, stamp] of others) {
      const now = await this.#host.stat(path).then(
        (facts) => facts.stamp,
        () => null,
      );
      if (now !== stamp) return false;
    }
    return true;
  }

  async #mayRead(path: string): Promise<boolean> {
    const { within } = this.#request;
    return within === null || isWithin(await this.#host.realPath(path).catch(() => ""), within);
  }
}

interface FileRequest {
  /** Of the file that is read. */
  readonly path: string;
  readonly file: string;
  /** In which the file that is read lies. */
  readonly directory: string;
  readonly contexts: readonly string[];
  readonly isBeside: (name: string) => boolean;
  /** The text of another file of the project; null where it is none, or cannot be read. */
  readonly readOther: (path: string) => Promise<string | null>;
}

const readers: Readonly<Record<Kind, (text: string, request: FileRequest) => Promise<Said | null>>> = {
  dockerfile: async (text, request) => {
    const line = lineThatCopies(text, request);
    return line === null ? null : { file: request.path, line, mounts: [] };
  },
  // Most projects have no compose file, and the parser of YAML is large.
  compose: async (text, request) => {
    const { composeMounts, extendedFiles } = await import("./compose.ts");
    const others = new Map<string, string>();
    const wanted = [...extendedFiles(text, request.path)];
    for (let other = wanted.shift(); other !== undefined; other = wanted.shift()) {
      if (others.has(other) || others.size >= MOST_EXTENDED) continue;
      const content = await request.readOther(other);
      if (content === null) continue;
      others.set(other, content);
      wanted.push(...extendedFiles(content, other));
    }
    return saidBy(composeMounts(text, { path: request.path, others }), request);
  },
  quadlet: async (text, request) => saidBy(quadletMounts(text), request),
};

/** What mounts say of a configuration; null where none brings it to where nginx reads it. */
function saidBy(mounts: readonly ContainerMount[], { path, file }: FileRequest): Said | null {
  const covers = createCover();
  const mountsIt = (mount: ContainerMount): boolean =>
    mountsForServer(mount, parentOf(mount.from ?? path), file, covers);
  const first = mounts.find(mountsIt);
  if (first === undefined) return null;
  return { file: first.from ?? path, line: first.line, mounts: unlabelledMounts(mounts, path, mountsIt) };
}

/** What kind of file a name stands for; null for any other file. */
function kindOf(name: string): Kind | null {
  if (/~$|\.(?:dockerignore|swp|bak|orig|rej|md)$/i.test(name)) return null;
  if (/^(?:Dockerfile|Containerfile)(?:[._-]|$)|[._-](?:Dockerfile|Containerfile)$/i.test(name)) return "dockerfile";
  if (/(?:^|[._-])compose(?:[._-].*)?\.ya?ml$/i.test(name)) return "compose";
  return name.endsWith(".container") ? "quadlet" : null;
}

function listingOf(stamp: string, entries: readonly DirectoryEntry[]): Listing {
  const files: string[] = [];
  const directories: string[] = [];
  for (const { name, kind } of entries) {
    if (kind !== "file" && BUILD_DIRECTORIES.test(name)) directories.push(name);
    else if (kind !== "directory" && kindOf(name) !== null) files.push(name);
  }
  const names = files.length === 0 ? [] : entries.map(({ name }) => name);
  return { stamp, files: files.sort(), directories: directories.sort(), names: new Set(names) };
}

function signOf(
  path: string,
  kind: Kind,
  line: number,
  mounts: readonly UnlabelledMount[],
  configuration: string,
): ContainerSign {
  const says =
    kind === "dockerfile" ? "copies this configuration into an image" : "mounts this configuration into a container";
  return { file: path, line, mounts, reason: `${relativeTo(configuration, path)}, line ${line}, ${says}` };
}

/** A path as seen from the directory of a file, for the user. */
function relativeTo(file: string, path: string): string {
  const from = file.split("/").slice(0, -1);
  const to = path.split("/");
  let common = 0;
  while (common < from.length && common < to.length - 1 && from[common] === to[common]) common++;
  return [...from.slice(common).map(() => ".."), ...to.slice(common)].join("/");
}

/** Keeps a value, and drops the one that was kept first where there are too many. */
function keep<V>(map: Map<string, V>, key: string, value: V): void {
  map.delete(key);
  map.set(key, value);
  for (const oldest of map.keys()) {
    if (map.size <= KEPT) break;
    map.delete(oldest);
  }
}
