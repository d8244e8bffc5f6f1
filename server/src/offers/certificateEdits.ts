/** The keys and certificates of a configuration that lie in homes, or belong to another service, each with the place of its copy. */
import type { Analysis } from "../analysis/analysis.ts";
import { certificateCopies, copyPaths, isInHome } from "../fixes/certificateCopy.ts";
import type { FileCopy } from "../fixes/fileCopy.ts";
import type { FixContext } from "../fixes/candidate.ts";
import type { EditCandidate, Taken } from "../fixes/edit.ts";
import type { Access, FileAccess } from "../nginx/access.ts";

/**
 * The copies for the refused keys and certificates of a configuration, by their paths: the first free place of each, in the
 * order of the findings. `alike`: every access to the same file.
 */
export function copiesFor(
  { findings }: Analysis,
  taken: Taken,
  alike: (access: Access) => readonly Access[],
): ReadonlyMap<string, FileCopy> {
  const copies = new Map<string, FileCopy>();
  const given = new Set<string>();
  for (const { access, verdict } of findings) {
    if (access === null || !isCertificate(access) || verdict?.decision?.verdict !== "denied") continue;
    const from = access.path;
    if (from === null || copies.has(from)) continue;
    // Elsewhere a label is less to do, unless it would take the file from another service.
    if (!isInHome(from) && verdict.fixes.some((fix) => fix.durable)) continue;
    const uses = alike(access);
    // A worker may not read a file of mode 600 that root owns.
    if (!uses.every((use) => isCertificate(use) && use.by === "master")) continue;
    const isSecret = uses.some(({ directive }) => SECRET.test(directive));
    const to = copyPaths(from, isSecret).find((path) => !taken.path(path) && !given.has(path));
    if (to === undefined) continue;
    given.add(to);
    copies.set(from, { from, to, isSecret });
  }
  return copies;
}

/** Directives whose file is a secret: a private key, a ticket key, the passwords of keys. */
const SECRET = /(?:_key|_password_file)$/u;

function isCertificate(access: Access): access is FileAccess {
  return access.protocol === "file" && access.use === "certificate" && access.object === "file";
}

/** The edit that names the copy of an access's file. */
export function certificateEdits(
  context: FixContext,
  access: Access,
  copies: ReadonlyMap<string, FileCopy>,
): readonly EditCandidate[] {
  const copy = access.protocol === "file" && access.path !== null ? copies.get(access.path) : undefined;
  return copy === undefined ? [] : certificateCopies(context, copy);
}
