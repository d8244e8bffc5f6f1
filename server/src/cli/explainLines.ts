/** Log lines, explained: what `explain LINE`, `explain -` and `denials` have in common. */
import type { Analysis } from "../analysis/analysis.ts";
import { explainRefusals, type ExplainedRefusal } from "../analysis/explainDenials.ts";
import { reportPolicy } from "../report/buildReport.ts";
import type { Gathered, Refusal } from "../denials/gather.ts";
import type { Engine } from "../workspace/engine.ts";
import type { PolicyInUse } from "../providers/policies.ts";
import { namedPaths } from "../providers/namedPaths.ts";
import type { Access } from "../nginx/access.ts";
import type { Configuration } from "../nginx/load/configuration.ts";
import type { NamedPath } from "../selinux/host/hostState.ts";
import { withPlannedFixes } from "../offers/deniedOffers.ts";
import { moduleFor, reportDenials, type DenialReport, type UnreadLog } from "../report/denialReport.ts";
import { denialText, moduleText } from "../report/denialText.ts";
import { shownPath, type Console } from "./console.ts";
import { writeAll } from "./output.ts";

/** How explained refusals are written. */
export interface DenialForm {
  readonly format: "text" | "json" | "cil";
  /** All types that a fix opens. */
  readonly verbose: boolean;
}

/** A configuration that refusals are joined to. */
export interface Joined {
  readonly analysis: Analysis;
  readonly configuration: Configuration;
  readonly accesses: readonly Access[];
}

export interface Explained {
  readonly explained: readonly ExplainedRefusal[];
  readonly policy: PolicyInUse;
  /** The paths of the refusals that the host was asked for. */
  readonly paths: readonly NamedPath[];
}

/**
 * Explains refusals with the policy that answers for a path, and what its host says of the paths in them. `before`: paths
 * of earlier refusals, see `Explained.paths`.
 */
export async function explainGathered(
  { refusals, unprivileged }: Pick<Gathered, "refusals" | "unprivileged">,
  joined: Joined | null,
  engine: Engine,
  path: string,
  before: readonly NamedPath[] = [],
): Promise<Explained> {
  const accesses = joined?.accesses ?? [];
  const all = [...before, ...refusals.flatMap(pathsOf)];
  const paths = [...new Map(all.map((each) => [`${each.kind} ${each.path}`, each])).values()];
  const policy = await engine.policyFor(path, [...namedPaths(accesses), ...paths]);
  const explained = explainRefusals(refusals, {
    context: { ...policy.context, ownSockets: new Set() },
    configuration: joined?.configuration ?? null,
    accesses,
    unprivileged,
  });
  return { explained: withPlannedFixes(explained, joined?.analysis ?? null), policy, paths };
}

function pathsOf({ subject }: Refusal): readonly NamedPath[] {
  const { path, cls, protocol } = subject;
  if (path === null || !path.startsWith("/")) return [];
  return [{ path, kind: protocol === "unix" || cls === "sock_file" ? "sock" : cls === "dir" ? "dir" : "file" }];
}

/** Writes explained refusals. The exit code: 1 where something is refused now, else 0. */
export async function writeExplained(
  { explained, policy }: Explained,
  rest: { readonly gathered: Gathered; readonly joined: Joined | null; readonly unread: readonly UnreadLog[] },
  form: DenialForm,
  console: Console,
): Promise<number> {
  const denials = reportDenials(explained, rest.joined?.configuration ?? null);
  const { notUnderstood, leftOut } = rest.gathered;
  const report: DenialReport = {
    schema: 1,
    policy: reportPolicy(policy.chosen),
    denials,
    notUnderstood,
    leftOut,
    unread: rest.unread,
  };
  await writeAll(console.out, textOf(report, form, policy, console));
  return denials.some(({ verdict }) => verdict === "refused") ? 1 : 0;
}

/** JSON in which nothing that a terminal acts on, or that hides, stands as it is: a log may hold anything. */
function harmlessJson(value: unknown): string {
  return JSON.stringify(value).replace(/[\u007f-\u009f\p{Cf}\p{Zl}\p{Zp}]/gu, (each) =>
    Array.from({ length: each.length }, (_, i) => `\\u${each.charCodeAt(i).toString(16).padStart(4, "0")}`).join(""),
  );
}

function textOf(
  report: DenialReport,
  { format, verbose }: DenialForm,
  policy: PolicyInUse,
  console: Console,
): Iterable<string> {
  switch (format) {
    case "json":
      return [`${harmlessJson(report)}\n`];
    case "cil":
      return [moduleText(moduleFor(report.denials, policy.context.source))];
    case "text":
      return denialText(report, { style: console.style, verbose, nameOf: (path) => shownPath(console, path) });
  }
}
