/** Log lines explained with a configuration of one file and a bundled release. */
import { bestLasting } from "../../server/src/fixes/rank.ts";
import { explainRefusals, type ExplainedRefusal } from "../../server/src/analysis/explainDenials.ts";
import { gatherText } from "../../server/src/denials/gather.ts";
import type { Configuration } from "../../server/src/nginx/load/configuration.ts";
import { policyOf } from "../../server/src/selinux/model.ts";
import type { Change } from "../../server/src/selinux/policy.ts";
import { analysed } from "./planned.ts";
import { bundledFacts, type Release } from "./bundledPolicies.ts";

/** The refusals of a text, explained. `changes`: of the release's policy, made before. */
export async function explained(
  text: string,
  release: Release = "rhel9",
  configuration: string | null = null,
  changes: readonly Change[] = [],
): Promise<readonly ExplainedRefusal[]> {
  const { refusals, unprivileged } = gatherText(text);
  const policy = policyOf(bundledFacts(release)).with(changes);
  const analysis = await analysed(policy, configuration ?? "events {}\n");
  return explainRefusals(refusals, {
    context: { ...analysis.context, ownSockets: new Set() },
    configuration: configuration === null ? null : analysis.configuration,
    accesses: configuration === null ? [] : analysis.accesses,
    unprivileged,
  });
}

/** The one refusal of a text. */
export async function explainedOne(
  text: string,
  release: Release = "rhel9",
  configuration: string | null = null,
  changes: readonly Change[] = [],
): Promise<ExplainedRefusal> {
  const [first, second] = await explained(text, release, configuration, changes);
  if (first === undefined || second !== undefined) throw new Error(`not one refusal: ${text}`);
  return first;
}

/** One-based lines of the places of a refusal in a configuration of one file. */
export function linesOf({ places }: ExplainedRefusal, configuration: string): readonly number[] {
  return places.map(({ span }) => configuration.slice(0, span.start).split("\n").length);
}

/** One-based line of a place. */
export function lineOf(
  configuration: Configuration,
  place: { readonly file: number; readonly span: { readonly start: number } },
): number {
  const bytes = configuration.files[place.file]?.tree.bytes ?? new Uint8Array();
  return bytes.subarray(0, place.span.start).filter((byte) => byte === 10).length + 1;
}

/** Commands of the fix that is offered first. */
export function firstCommands({ fixes }: ExplainedRefusal): readonly string[] {
  return (bestLasting(fixes) ?? fixes[0])?.commands ?? [];
}
