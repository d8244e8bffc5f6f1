/** ACLs, which Node cannot read: getfacl(1) of the package acl prints them. */
import { HostError, type Host } from "../host/host.ts";
import { unescaped } from "./escapes.ts";
import type { Acl, AclEntry, Rights } from "./unixObject.ts";

const LIMITS = { timeoutMs: 5000, maxBytes: 4 * 2 ** 20 } as const;
/** Paths in one command. */
const BATCH = 200;

/**
 * The ACLs of absolute paths without links: null where the mode is all there is. Paths without an answer are left
 * out. Where the package acl is not installed, ls(1) tells at least which objects have none.
 */
export async function readAcls(host: Host, paths: readonly string[]): Promise<ReadonlyMap<string, Acl | null>> {
  const acls = new Map<string, Acl | null>();
  const askable = paths.filter((path) => !path.includes("\0") && !path.includes("\ufffd"));
  for (let from = 0; from < askable.length; from += BATCH) {
    const batch = askable.slice(from, from + BATCH);
    // Numbers, and absolute names.
    const entries = await outputOf(host, "/usr/bin/getfacl", ["-n", "-p", "--", ...batch]);
    if (entries === null) {
      for (const path of await withoutAcl(host, batch)) acls.set(path, null);
      continue;
    }
    for (const block of entries.split("\n\n")) {
      const [path, acl] = parseAcl(block);
      if (path !== null) acls.set(path, acl);
    }
  }
  return acls;
}

/** Null where there is no such program, or it does not end well. */
async function outputOf(host: Host, program: string, args: readonly string[]): Promise<string | null> {
  try {
    return (await host.run(program, args, LIMITS)).stdout;
  } catch (error) {
    if (error instanceof HostError) return null;
    throw error;
  }
}

/** The objects without a plus behind their mode (`ls -l`), a line each in the order of the paths. */
async function withoutAcl(host: Host, paths: readonly string[]): Promise<readonly string[]> {
  const lines = ((await outputOf(host, "/usr/bin/ls", ["-dlnbU", "--", ...paths])) ?? "").trimEnd().split("\n");
  if (lines.length !== paths.length) return [];
  return paths.filter((_, index) => /^[a-z-][rwxsStT-]{9}[ .]/.test(lines[index] ?? ""));
}

/** One object of getfacl's output: comments, then entries `user:998:r-x`. */
function parseAcl(block: string): readonly [path: string | null, acl: Acl | null] {
  const named: AclEntry[] = [];
  let path: string | null = null;
  let group: Rights = 0;
  let isExtended = false;
  for (const line of block.split("\n")) {
    const file = /^# file: (.+)$/.exec(line)?.[1];
    if (file !== undefined) path = unescaped(file);
    const [, tag, id = "", text = ""] = /^(user|group|mask|other):(\d*):([r-][w-][x-])/.exec(line) ?? [];
    if (tag === "mask" || id !== "") isExtended = true;
    if (tag === "group" && id === "") group = rightsOf(text);
    if ((tag === "user" || tag === "group") && id !== "") named.push({ tag, id: Number(id), rights: rightsOf(text) });
  }
  return [path, isExtended ? { named, group } : null];
}

function rightsOf(text: string): Rights {
  return (text.includes("r") ? 4 : 0) | (text.includes("w") ? 2 : 0) | (text.includes("x") ? 1 : 0);
}
