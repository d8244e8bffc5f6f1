/** Findings that comments of the configuration silence. */
import { silencedBy } from "./ignoreComments.ts";
import type { Place } from "../nginx/access.ts";
import type { Configuration } from "../nginx/load/configuration.ts";
import { isPlaced, type Finding, type Silenced } from "./finding.ts";

/** The reason of the comment that silences a rule at a place; null where none does. */
export function silencingReason(configuration: Configuration, { file, span }: Place, rule: string): string | null {
  const tree = configuration.files[file]?.tree;
  return (tree === undefined ? undefined : silencedBy(tree, span.start, rule))?.reason ?? null;
}

/** Takes out what comments silence. nginx's own messages are never silenced. */
export function withoutSilenced(
  configuration: Configuration,
  all: readonly Finding[],
): { readonly findings: readonly Finding[]; readonly silenced: readonly Silenced[] } {
  const findings: Finding[] = [];
  const silenced: Silenced[] = [];
  for (const finding of all) {
    const reason =
      isPlaced(finding) && finding.verdict !== null ? silencingReason(configuration, finding, finding.rule) : null;
    if (reason === null) findings.push(finding);
    else silenced.push({ finding, by: "comment", reason });
  }
  return { findings, silenced };
}
