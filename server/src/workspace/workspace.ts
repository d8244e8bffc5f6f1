/**
 * Documents and files as the nginx core sees them: unsaved text first, then the disk through a bounded cache of trees.
 *
 * Nothing is trusted to be fresh: every computation asks the host for each file's stamp again, and only an equal stamp
 * saves reading and parsing.
 */
import { BoundedMap } from "../base/memo.ts";
import { isWithin } from "../base/paths.ts";
import { createCopyHost } from "../host/copyHost.ts";
import type { CopyMap } from "../host/copyMap.ts";
import { HostError, type FileStat, type Host } from "../host/host.ts";
import { memo } from "../base/memo.ts";
import type { ConfigReader, Listing, ReadFailure, ReadTree } from "../nginx/load/reader.ts";
import { parse } from "../nginx/tree/parse.ts";
import { setLineIndex } from "../nginx/tree/lineIndexes.ts";
import { LineIndex } from "../base/text.ts";
import { isUri } from "../base/uri.ts";
import { TreeCache } from "./treeCache.ts";

/** A document that is open in the editor. */
interface OpenDocument {
  readonly uri: string;
  /** The engine's path: of a `file:` URI its path, of any other the URI itself. */
  readonly path: string;
  readonly version: number;
  /** The text. */
  readonly lines: LineIndex;
}

/** `state`: another one for each text that a document had. Versions begin anew when a document is closed and opened. */
interface KnownDocument extends OpenDocument {
  readonly state: number;
}

/** Thrown out of a computation whose result is not wanted any more. */
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
  /** Bytes of all files of a configuration together: a tree takes several times its text. */
  readonly total: number;
  /** Directories below which files may be read, for an untrusted workspace; null for anywhere. */
  readonly within: readonly string[] | null;
  readonly cancellation: Cancellation;
}

/** A document, and the file that it is the unsaved text of; null where there is none. */
interface FoundDocument {
  readonly document: KnownDocument;
  readonly saved: FileStat | null;
}

/** What the readers of one configuration share. */
interface SharedReading {
  /** The spelling under which each real file was read first, by its real path. */
  readonly spellings: Map<string, string>;
  /** Bytes that may still be read. */
  left: number;
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

/** Milliseconds after which a computation lets others run. */
const TURN = 10;
const BOM = [0xef, 0xbb, 0xbf] as const;

export function createWorkspace(host: Host): Workspace {
  return new OpenWorkspace(host);
}

class OpenWorkspace implements Workspace {
  readonly #documents = new Map<string, KnownDocument>();
  readonly #files: KnownFiles;
  #states = 0;

  constructor(host: Host) {
    this.#files = new KnownFiles(host);
  }

  setDocument(document: OpenDocument): void {
    this.#documents.set(document.uri, { ...document, state: ++this.#states });
  }

  closeDocument(uri: string): void {
    this.#documents.delete(uri);
  }

  document(uri: string): OpenDocument | undefined {
    return this.#documents.get(uri);
  }

