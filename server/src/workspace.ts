/**
 * Documents and files as the nginx core sees them: unsaved text first, then the disk through a bounded cache of trees.
 *
 * Nothing is trusted to be fresh: every computation asks the host for each file's stamp again, and only an equal stamp
 * saves reading and parsing.
 */
import { isWithin } from "./base/paths.ts";
import { HostError, type Host } from "./host.ts";
import type { ConfigReader, ReadFailure, ReadTree } from "./nginx/reader.ts";
import { parse } from "./nginx/parse.ts";
import type { Tree } from "./nginx/tree.ts";
import { isUri } from "./uri.ts";

/** A document that is open in the editor. */
interface OpenDocument {
  readonly uri: string;
  /** The engine's path: of a `file:` URI its path, of any other the URI itself. */
  readonly path: string;
  readonly version: number;
  readonly text: string;
}

/** Thrown out of a computation whose result nobody wants any more. */
export class Cancelled extends Error {
  constructor() {
    super("cancelled");
    this.name = "Cancelled";
  }
}

/** Says when to stop. An `AbortSignal` is one, and so is a cancellation token of LSP with a getter around it. */
export interface Cancellation {
  readonly aborted: boolean;
}

interface ReaderOptions {
  /** Largest file that is read, in bytes. */
  readonly limit: number;
  /** Directories below which files may be read, for an untrusted workspace; null for anywhere. */
  readonly within: readonly string[] | null;
  readonly cancellation: Cancellation;
}

export interface Workspace {
  /** Opens a document or replaces its text. */
  setDocument(document: OpenDocument): void;
  closeDocument(uri: string): void;
  document(uri: string): OpenDocument | undefined;
  documents(): readonly OpenDocument[];
  /** A reader for one computation: a file that it has read once stays the same for its lifetime. */
  reader(options: ReaderOptions): ConfigReader;
}

/** Bytes of files whose trees are kept. The newest one is kept whatever its size. */
const CACHED_BYTES = 128 * 2 ** 20;
/** Milliseconds after which a computation lets others run. */
const TURN = 10;
const BOM = [0xef, 0xbb, 0xbf] as const;

interface CachedTree {
  /** Stamp of the file, or version of the document. */
  readonly stamp: string;
  readonly tree: Tree;
}

export function createWorkspace(host: Host): Workspace {
  const documents = new Map<string, OpenDocument>();
  const trees = new TreeCache();
  const realPaths = new Map<string, { readonly stamp: string; readonly real: string }>();
  const marks = new Map<string, { readonly stamp: string; readonly bom: boolean }>();

  const realPath = async (path: string, stamp: string): Promise<string> => {
    const known = realPaths.get(path);
    if (known?.stamp === stamp) return known.real;
    const real = await host.realPath(path).catch(() => path);
    if (realPaths.size > 10_000) realPaths.clear();
    realPaths.set(path, { stamp, real });
    return real;
  };

  /** Open documents by every path under which a configuration may name them. */
  const openPaths = async (): Promise<ReadonlyMap<string, OpenDocument>> => {
    const result = new Map<string, OpenDocument>();
    for (const document of documents.values()) {
      if (!isUri(document.path)) {
        const stamp = await host.stat(document.path).then(
          (facts) => facts.stamp,
          () => null,
        );
        if (stamp !== null) result.set(await realPath(document.path, stamp), document);
      }
      result.set(document.path, document);
    }
    return result;
  };

  /** The editor hides a byte order mark; nginx does not. */
  const beginsWithBom = async (path: string, limit: number): Promise<boolean> => {
    if (isUri(path)) return false;
    try {
      const { stamp, kind } = await host.stat(path);
      if (kind !== "file") return false;
      const known = marks.get(path);
      if (known?.stamp === stamp) return known.bom;
      const bytes = await host.readFile(path, limit);
      const bom = BOM.every((byte, i) => bytes[i] === byte);
      marks.set(path, { stamp, bom });
      return bom;
    } catch {
      return false;
    }
  };

  const treeOfDocument = async (document: OpenDocument, limit: number): Promise<ReadTree | ReadFailure> => {
    const bom = await beginsWithBom(document.path, limit);
    const stamp = `document:${document.uri}:${document.version}:${bom}`;
    let tree = trees.get(document.path, stamp);
    if (tree === undefined) {
      const bytes = new TextEncoder().encode(bom ? `\uFEFF${document.text}` : document.text);
      if (bytes.length > limit) return tooLarge(limit);
      tree = parse(bytes);
      trees.set(document.path, { stamp, tree });
    }
    return { ok: true, path: document.path, tree };
  };

  const treeOfFile = async (path: string, stamp: string, limit: number): Promise<Tree> => {
    const cached = trees.get(path, stamp);
    if (cached !== undefined) return cached;
    const tree = parse(await host.readFile(path, limit));
    trees.set(path, { stamp, tree });
    return tree;
  };

  const reader = (options: ReaderOptions): ConfigReader => {
    const open = openPaths();
    const results = new Map<string, Promise<ReadTree | ReadFailure>>();
    /** The spelling under which each real file was read first. */
    const spellings = new Map<string, string>();
    const pace = pacer(host, options.cancellation);

    const readFile = async (path: string): Promise<ReadTree | ReadFailure> => {
      const document = (await open).get(path);
      if (document !== undefined) return treeOfDocument(document, options.limit);
      if (isUri(path)) return failure("outside", "it is not open in the editor");
      try {
        const { stamp, kind, size } = await host.stat(path);
        const real = await realPath(path, stamp);
        if (!isWithin(real, options.within)) return outsideOfWorkspace;
        const linked = (await open).get(real);
        if (linked !== undefined) return await treeOfDocument(linked, options.limit);
        if (kind === "directory") return failure("directory", "Is a directory");
        if (kind === "other") return failure("not-regular", "Not a regular file");
        if (size > options.limit) return tooLarge(options.limit);
        const spelling = spellings.get(real) ?? path;
        spellings.set(real, spelling);
        return { ok: true, path: spelling, tree: await treeOfFile(spelling, stamp, options.limit) };
      } catch (error) {
        return failureOf(error, host.user);
      }
    };

    return {
      read(path) {
        const known = results.get(path);
        if (known !== undefined) return known;
        const result = readFile(path);
        results.set(path, result);
        return result;
      },
      async list(directory) {
        if (isUri(directory)) return failure("outside", "its directory cannot be listed");
        if (!(await mayList(directory, options.within))) return outsideOfWorkspace;
        try {
          return { ok: true, entries: await host.readDirectory(directory) };
        } catch (error) {
          return failureOf(error, host.user);
        }
      },
      checkpoint: pace,
    };
  };

  const mayList = async (directory: string, within: readonly string[] | null): Promise<boolean> =>
    within === null || isWithin(await host.realPath(directory).catch(() => directory), within);

  return {
    setDocument: (document) => void documents.set(document.uri, document),
    closeDocument: (uri) => void documents.delete(uri),
    document: (uri) => documents.get(uri),
    documents: () => [...documents.values()],
    reader,
  };
}

