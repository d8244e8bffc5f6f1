/** A directory on disk that stands for the `/` of a running host. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { liveTree, type LiveTree } from "./liveTree.ts";

/** Writes the host's files below a directory. */
export function writeLiveTree(directory: string, tree: LiveTree): void {
  for (const [path, entry] of Object.entries(liveTree(tree))) {
    const bytes = typeof entry === "string" || entry instanceof Uint8Array ? entry : "";
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), bytes);
  }
}
