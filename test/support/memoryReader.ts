/** A ConfigReader over a map of path -> text, for tests of the nginx core. */
import { parse } from "../../server/src/nginx/tree/parse.ts";
import type { DirectoryEntry } from "../../server/src/base/directoryEntry.ts";
import type { ConfigReader, ReadFailure, ReadTree } from "../../server/src/nginx/load/reader.ts";

export interface MemoryReader extends ConfigReader {
  /** Paths in the order in which they were read. */
  readonly reads: string[];
}

/** `files` holds no symbolic links: text, or the failure that reading gives. Directories exist where a file is below them. */
export function memoryReader(files: Readonly<Record<string, string | Uint8Array | ReadFailure>>): MemoryReader {
  const trees = new Map<string, ReadTree>();
  const reads: string[] = [];
  const paths = Object.keys(files);
  const reader: MemoryReader = {
    inCopy: () => reader,
    reads,
    read(path) {
      reads.push(path);
      const known = trees.get(path);
      if (known !== undefined) return Promise.resolve(known);
      const content = files[path];
      if (content === undefined) {
        const isDirectory = paths.some((other) => other.startsWith(`${path}/`));
        const failure: ReadFailure = isDirectory
          ? { ok: false, code: "directory", message: "Is a directory" }
          : { ok: false, code: "missing", message: "No such file or directory" };
        return Promise.resolve(failure);
      }
      if (typeof content !== "string" && !(content instanceof Uint8Array)) return Promise.resolve(content);
      const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
      const tree: ReadTree = { ok: true, path, tree: parse(bytes) };
      trees.set(path, tree);
      return Promise.resolve(tree);
    },
    list(directory) {
      const prefix = directory === "/" ? "/" : `${directory}/`;
      const names = new Map<string, DirectoryEntry>();
      for (const path of paths) {
        if (!path.startsWith(prefix)) continue;
        const rest = path.slice(prefix.length);
        const slash = rest.indexOf("/");
        const name = slash < 0 ? rest : rest.slice(0, slash);
        if (name !== "") names.set(name, { name, kind: slash >= 0 ? "directory" : "file" });
      }
      const failure = files[directory];
      if (failure !== undefined && typeof failure !== "string" && "ok" in failure) return Promise.resolve(failure);
      if (names.size > 0) return Promise.resolve({ ok: true, entries: [...names.values()].reverse() });
      return Promise.resolve({ ok: false, code: "missing", message: "No such file or directory" });
    },
    checkpoint: () => Promise.resolve(),
  };
  return reader;
}
