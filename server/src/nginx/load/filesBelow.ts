/** Regular files below a directory. */
import type { ConfigReader } from "./reader.ts";

/** How far a directory is searched. */
const MOST_DIRECTORIES = 2000;
const DEEPEST = 8;
/** Directories that hold no configuration of the project. Those whose names begin with a dot are left out too. */
const skipped: ReadonlySet<string> = new Set(["node_modules", "vendor", "target", "dist", "build", "__pycache__"]);

export interface FileBelow {
  /** Without a final slash; "" is the root of the file system. */
  readonly directory: string;
  readonly name: string;
}

/** The files below a directory, the nearest first, by name. Links are not followed: each file comes once. */
export async function* filesBelow(folder: string, reader: ConfigReader): AsyncGenerator<FileBelow, void> {
  let level = [folder.endsWith("/") ? folder.slice(0, -1) : folder];
  let directories = 0;
  for (let depth = 0; depth < DEEPEST && level.length > 0; depth++) {
    const next: string[] = [];
    for (const directory of level) {
      if (++directories > MOST_DIRECTORIES) return;
      await reader.checkpoint();
      const listing = await reader.list(directory === "" ? "/" : directory);
      const entries = listing.ok ? listing.entries : [];
      for (const { name, kind, isMangled } of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
        if (isMangled === true) continue;
        if (kind === "file") yield { directory, name };
        else if (kind === "directory" && !name.startsWith(".") && !skipped.has(name)) next.push(`${directory}/${name}`);
      }
    }
    level = next;
  }
}