  documents(): readonly KnownDocument[] {
    return [...this.#documents.values()];
  }

  reader(options: ReaderOptions): ConfigReader {
    const shared = { spellings: new Map(), left: options.total };
    return new FileReader(this.#files, this.documents(), this.#files.host, options, shared);
  }
}

/** Facts about files and documents that are kept between computations, each with the stamp that it rests on. */
class KnownFiles {
  readonly host: Host;
  readonly trees = new TreeCache();
  readonly #realPaths = new BoundedMap<string, { readonly stamp: string; readonly real: string }>(10_000);
  readonly #marks = new Map<string, { readonly stamp: string; readonly bom: boolean }>();

  constructor(host: Host) {
    this.host = host;
  }

  async realPath(files: Host, path: string, stamp: string): Promise<string> {
    const known = this.#realPaths.get(path);
    if (known?.stamp === stamp) return known.real;
    const real = await files.realPath(path).catch(() => path);
    this.#realPaths.set(path, { stamp, real });
    return real;
  }

  /** The tree of an unsaved text. `saved`: the file that it is the text of; null where there is none. */
  async treeOfDocument(
    files: Host,
    { document, saved }: FoundDocument,
    limit: number,
  ): Promise<ReadTree | ReadFailure> {
    const bom = saved !== null && (await this.#beginsWithBom(files, document.path, saved, limit));
    const stamp = `document:${document.state}:${bom}`;
    let tree = this.trees.get(document.path, stamp);
    if (tree === undefined) {
      const lines = bom ? withMark(document.lines) : document.lines;
      if (lines.bytes.length > limit) return tooLarge(limit);
      tree = parse(lines.bytes);
      setLineIndex(tree, lines);
      this.trees.set(document.path, { stamp, tree });
    }
    return { ok: true, path: document.path, tree };
  }

  /** The editor hides a byte order mark; nginx does not. */
  async #beginsWithBom(files: Host, path: string, { stamp, kind }: FileStat, limit: number): Promise<boolean> {
    if (kind !== "file") return false;
    try {
      const known = this.#marks.get(path);
      if (known?.stamp === stamp) return known.bom;
      const bytes = await files.readFile(path, limit);
      const bom = BOM.every((byte, i) => bytes[i] === byte);
      this.#marks.set(path, { stamp, bom });
      return bom;
    } catch {
      return false;
    }
  }
}

function withMark({ bytes }: LineIndex): LineIndex {
  const marked = new Uint8Array(BOM.length + bytes.length);
  marked.set(BOM);
  marked.set(bytes, BOM.length);
  return new LineIndex(marked);
}

/** Reads for one computation, and asks each file once. */
class FileReader implements ConfigReader {
  readonly #known: KnownFiles;
  readonly #documents: readonly KnownDocument[];
  /** The host, or the host as it is in a copy. */
  readonly #files: Host;
  readonly #options: ReaderOptions;
  readonly #shared: SharedReading;
  #open: Promise<ReadonlyMap<string, FoundDocument>> | null = null;
  readonly #results = new Map<string, Promise<ReadTree | ReadFailure>>();
  /** By the copy, as JSON. */
  readonly #inCopies = new Map<string, ConfigReader>();
  readonly checkpoint: () => Promise<void>;

  constructor(
    known: KnownFiles,
    documents: readonly KnownDocument[],
    files: Host,
    options: ReaderOptions,
    shared: SharedReading,
  ) {
    this.#known = known;
    this.#documents = documents;
    this.#files = files;
    this.#options = options;
    this.#shared = shared;
    this.checkpoint = pacer(known.host, options.cancellation);
  }

  read(path: string): Promise<ReadTree | ReadFailure> {
    return memo(this.#results, path, () => this.#readFile(path));
  }

  async list(directory: string): Promise<Listing | ReadFailure> {
    if (isUri(directory)) return failure("outside", "its directory cannot be listed");
    const { within } = this.#options;
    try {
      if (within !== null && !isWithin(await this.#files.realPath(directory), within)) return outsideOfWorkspace;
      return { ok: true, entries: await this.#files.readDirectory(directory) };
    } catch (error) {
      return failureOf(error, this.#known.host.user);
    }
  }

  inCopy(copy: CopyMap): ConfigReader {
    return memo(this.#inCopies, JSON.stringify(copy), () => {
      const files = createCopyHost(linksWithin(this.#known.host, this.#options.within), copy);
      return new FileReader(this.#known, this.#documents, files, this.#options, this.#shared);
    });
  }

  async #readFile(path: string): Promise<ReadTree | ReadFailure> {
    const { limit, within } = this.#options;
    const files = this.#files;
    const { trees, host } = this.#known;
    const open = await (this.#open ??= this.#openPaths());
    const document = open.get(path);
    if (document !== undefined) return this.#known.treeOfDocument(files, document, limit);
    if (isUri(path)) return failure("outside", "it is not open in the editor");
    try {
      const { stamp, kind, size } = await files.stat(path);
      const real = await this.#known.realPath(files, path, stamp);
      if (!isWithin(real, within)) return outsideOfWorkspace;
      const linked = open.get(real);
      if (linked !== undefined) return await this.#known.treeOfDocument(files, linked, limit);
      if (kind === "directory") return failure("directory", "Is a directory");
      if (kind === "other") return failure("not-regular", "Not a regular file");
      if (size > limit) return tooLarge(limit);
      const { spellings } = this.#shared;
      // A file that is named in two ways is in memory once.
      if (!spellings.has(real)) {
        if (size > this.#shared.left) return tooMuch(this.#options.total);
        this.#shared.left -= size;
        spellings.set(real, path);
      }
      const tree = trees.get(real, stamp) ?? parse(await files.readFile(path, limit));
      trees.set(real, { stamp, tree });
      return { ok: true, path: spellings.get(real) ?? path, tree };
    } catch (error) {
      return failureOf(error, host.user);
    }
  }

  /** Open documents by every path under which a configuration may name them. */
  async #openPaths(): Promise<ReadonlyMap<string, FoundDocument>> {
    const found = await Promise.all(this.#documents.map((document) => this.#findDocument(document)));
    return new Map(found.flatMap((each) => each.paths.map((path) => [path, each] as const)));
  }

  /** A document with its file, and by which paths it is found: its own last, which wins. */
  async #findDocument(document: KnownDocument): Promise<FoundDocument & { readonly paths: readonly string[] }> {
    const { path } = document;
    const saved = isUri(path) ? null : await this.#files.stat(path).catch(() => null);
    if (saved === null) return { document, saved, paths: [path] };
    return { document, saved, paths: [await this.#known.realPath(this.#files, path, saved.stamp), path] };
  }
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

/** The host, on which nothing outside of some directories is a link that can be read. */
function linksWithin(host: Host, within: readonly string[] | null): Host {
  const readLink = async (path: string): Promise<string> => {
    if (!isWithin(path, within)) throw new HostError("EOUTSIDE", outsideOfWorkspace.message);
    return host.readLink(path);
  };
  return within === null ? host : { ...host, readLink };
}

function failure(code: ReadFailure["code"], message: string): ReadFailure {
  return { ok: false, code, message };
}

const outsideOfWorkspace = failure("outside", "outside of the workspace, and nothing else may be read");

function tooMuch(total: number): ReadFailure {
  const limit = Math.round((total / 2 ** 20) * 100) / 100;
  return failure(
    "too-large",
    `with it the files of this configuration are larger than the limit of ${limit} MB together`,
  );
}

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
  EOUTSIDE: "outside",
  ELOOP: "loop",
};

function failureOf(error: unknown, user: string): ReadFailure {
  if (!(error instanceof HostError)) throw error;
  const code = codes[error.code] ?? "io";
  return failure(code, code === "denied" ? `not readable as ${user}` : error.message);
}
