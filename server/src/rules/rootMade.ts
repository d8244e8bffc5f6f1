/**
 * What a root shell leaves behind. `nginx -t` opens logs and the pid file and makes directories as `unconfined_t`, so
 * what it makes keeps the type of the directory, where the service's own would get another by a transition.
 */
import { nameOf, parentOf } from "../base/paths.ts";
import { fileFixes } from "../fixes/offer.ts";
import { isSourceBuild } from "../fixes/directories.ts";
import type { FileAccess } from "../nginx/access.ts";
import { decide } from "../selinux/decide.ts";
import { fileNeeds } from "../selinux/filePermissions.ts";
import type { Decision, FileQuery } from "../selinux/query.ts";
import type { Asked } from "./asked.ts";
import type { RuleContext } from "./context.ts";
import { shortPath, withAdvice } from "./message.ts";
import { confidence, evidence, isTemporary, releaseName } from "./phrases.ts";
import type { Verdict } from "./rule.ts";

/** The domain of a root shell. */
const SHELL = "unconfined_t";

/** For a file or directory that is missing now: a root shell would make it with a label that is refused. Else null. */
export function madeByRoot({ access, queries, answer }: Asked, context: RuleContext): Verdict | null {
  const [query] = queries;
  if (access.protocol !== "file" || query?.kind !== "file" || answer.verdict !== "allowed") return null;
  if (!mayBeMade(access, query) || query.exists === true || query.isRemoved === true) return null;
  // A root shell has another /tmp than the service.
  if (isTemporary(query.path) && context.host?.unit?.privateTmp !== false) return null;
  // A host that does not tell whether the file is there says nothing of it; an installed package's unit removes its pid file.
  if (context.host === null ? isPackagesPid(query) : query.exists !== false) return null;
  const type = typeFromShell(query, context);
  if (type === null || isSourceBuild(query.path)) return null;
  const later = { ...context, policy: context.policy.with([{ kind: "label", path: query.path, type }]) };
  const made: FileQuery = { ...query, exists: true };
  const decision = decide(later.policy, made, later);
  if (decision.verdict !== "denied" || decision.target !== type) return null;
  const sure = confidence(context, access, "information", decision.exact);
  if (sure.verb === "would") return null;
  const release = releaseName(context.policy.facts.info);
  const object = query.object === "dir" ? "directory" : "file";
  return {
    decision: null,
    severity: sure.severity,
    oncePerUpstream: false,
    message: withAdvice(
      `${shortPath(query.path)} (${type}): SELinux refuses the ${object} that "nginx -t" in a root shell makes here on ${release}.`,
      ["let the service make it, or label it"],
    ),
    because: evidence(decision, access, ...whyShell(query, type, answer)),
    fixes: fileFixes(later, [made]).filter((fix) => fix.durable && fix.id !== "restorecon"),
  };
}

/** What is there, with the label that a root shell gives and the service would not: how it came, in a clause. */
export function leftByRoot(access: FileAccess, query: FileQuery, context: RuleContext): readonly string[] {
  if (!mayBeMade(access, query) || context.host?.label(query.path).state !== "present") return [];
  const { type } = context.policy.label(query.path, query.object);
  if (type === null || type !== typeFromShell(query, context)) return [];
  if (decide(context.policy, { ...query, exists: false }, context).verdict !== "allowed") return [];
  return [`"nginx -t" in a root shell makes it so, and the service would not: remove it, or relabel it`];
}

/** True for what the master makes by its name where it is missing. */
function mayBeMade({ by, path, certainty }: FileAccess, { use, object }: FileQuery): boolean {
  const { makes } = fileNeeds(use);
  if (by !== "master" || path === null || certainty !== "certain" || makes === null) return false;
  return object === "file" || makes.itself;
}

/** The type that something gets which a root shell makes; null where the directory's is not known. */
function typeFromShell({ path, object }: FileQuery, { policy }: RuleContext): string | null {
  const directory = policy.label(parentOf(path), "dir").type;
  if (directory === null) return null;
  return policy.facts.fileTransition(SHELL, directory, object, nameOf(path)) ?? directory;
}

function whyShell({ path }: FileQuery, type: string, own: Decision): readonly string[] {
  return [
    `a root shell runs as ${SHELL}: what it makes in ${parentOf(path)} is ${type}`,
    `what the service makes there itself works: ${own.because.at(-1) ?? "its label is another"}`,
  ];
}

/** `/run/nginx.pid`, which the unit of the distributions' packages removes before each start. */
function isPackagesPid({ use, path }: FileQuery): boolean {
  return use === "pid" && /^\/(?:var\/)?run\/nginx\.pid$/.test(path);
}
