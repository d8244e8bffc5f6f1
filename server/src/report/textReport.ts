/** Findings as text for people, by cause: what is refused, the commands that help, where else. */
import { accessWords } from "../analysis/accessWords.ts";
import type { Analysis } from "../analysis/analysis.ts";
import type { Access } from "../nginx/access.ts";
import { counted } from "../base/counted.ts";
import { mapped } from "../base/mapped.ts";
import { asLine } from "../base/workflowCommands.ts";
import { alikeCauses, causesOf, hasCommands, placesOf, type Cause } from "./causes.ts";
import { comparedPolicies } from "./comparedPolicies.ts";
import type { Reported, Reports } from "./format.ts";
import type { ReportDecision } from "./report.ts";
import { severities } from "../base/severity.ts";
import { causeTexts, colourOf } from "./textCause.ts";
import { printable } from "./terminal.ts";

/** Each configuration after the other: under one policy in full, under several as a table of them. */
export function* textReport(reports: Reports): Generator<string, void> {
  for (const [i, row] of reports.entries()) {
    if (i > 0) yield "\n";
    const [first] = row;
    if (first === undefined) continue;
    const pieces = row.length > 1 ? comparedPolicies(row) : underOnePolicy(first);
    yield* reports.length > 1 ? named(first, pieces) : pieces;
  }
}

/** The pieces; the last one, the lines that count, begins with the name of the configuration. */
function* named({ analysis, nameOf, style }: Reported, pieces: Iterable<string>): Generator<string, void> {
  let last = "";
  for (const piece of pieces) {
    yield last;
    last = piece;
  }
  const main = analysis.configuration.files[0]?.path ?? "";
  yield `${style.bold(asLine(printable(nameOf(main))))}: ${last}`;
}

/** Causes that differ from a first one in their path alone: so many are listed in its block. */
const MANY_ALIKE = 2;

/** The causes, then with `all` the accesses, then the lines that count. */
function* underOnePolicy(reported: Reported): Generator<string, void> {
  const { analysis, reporter, all, style, verbose, samePolicy, nameOf } = reported;
  const { findings } = analysis;
  const causes = causesOf({
    findings: verbose ? mapped(findings, reporter.finding) : mapped(findings, reporter.brief),
  });
  const textOf = causeTexts(analysis.configuration, { style, verbose, samePolicy, nameOf });
  for (const [first, ...others] of alikeCauses(causes)) {
    const isListed = !verbose && others.length >= MANY_ALIKE;
    yield textOf(first, isListed ? others : []);
    if (!isListed) for (const other of others) yield textOf(other, []);
  }
  if (all) for (const access of analysis.accesses) yield accessText(access, reported);
  yield summary(causes, reported);
}

/** An access of `--all`. */
function accessText(access: Access, { reporter, style, nameOf }: Reported): string {
  const decision = reporter.decision(access);
  const { file, range } = decision;
  const colour = decision.verdict === "allowed" ? style.green : decision.verdict === "denied" ? style.red : style.dim;
  const place = `${asLine(printable(nameOf(file)))}:${range.start.line + 1}:${range.start.character + 1}`;
  return `${style.link(place, file)}: ${colour(decision.verdict)}: ${accessLine(access)}${because(decision)}\n`;
}

/** The lines that count: causes and places, the policy, the command that makes every fix one script. */
function summary(causes: readonly Cause[], reported: Reported): string {
  const { analysis, reporter, style } = reported;
  const files = counted(analysis.configuration.files.length, "file");
  const found = causes.length === 0 ? style.green("No findings") : causeWords(causes, reported);
  return `${found} in ${files}, ${checkedWords(analysis, reporter.policy)}.\n${scriptLine(causes, reported)}`;
}

/** `2 causes at 5 places (4 errors, 1 warning)`. */
function causeWords(causes: readonly Cause[], { analysis, style }: Reported): string {
  const counts = severities
    .map((severity) => [analysis.findings.filter((each) => each.severity === severity).length, severity] as const)
    .filter(([count]) => count > 0)
    .map(([count, severity]) => colourOf(style, severity)(counted(count, severity)));
  return `${counted(causes.length, "cause")} at ${counted(placesOf(causes), "place")} (${counts.join(", ")})`;
}

function checkedWords({ accesses, context }: Analysis, { title, mode }: Reported["reporter"]["policy"]): string {
  const all = counted(accesses.length, "access", "accesses");
  if (context.container !== null)
    return `${all} not checked, since this is for a container: ${printable(context.container)}`;
  const source = mode === "assumed" ? "assumed: no host was asked" : `this host, ${mode}`;
  return `${all} checked against ${printable(title)} (${source})`;
}

/** "" where no fix has a command, or where the command cannot be written. */
function scriptLine(causes: readonly Cause[], reported: Reported): string {
  const command = hasCommands(causes) ? scriptCommand(reported) : null;
  return command === null ? "" : `Every fix in one script: ${reported.style.bold(command)}\n`;
}

/** The command that prints every fix in one script; null where the configuration cannot be named again. */
export function scriptCommand({ samePolicy, operand }: Pick<Reported, "samePolicy" | "operand">): string | null {
  return operand === null ? null : `nginx-selinux check --format script${samePolicy}${operand}`;
}

function because(decision: ReportDecision): string {
  return decision.because.length === 0 ? "" : ` (${printable(decision.because.join("; "))})`;
}

/** The act of nginx, for example `connect to tcp port 3000`. */
export function accessLine(access: Access): string {
  const { verb, what, name } = accessWords(access);
  return printable([verb, what, ...(name === "" ? [] : [name ?? "(unknown)"])].join(" "));
}
