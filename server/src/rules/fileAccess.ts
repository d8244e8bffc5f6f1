/** File accesses as questions to the policy. */
import type { FileAccess } from "../nginx/access.ts";
import type { Query } from "../selinux/query.ts";
import type { RuleContext } from "./rule.ts";

/**
 * The question that a file access puts. Null where nothing of the path is known. Where variables leave the rest open,
 * the question is about what is in the static directory.
 */
export function fileQuery(access: FileAccess, context: RuleContext): FileQuery | null {
  const { source } = context;
  const { use } = access;
  if (access.path !== null) {
    const { path, object } = access;
    return { kind: "file", source, path, object, use, exists: existsOnDisk(path, context) };
  }
  if (access.below === null) return null;
  return { kind: "file", source, path: access.below, object: "dir", use, exists: true };
}

type FileQuery = Extract<Query, { readonly kind: "file" }>;

/** Whether a path exists; null where no host is asked or the host does not tell. */
function existsOnDisk(path: string, { host }: RuleContext): boolean | null {
  const state = host?.label(path).state;
  return state === "present" ? true : state === "missing" ? false : null;
}
