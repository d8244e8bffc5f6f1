/** label-not-persistent: an access that a label on disk allows, which the next relabel or re-creation takes away. */
import { directoriesAbove, isWithin, nameOf, parentOf } from "../base/paths.ts";
import { connectSocketFixes, fileFixes } from "../fixes/offer.ts";
import type { Fix } from "../fixes/fix.ts";
import type { Policy } from "../selinux/policy.ts";
import type { FileKind } from "../selinux/fileContextLists.ts";
import type { Query, QueryOf } from "../selinux/query.ts";
import { firstRefusal } from "./accessQueries.ts";
import { lazyVerdict } from "./lazyVerdict.ts";
import { shortPath, withAdvice } from "./message.ts";
import { confidence, evidence } from "./phrases.ts";
import type { Asked } from "./asked.ts";
import type { RuleContext } from "./context.ts";
import type { AccessRule, Verdict } from "./rule.ts";

export const labelNotPersistent: AccessRule = {
  judges: "access",
  id: "label-not-persistent",
  title: "Label that the next relabel takes away",
  severity: "warning",
  needsHost: true,

  judge({ access, queries, answer }: Asked, context: RuleContext): Verdict | null {
    const [query] = queries;
    if (query?.kind !== "file" && query?.kind !== "connect-socket") return null;
    if (answer.verdict !== "allowed") return null;
    const { path } = query;
    // The label of such a mount is that of the mount: no relabel changes it.
    if (isWithin(path, context.host?.fixedLabels ?? [])) return null;
    const relabelled = afterRelabel(context);
    if (relabelled === null) return null;
    const refused = firstRefusal(relabelled, queries, context);
    if (refused === null || refused.verdict !== "denied" || !refused.exact) return null;
    const moved = movedLabels(path, query.kind === "file" ? query.object : "sock", relabelled, context);
    if (moved.every(({ now }) => context.host?.customizableTypes.has(now) === true)) return null;
    if (query.kind === "connect-socket" && isMadeRight(path, queries, relabelled, context)) return null;
    const sure = confidence(context, access, labelNotPersistent.severity, true);
    if (sure.verb === "would") return null;
    const later = { ...context, policy: relabelled };
    return lazyVerdict({
      decision: refused,
      severity: sure.severity,
      message: () =>
        withAdvice(
          `${shortPath(path)}: SELinux ${sure.verb === "may" ? "may refuse" : "refuses"} it after the next relabel.`,
          moved.map(({ path: at, now, usual }) => `${shortPath(at)} has ${now} on disk and ${usual} by default`),
        ),
      fixes: () => durableFixes(query, later),
      because: () =>
        evidence(
          refused,
          access,
          ...moved.map((each) => `${each.path} has ${each.now} on disk and ${each.usual} by default`),
        ),
    });
  },
};

const relabels = new WeakMap<Policy, Policy | null>();

/** The policy with every label at its default; null where no label on disk is known. */
function afterRelabel({ policy, host }: RuleContext): Policy | null {
  if (host === null) return null;
  let relabelled = relabels.get(policy);
  if (relabelled === undefined) {
    const isKnown = policy.changes.some((change) => change.kind === "label");
    relabelled = isKnown ? policy.with([{ kind: "restore", path: "/" }]) : null;
    relabels.set(policy, relabelled);
  }
  return relabelled;
}

interface MovedLabel {
  readonly path: string;
  readonly now: string;
  readonly usual: string;
}

/** The object and the directories above it whose label a relabel would change, the object first. */
function movedLabels(
  path: string,
  kind: FileKind,
  relabelled: Policy,
  { policy, host }: RuleContext,
): readonly MovedLabel[] {
  const moved: MovedLabel[] = [];
  for (const at of [path, ...directoriesAbove(path)]) {
    if (host?.label(at).state !== "present") continue;
    const kindHere = at === path ? kind : "dir";
    const now = policy.label(at, kindHere).type;
    const usual = relabelled.label(at, kindHere).type;
    if (now !== null && usual !== null && now !== usual) moved.push({ path: at, now, usual });
  }
  return moved;
}

/**
 * True where a socket that is made anew, in a directory with its default label, can be used: it gets the type that the
 * policy has for what its service makes there, else the directory's. Of a service that is not known the one which
 * shares nginx's domain is assumed: that is php-fpm's, and it would work.
 */
function isMadeRight(path: string, queries: readonly Query[], relabelled: Policy, context: RuleContext): boolean {
  const directory = relabelled.label(parentOf(path), "dir").type;
  if (directory === null) return true;
  const maker = context.host?.peer(path).domain ?? context.source;
  const made = relabelled.facts.fileTransition(maker, directory, "sock_file", nameOf(path)) ?? directory;
  return firstRefusal(relabelled.with([{ kind: "label", path, type: made }]), queries, context) === null;
}

function durableFixes(query: QueryOf<"file" | "connect-socket">, later: RuleContext): readonly Fix[] {
  const fixes = query.kind === "file" ? fileFixes(later, [query]) : connectSocketFixes(later, query);
  return fixes.filter((fix) => fix.durable);
}