/**
 * A function to call inside of long work: it lets others run every few milliseconds and rejects with `Cancelled` when
 * the result is not wanted any more.
 */
export function pacer(host: Host, cancellation: Cancellation): () => Promise<void> {
  let turnBegan = host.now();
  return async () => {
    if (cancellation.aborted) throw new Cancelled();
    if (host.now() - turnBegan < TURN) return;
    await host.yield();
    turnBegan = host.now();
    if (cancellation.aborted) throw new Cancelled();
  };
}

/** Trees by path, the least recently used ones dropped when their files' bytes exceed the budget. */
class TreeCache {
  readonly #entries = new Map<string, CachedTree>();
  #bytes = 0;

  get(path: string, stamp: string): Tree | undefined {
    const entry = this.#entries.get(path);
    if (entry?.stamp !== stamp) return undefined;
    this.#entries.delete(path);
    this.#entries.set(path, entry);
    return entry.tree;
  }

  set(path: string, entry: CachedTree): void {
    this.#drop(path);
    this.#entries.set(path, entry);
    this.#bytes += entry.tree.bytes.length;
    for (const oldest of this.#entries.keys()) {
      if (this.#bytes <= CACHED_BYTES || oldest === path) break;
      this.#drop(oldest);
    }
  }

  #drop(path: string): void {
    const entry = this.#entries.get(path);
    if (entry === undefined) return;
    this.#entries.delete(path);
    this.#bytes -= entry.tree.bytes.length;
  }
}

function failure(code: ReadFailure["code"], message: string): ReadFailure {
  return { ok: false, code, message };
}

const outsideOfWorkspace = failure("outside", "outside of the workspace, which is not trusted");

function tooLarge(limit: number): ReadFailure {
  return failure("too-large", `larger than the limit of ${Math.round((limit / 2 ** 20) * 100) / 100} MB`);
}

const codes: Readonly<Record<string, ReadFailure["code"]>> = {
  ENOENT: "missing",
  ENOTDIR: "missing",
  EACCES: "denied",
  EPERM: "denied",
  EISDIR: "directory",
  ENOTREG: "not-regular",
  ETOOLARGE: "too-large",
};

function failureOf(error: unknown, user: string): ReadFailure {
  if (!(error instanceof HostError)) throw error;
  const code = codes[error.code] ?? "io";
  return failure(code, code === "denied" ? `not readable as ${user}` : error.message);
}
