/** The status of a document: the policy that answers for it, and its configuration. */
import type { Analysis } from "../analysis/analysis.ts";
import type { Severity } from "../base/severity.ts";
import type { Documents } from "./fileView.ts";
import type { ChosenPolicy } from "../providers/policies.ts";
import { askRoot } from "../report/askRoot.ts";
import { reportPolicy } from "../report/buildReport.ts";
import type { DocumentStatus } from "../shared/protocol.ts";

/** The analysis that a document belongs to. `main`: path of the main file; null for a fragment that is analysed alone. */
interface AnalysedDocument {
  readonly main: string | null;
  readonly analysis: Analysis;
  readonly chosen: ChosenPolicy;
  readonly disagreements: readonly string[];
}

/** The status of a document that cannot be analysed, without its URI, the reason and the settings. */
export const withoutPolicy = {
  policy: null,
  mainFile: null,
  fragmentContext: null,
  whyNotLive: null,
  asOf: null,
  container: null,
  notReadable: null,
  disagreements: [],
  assumed: false,
  errors: 0,
  warnings: 0,
} as const;

/** `asOf`: when the state of the host was read; null where no host is asked. `ignored`: settings that are not followed. */
export function statusOf(
  uri: string,
  outcome: AnalysedDocument,
  { uriOf }: Documents,
  asOf: number | null,
  ignored: readonly string[],
): DocumentStatus {
  const count = (severity: Severity): number =>
    outcome.analysis.findings.filter((finding) => finding.severity === severity).length;
  return {
    uri,
    policy: reportPolicy(outcome.chosen),
    error: null,
    mainFile: outcome.main === null ? null : uriOf(outcome.main),
    fragmentContext: outcome.analysis.configuration.fragmentContext,
    whyNotLive: outcome.chosen.whyNotLive,
    asOf,
    container: outcome.analysis.context.container,
    notReadable: askRoot(outcome.analysis.configuration),
    disagreements: outcome.disagreements,
    ignored,
    assumed: outcome.chosen.whyNotLive !== null && outcome.chosen.facts.info.source === "bundled",
    errors: count("error"),
    warnings: count("warning"),
  };
}
