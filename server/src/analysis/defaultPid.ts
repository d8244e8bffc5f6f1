/** The pid file that nginx makes without being told. */
import type { Access, FileAccess, Place } from "../nginx/access.ts";
import type { Configuration } from "../nginx/load/configuration.ts";
import { ROOT } from "../nginx/tree/tree.ts";

/**
 * The access to the compiled-in pid file (`--pid-path`), at the first statement; none where a directive names another,
 * or where one may stand in what was not read.
 */
export function defaultPid(
  { files, notes, fragmentContext, prefixes }: Configuration,
  accesses: readonly Access[],
): readonly FileAccess[] {
  if (fragmentContext !== null || notes.length > 0) return [];
  if (accesses.some((access) => access.protocol === "file" && access.use === "pid")) return [];
  const place = firstStatement({ files });
  if (place === null) return [];
  // Packages are built with /run/nginx.pid; a build of one's own has it below its prefix.
  const path = prefixes.prefixKnown ? `${prefixes.prefix}/logs/nginx.pid` : "/run/nginx.pid";
  const what = { kind: "write", protocol: "file", use: "pid", object: "file", by: "master" } as const;
  return [{ ...what, ...place, path, below: null, directive: "pid", via: [], certainty: "certain" }];
}

/** The place of the first statement, for what is said of the configuration as a whole; null for one without a file. */
export function firstStatement({ files }: Pick<Configuration, "files">): Place | null {
  const tree = files[0]?.tree;
  if (tree === undefined) return null;
  const first = tree.firstChild(ROOT);
  const span = first < 0 || tree.wordCount(first) === 0 ? { start: 0, end: 0 } : tree.wordSpan(first, 0);
  return { file: 0, span };
}
