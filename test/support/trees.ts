/**
 * Whole trees of configurations under test/fixtures/trees. `NAME.links` lists the symbolic links of the tree `NAME`, a
 * line `PATH -> TARGET` each: no file system and no archive has to keep links that lead nowhere on this machine.
 */
import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { MemoryEntry } from "./memoryHost.ts";

const trees = join(import.meta.dirname, "../fixtures/trees");

export interface Tree {
  /** Texts by path, relative to the tree. */
  readonly files: ReadonlyMap<string, string>;
  /** Targets by path. */
  readonly links: ReadonlyMap<string, string>;
}

export function readTree(name: string): Tree {
  const directory = join(trees, name);
  const paths = readdirSync(directory, { recursive: true, encoding: "utf8" }).filter((path) =>
    statSync(join(directory, path)).isFile(),
  );
  const files = new Map(paths.map((path) => [path.replaceAll("\\", "/"), readFileSync(join(directory, path), "utf8")]));
  const links = readFileSync(join(trees, `${name}.links`), "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line): [string, string] => {
      const [path = "", target = ""] = line.split(" -> ");
      return [path, target];
    });
  return { files, links: new Map(links) };
}

/** The tree below a directory of a host in memory. */
export function treeEntries({ files, links }: Tree, directory: string): Record<string, MemoryEntry> {
  return Object.fromEntries([
    ...[...files].map(([path, text]) => [`${directory}/${path}`, text] as const),
    ...[...links].map(([path, link]) => [`${directory}/${path}`, { link }] as const),
  ]);
}

/**
 * The tree as it is once each link is replaced by the file that it leads to. `confDirectory`: the directory of the tree
 * that stands for /etc/nginx; "" for a tree that stands for `/`. Links out of the tree stay.
 */
export function withoutLinks(tree: Tree, confDirectory: string): Tree {
  const files = new Map(tree.files);
  const inTree = (path: string, target: string): string => {
    if (!target.startsWith("/")) return join(dirname(path), target).replaceAll("\\", "/");
    return confDirectory === "" ? target.slice(1) : target.replace(/^\/etc\/nginx/, confDirectory);
  };
  // A link may lead through another one: as many rounds as there are links.
  for (const _ of tree.links) {
    for (const [path, target] of tree.links) {
      const from = inTree(path, target);
      for (const [file, text] of [...files]) {
        if (file === from || file.startsWith(`${from}/`)) files.set(path + file.slice(from.length), text);
      }
    }
  }
  const isReplaced = (link: string): boolean =>
    [...files.keys()].some((file) => file === link || file.startsWith(`${link}/`));
  return { files, links: new Map([...tree.links].filter(([path]) => !isReplaced(path))) };
}

/** Writes the tree below a directory of this machine. */
export function writeTree({ files, links }: Tree, directory: string): void {
  for (const [path, text] of files) {
    mkdirSync(join(directory, dirname(path)), { recursive: true });
    writeFileSync(join(directory, path), text);
  }
  for (const [path, target] of links) {
    mkdirSync(join(directory, dirname(path)), { recursive: true });
    symlinkSync(target, join(directory, path));
  }
}
