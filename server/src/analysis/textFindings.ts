/** What the text alone says, whatever the policy is: mistakes that nginx refuses, and comments that silence nothing. */
import type { Severity } from "../base/severity.ts";
import { ignoreComments, placeholderReason } from "./ignoreComments.ts";
import type { ConfigProblem, Configuration } from "../nginx/load/configuration.ts";
import { nginxSyntax } from "../rules/nginxSyntax.ts";
import { rules } from "../rules/index.ts";
import type { Span } from "../base/text.ts";
import type { PlacedFinding } from "./finding.ts";

/** Rule id of a `selinux-ignore` comment that does nothing. */
const ignoreRule = "selinux-ignore";

/** `rejected`: what nginx refuses beside mistakes of the language. */
export function textFindings(
  configuration: Configuration,
  rejected: readonly ConfigProblem[],
): readonly PlacedFinding[] {
  return [...syntaxFindings(configuration, rejected), ...ignoreFindings(configuration)];
}

/** nginx stops at the first problem of a file; what recovery finds behind it may be none, so it is not said. */
function syntaxFindings(configuration: Configuration, rejected: readonly ConfigProblem[]): PlacedFinding[] {
  const later = configuration.files.map(({ tree }) => new Set(tree.problems.slice(1).map(problemKey)));
  return [...configuration.problems, ...rejected].flatMap((problem) =>
    configuration.template[problem.file] === true || later[problem.file]?.has(problemKey(problem)) === true
      ? []
      : [plainFinding(nginxSyntax.id, nginxSyntax.severity, problem.message, problem.file, problem.span)],
  );
}

function problemKey(problem: { readonly span: Span; readonly message: string }): string {
  return `${problem.span.start} ${problem.message}`;
}

function ignoreFindings(configuration: Configuration): PlacedFinding[] {
  return configuration.files.flatMap(({ tree }, file) =>
    ignoreComments(tree).flatMap((comment) => {
      const message = complaint(comment.rule, comment.reason);
      return message === null ? [] : [plainFinding(ignoreRule, "hint", message, file, comment.span)];
    }),
  );
}

function complaint(rule: string, reason: string): string | null {
  if (rule === "") return "Say which rule and why: # selinux-ignore RULE REASON. Nothing is silenced.";
  if (!rules.some((each) => each.id === rule)) return `There is no rule "${rule}" to silence.`;
  if (reason === "") return `Say why "${rule}" is silenced here: # selinux-ignore ${rule} REASON. Nothing is silenced.`;
  if (reason === placeholderReason) return `Write the reason why "${rule}" is silenced here.`;
  return null;
}

function plainFinding(rule: string, severity: Severity, message: string, file: number, span: Span): PlacedFinding {
  return { rule, rules: [rule], severity, message, key: "", file, span, access: null, verdict: null };
}
