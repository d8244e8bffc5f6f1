/**
 * What `nginx -T` prints: every file of a configuration, each behind a line `# configuration file PATH:` (`main` in
 * nginx.c). In front there may be what nginx writes to standard error, and the command itself where it was copied from a
 * terminal.
 */
import { parse } from "../tree/parse.ts";
import type { ConfigReader, ReadFailure, ReadTree } from "./reader.ts";
import type { DirectoryEntry } from "../../base/directoryEntry.ts";
import { LineIndex } from "../../base/text.ts";

/** The files of a configuration by the names that nginx gives them. */
export interface Dump {
  /** The file that nginx was started with. */
  readonly main: string;
  /** In the order in which nginx printed them. */
  readonly files: ReadonlyMap<string, DumpedFile>;
}

/** A file as nginx printed it. */
export interface DumpedFile {
  readonly bytes: Uint8Array;
  /** Line of the dump at which it begins, from 0. */
  readonly line: number;
}

const HEADER = "# configuration file ";
/**
 * `nginx: [warn] ...`, the same with its time where the error log is the standard error, the entry point of an image,
 * `$ sudo nginx -T`, an empty line.
 */
const PREAMBLE =
  /^(?:nginx: .*|\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d \[.*|(?:\/docker-entrypoint|\d\d-[\w-]{1,100})\.(?:sh|envsh): .*|.{0,200}\bnginx\b.{0,200} -T\b.{0,200}|\s*)\r?$/;
/** Behind the last file: what nginx says, where its streams were joined late, and the prompt of a terminal. */
const EPILOGUE = /^(?:nginx: .*|[^;{}]{0,200}[#$%>] ?)\r?$/;
/** Lines in front of the first file that are looked at, and characters of a line that may be a name. */
const MOST_PREAMBLE = 200;
const LONGEST_LINE = 5000;

/**
 * The files of a dump; null for text that is none. A single file that begins with its header may be a configuration that
 * was saved from a dump, comment and all: it is none, unless something stands in front.
 */
export function parseDump(bytes: Uint8Array): Dump | null {
  const first = firstHeader(bytes);
  if (first === null) return null;
  const files = new Map<string, DumpedFile>();
  const lines = new LineIndex(bytes);
  const epilogue = startOfEpilogue(bytes);
  let header: Header | null = first;
  while (header !== null) {
    const next: Header | null = nextHeader(bytes, header.end);
    // nginx ends each file with one line feed of its own.
    const end: number = next?.start ?? Math.max(header.end, epilogue);
    const content = bytes.subarray(header.end, bytes[end - 1] === LF ? Math.max(header.end, end - 1) : end);
    if (!files.has(header.path)) files.set(header.path, { bytes: content, line: lines.positionAt(header.end).line });
    header = next;
  }
  return files.size > 1 || first.start > 0 ? { main: first.path, files } : null;
}

/** The path of the file that holds a line of the dump; undefined for a line in front of all. Lines count from 0. */
export function fileAtLine({ files }: Dump, line: number): string | undefined {
  return [...files].findLast(([, file]) => file.line <= line)?.[0];
}

interface Header {
  readonly path: string;
  /** Of the line. */
  readonly start: number;
  /** Behind its line feed. */
  readonly end: number;
}

const LF = 0x0a;
const HASH = 0x23;
const decoder = new TextDecoder();

function firstHeader(bytes: Uint8Array): Header | null {
  let start = 0;
  for (let line = 0; line < MOST_PREAMBLE && start < bytes.length; line++) {
    const header = headerAt(bytes, start);
    if (header !== null) return header;
    const end = endOfLine(bytes, start);
    if (end - start > LONGEST_LINE || !PREAMBLE.test(decoder.decode(bytes.subarray(start, end)))) return null;
    start = end + 1;
  }
  return null;
}

/** The length without the lines at the end that are no file's. */
function startOfEpilogue(bytes: Uint8Array): number {
  let end = bytes.length;
  for (let line = 0; line < MOST_PREAMBLE && end > 0; line++) {
    const last = bytes[end - 1] === LF ? end - 1 : end;
    const start = last === 0 ? 0 : bytes.lastIndexOf(LF, last - 1) + 1;
    const text = last - start > LONGEST_LINE ? "" : decoder.decode(bytes.subarray(start, last));
    // A comment of a file may end as a prompt does, a prompt does not end in a line feed.
    if (!EPILOGUE.test(text) || (last < end && !text.startsWith("nginx: "))) return end;
    end = start;
  }
  return end;
}

function nextHeader(bytes: Uint8Array, from: number): Header | null {
  for (let at = bytes.indexOf(HASH, from); at >= 0; at = bytes.indexOf(HASH, at + 1)) {
    const header = at === from || bytes[at - 1] === LF ? headerAt(bytes, at) : null;
    if (header !== null) return header;
  }
  return null;
}

/** The header that begins at `start`; null where there is none. */
function headerAt(bytes: Uint8Array, start: number): Header | null {
  for (let i = 0; i < HEADER.length; i++) if (bytes[start + i] !== HEADER.charCodeAt(i)) return null;
  const end = endOfLine(bytes, start);
  if (end - start > LONGEST_LINE) return null;
  const path = /^(\/.*):\r?$/u.exec(decoder.decode(bytes.subarray(start + HEADER.length, end)))?.[1];
  return path === undefined ? null : { path, start, end: Math.min(end + 1, bytes.length) };
}

function endOfLine(bytes: Uint8Array, from: number): number {
  const end = bytes.indexOf(LF, from);
  return end < 0 ? bytes.length : end;
}

/** Reads the files of a dump. What it does not hold may exist: the text may have been cut. */
export function dumpReader({ files }: Dump, checkpoint: () => Promise<void>): ConfigReader {
  const trees = new Map<string, ReadTree>();
  const reader: ConfigReader = {
    async read(path) {
      const known = trees.get(path);
      if (known !== undefined) return known;
      const file = files.get(path);
      if (file === undefined) return notInDump;
      const tree: ReadTree = { ok: true, path, tree: parse(file.bytes) };
      trees.set(path, tree);
      return tree;
    },
    async list(directory) {
      return { ok: true, entries: entriesIn(files.keys(), directory === "/" ? "/" : `${directory}/`) };
    },
    inCopy: () => reader,
    checkpoint,
  };
  return reader;
}

const notInDump: ReadFailure = { ok: false, code: "outside", message: "this output of nginx -T does not hold it" };

function entriesIn(paths: Iterable<string>, prefix: string): readonly DirectoryEntry[] {
  const entries = new Map<string, DirectoryEntry>();
  for (const path of paths) {
    if (!path.startsWith(prefix)) continue;
    const [name = "", ...below] = path.slice(prefix.length).split("/");
    entries.set(name, { name, kind: below.length > 0 ? "directory" : "file" });
  }
  return [...entries.values()];
}
