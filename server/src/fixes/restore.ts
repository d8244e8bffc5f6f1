/** Setting the label on disk to the one that the policy gives anyway: the smallest fix there is, where it is enough. */
import type { Query } from "../selinux/query.ts";
import type { Candidate, FixContext } from "./candidate.ts";
import { parentOf } from "../base/paths.ts";
import { FILE_SYSTEM_TYPES } from "./purpose.ts";
import { solves } from "./replay.ts";

/**
 * `restorecon` on a normal path, or on the nearest directory above it that makes the queries hold. Null where no label
 * on disk is known, and where none of those below its top-level directory is enough.
 */
export function restoreCandidate(context: FixContext, path: string, queries: readonly Query[]): Candidate | null {
  if (!context.policy.changes.some((change) => change.kind === "label")) return null;
  for (let at = path; at !== "/" && parentOf(at) !== "/"; at = parentOf(at)) {
    if (!isRestorable(context, at)) return null;
    const candidate = restore(context, at);
    if (solves(context, queries, candidate)) return candidate;
  }
  return null;
}

/** What restorecon can change: not a file system without labels, nor a type that it leaves alone unless it is forced. */
function isRestorable({ policy, host }: FixContext, path: string): boolean {
  const { type } = policy.label(path, "any");
  return type === null || !(FILE_SYSTEM_TYPES.includes(type) || host?.customizableTypes.has(type) === true);
}

function restore({ policy }: FixContext, path: string): Candidate {
  const now = policy.label(path, "any").type;
  const usual = policy.with([{ kind: "restore", path }]).label(path, "any").type;
  const change = now === null || usual === null || now === usual ? "" : `: ${now} becomes ${usual}`;
  return {
    id: "restorecon",
    tier: "restore",
    title: `Give ${path} the label that the policy has for it${change}`,
    changes: [{ kind: "restore", path }],
    restore: path,
    durable: true,
    notes: () => [
      "Changes labels on disk only; the policy stays as it is. A file that was moved here kept the label of the place it came from.",
    ],
  };
}
