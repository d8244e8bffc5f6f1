/** The configurations below a directory. */
import { directiveContexts } from "../tree/directives.ts";
import { isMainTree } from "./fragmentContext.ts";
import { loadConfiguration, type LoadOptions } from "./loadConfiguration.ts";
import { readAs } from "./mainFile.ts";
import { isPackagedFile } from "./pathMap.ts";
import type { ConfigReader } from "./reader.ts";
import { ROOT, type Tree } from "../tree/tree.ts";
import { filesBelow, type FileBelow } from "./filesBelow.ts";

export interface FoundConfigurations {
  /** Main files. */
  readonly mains: readonly string[];
  /** Fragments that the includes of no main file reach. */
  readonly fragments: readonly string[];
}

/**
 * Looks for main files, by their blocks, and for files of nginx that none of them includes. Both in the order of the
 * search: the nearest to the directory first.
 */
export async function findConfigurations(
  folder: string,
  reader: ConfigReader,
  load: LoadOptions = {},
): Promise<FoundConfigurations> {
  const mains: string[] = [];
  const fragments: string[] = [];
  for await (const file of filesBelow(folder, reader)) {
    if (!mayBeNginx(file)) continue;
    const path = `${file.directory}/${file.name}`;
    const read = await readAs(path, path, reader, load);
    if (!read.ok) continue;
    if (isMainTree(read.tree)) mains.push(path);
    else if (isFragment(path, read.tree)) fragments.push(path);
  }
  const reached = new Set<string>();
  for (const main of mains) {
    const { files } = await loadConfiguration(main, reader, load);
    for (const { path } of files.slice(1)) reached.add(path);
  }
  return {
    mains: mains.filter((path) => !reached.has(path)),
    fragments: fragments.filter((path) => !reached.has(path)),
  };
}

/** `nginx.conf`, `site.conf.template`, `shop.vhost`; any name in the directories that Debian has for sites. */
function mayBeNginx({ directory, name }: FileBelow): boolean {
  if (/~$|\.(?:swp|bak|orig|rej|md|dpkg-\w+|rpm\w+)$/i.test(name) || name.startsWith(".")) return false;
  return /\.(?:conf|vhost|nginx)(?:\.[\w.]+)?$/.test(name) || /\/sites-(?:available|enabled)$/.test(directory);
}

/**
 * Programs of every kind have files of such names, and what nginx would say of those says nothing. So every statement
 * must be one of nginx's, and the file one that nginx can read; a block of nginx's may have mistakes in it.
 */
function isFragment(path: string, tree: Tree): boolean {
  if (isPackagedFile(path)) return false;
  let hasBlock = false;
  let statements = 0;
  for (let s = tree.firstChild(ROOT); s >= 0; s = tree.nextSibling(s)) {
    const name = tree.name(s);
    if (directiveContexts(name) === undefined) return false;
    if (tree.terminator(s) === "block" && (name === "server" || name === "upstream" || name === "location"))
      hasBlock = true;
    statements++;
  }
  return statements > 0 && (hasBlock || tree.problems.length === 0);
}
