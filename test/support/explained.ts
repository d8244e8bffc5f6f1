/** Log lines explained with a configuration of one file and a bundled release. */
import { bestLasting } from "../../server/src/fixes/rank.ts";
import { explainRefusals, type ExplainedRefusal } from "../../server/src/analysis/explainDenials.ts";
import { gatherText } from "../../server/src/denials/gather.ts";
import type { Configuration } from "../../server/src/nginx/load/configuration.ts";
import { policyOf } from "../../server/src/selinux/model.ts";
import type { Change } from "../../server/src/selinux/policy.ts";
import { hostFixture } from "./hostFixture.ts";
import { analysed } from "./planned.ts";
import { bundledFacts, type Release } from "./bundledPolicies.ts";

/** What else is known of a host: changes of the release's policy, made before; lines as `hostFixture` takes them. */
interface Told {
  readonly changes?: readonly Change[];
  readonly host?: readonly string[];
}

/** The refusals of a text, explained. */
export async function explained(
  text: string,
  release: Release = "rhel9",
  configuration: string | null = null,
  told: Told = {},
): Promise<readonly ExplainedRefusal[]> {
  const { refusals, unprivileged } = gatherText(text);
  const facts = bundledFacts(release);
  const host = told.host === undefined ? null : hostFixture(facts, told.host);
  const policy = policyOf(facts).with([...(host?.changes ?? []), ...(told.changes ?? [])]);
  const analysis = await analysed(policy, configuration ?? "events {}\n", host);
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
  told: Told = {},
): Promise<ExplainedRefusal> {
  const [first, second] = await explained(text, release, configuration, told);
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
