/** Findings as SARIF 2.1.0 (OASIS), which code scanning services read, within the limits of GitHub's. */
import type { Finding, Silenced } from "../analysis/finding.ts";
import { repositoryUrl } from "../base/project.ts";
import { documentationOf } from "../rules/documentation.ts";
import type { ReportStep } from "./report.ts";
import { ruleInfos } from "../rules/index.ts";
import { pageOf } from "../rules/pages.ts";
import type { Severity } from "../base/severity.ts";
import { byPolicy, policyNames, type Reported, type Reports } from "./format.ts";
import { createFingerprints, identityOf, type Identity } from "../analysis/identity.ts";
import type { Range } from "../base/text.ts";

const levels: Readonly<Record<Severity, string>> = {
  error: "error",
  warning: "warning",
  information: "note",
  hint: "note",
};

/** GitHub refuses a run with more results ("SARIF support for code scanning"). */
const MOST_RESULTS = 25_000;

/** The log in pieces, one result a line: a run for each policy, over all configurations. */
export function* sarifReport(reports: Reports): Generator<string, void> {
  yield '{"$schema":"https://json.schemastore.org/sarif-2.1.0.json","version":"2.1.0","runs":[';
  const names = policyNames(reports[0] ?? []);
  for (const [i, ofPolicy] of byPolicy(reports).entries()) {
    if (i > 0) yield ",";
    yield* run(ofPolicy, names[i] ?? "");
  }
  yield "]}\n";
}

function* run(reports: readonly Reported[], policy: string): Generator<string, void> {
  const [first] = reports;
  if (first === undefined) return;
  const { version } = first;
  const head = {
    tool: { driver: driverOf(version) },
    // Runs of one analysis that differ in their policy must not replace one another.
    automationDetails: { id: `nginx-selinux/${policy}/` },
    columnKind: "utf16CodeUnits",
  };
  yield `${JSON.stringify(head).slice(0, -1)},\n"results":[`;
  const fingerprints = createFingerprints();
  const all = reports.flatMap((reported) => [
    ...reported.analysis.findings.map((finding) => ({ reported, finding, silenced: null })),
    ...reported.analysis.silenced.map((silenced) => ({ reported, finding: silenced.finding, silenced })),
  ]);
  let separator = "\n";
  for (const { reported, finding, silenced } of mostSevere(all)) {
    yield separator + JSON.stringify(resultOf(reported, finding, silenced, fingerprints));
    separator = ",\n";
  }
  const left = all.length - MOST_RESULTS;
  const said = left > 0 ? [{ level: "warning", message: { text: `${left} less severe findings are left out.` } }] : [];
  yield `],"invocations":[${JSON.stringify({ executionSuccessful: true, toolExecutionNotifications: said })}]}`;
}

function driverOf(version: string): object {
  const described = [
    ...ruleInfos.map(({ id, title, severity }) => ({ id, title, severity })),
    { id: "selinux-ignore", title: "Comment that silences nothing", severity: "hint" } as const,
  ];
  return {
    name: "nginx-selinux",
    version,
    informationUri: repositoryUrl,
    rules: described.map(({ id, title, severity }) => ({
      id,
      name: id,
      shortDescription: { text: title },
      fullDescription: { text: `${title}.` },
      help: helpOf(id, title),
      helpUri: documentationOf(id),
      defaultConfiguration: { level: levels[severity] },
      properties: { tags: ["selinux", "nginx"] },
    })),
  };
}

function helpOf(rule: string, title: string): { readonly text: string; readonly markdown?: string } {
  const page = pageOf(rule);
  return page === null ? { text: `${title}. See ${documentationOf(rule)}` } : { text: page, markdown: page };
}

/** At most as many as GitHub takes, the most severe ones, in their order. */
function mostSevere<T extends { readonly finding: Finding }>(all: readonly T[]): readonly T[] {
  if (all.length <= MOST_RESULTS) return all;
  const order: readonly Severity[] = ["error", "warning", "information", "hint"];
  return order.flatMap((severity) => all.filter(({ finding }) => finding.severity === severity)).slice(0, MOST_RESULTS);
}

function resultOf(
  { reporter, nameOf }: Reported,
  finding: Finding,
  silenced: Silenced | null,
  fingerprints: (identity: Identity) => string,
): object {
  const { rule, severity, message, file, range, fixes, access } = reporter.finding(finding);
  const preferred = fixes.find((fix) => fix.preferred);
  const index = ruleInfos.findIndex((info) => info.id === rule);
  return {
    ruleId: rule,
    ruleIndex: index === -1 ? ruleInfos.length : index,
    level: levels[severity],
    message: { text: [message, ...(preferred?.commands ?? [])].join("\n") },
    locations: [{ physicalLocation: locationOf(nameOf(file), range) }],
    relatedLocations: (access?.via ?? []).map((step, i) => related(step, i, nameOf)),
    partialFingerprints: { "nginxSelinux/v1": fingerprints(identityOf(finding, nameOf(file))) },
    suppressions: silenced === null ? [] : [suppressionOf(silenced)],
  };
}

function related(step: ReportStep, id: number, nameOf: (path: string) => string): object {
  return { id, physicalLocation: locationOf(nameOf(step.file), step.range), message: { text: step.directive } };
}

function suppressionOf({ by, reason }: Silenced): object {
  return { kind: by === "comment" ? "inSource" : "external", justification: reason };
}

function locationOf(path: string, { start, end }: Range): object {
  return {
    artifactLocation: { uri: uriReference(path), ...(path.startsWith("/") ? {} : { uriBaseId: "%SRCROOT%" }) },
    region: {
      startLine: start.line + 1,
      startColumn: start.character + 1,
      endLine: end.line + 1,
      endColumn: end.character + 1,
    },
  };
}

/** A URI reference (RFC 3986): a relative path, or `file://` and an absolute one. */
function uriReference(path: string): string {
  const encoded = path
    .replace(/\p{Cs}/gu, "\uFFFD")
    .split("/")
    .map(encodeURIComponent)
    .join("/");
  return path.startsWith("/") ? `file://${encoded}` : encoded;
}
