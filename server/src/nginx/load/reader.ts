/** How the nginx core sees files. The workspace implements it over the host, open documents and caches included. */
import type { CopyMap } from "../../host/copyMap.ts";
import type { DirectoryEntry } from "../../base/directoryEntry.ts";
import { filledIn, type Definitions } from "../tree/filledTree.ts";
import type { Tree } from "../tree/tree.ts";

/** Why a file could not be read, as open(2)/read(2) would say it. */
export interface ReadFailure {
  readonly ok: false;
  readonly code: "missing" | "denied" | "directory" | "not-regular" | "too-large" | "outside" | "loop" | "io";
  /** For the user: `No such file or directory`, `not readable as alice`, `larger than the limit of 256 MB`. */
  readonly message: string;
}

export interface ReadTree {
  readonly ok: true;
  /** Path or URI under which it was read. Equal for two spellings of the same file. */
  readonly path: string;
  readonly tree: Tree;
}

/** What a directory holds. */
export interface Listing {
  readonly ok: true;
  readonly entries: readonly DirectoryEntry[];
}

export interface ConfigReader {
  /** Reads and parses a file, from the editor's unsaved text first. Never rejects for a bad file. */
  read(path: string): Promise<ReadTree | ReadFailure>;
  /** Names in a directory, unsorted, with `.` and `..` left out. Never rejects for a bad directory. */
  list(directory: string): Promise<Listing | ReadFailure>;
  /** The same reader in a copy, whose links lead where they lead on the machine. */
  inCopy(copy: CopyMap): ConfigReader;
  /** Cooperative cancellation and fairness: called between files; may reject with a cancellation error. */
  checkpoint(): Promise<void>;
}

/** The reader for a configuration whose files lie in a copy; `copy` null: they are at their own place. */
export function readerIn(reader: ConfigReader, copy: CopyMap | null): ConfigReader {
  return copy === null ? reader : reader.inCopy(copy);
}

/** The reader of files in which placeholders are replaced by their values. */
export function fillingReader(reader: ConfigReader, definitions: Definitions): ConfigReader {
  if (definitions.size === 0) return reader;
  return {
    read: async (path) => {
      const read = await reader.read(path);
      return read.ok ? { ...read, tree: filledIn(read.tree, definitions) } : read;
    },
    list: (directory) => reader.list(directory),
    inCopy: (copy) => fillingReader(reader.inCopy(copy), definitions),
    checkpoint: () => reader.checkpoint(),
  };
}
