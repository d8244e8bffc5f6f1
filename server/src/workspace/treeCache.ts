/** Trees of files and documents that are likely to be asked for again. */
import type { Tree } from "../nginx/tree/tree.ts";

/** Bytes of files whose trees are kept. The newest one is kept whatever its size. */
const CACHED_BYTES = 128 * 2 ** 20;

interface CachedTree {
  /** Stamp of the file, or version of the document. */
  readonly stamp: string;
  readonly tree: Tree;
}

/** Trees by path, the least recently used ones dropped when their files' bytes exceed the budget. */
export class TreeCache {
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
