/** What the text alone says, whatever the policy is: mistakes that nginx refuses, and comments that silence nothing. */
import type { Severity } from "../base/severity.ts";
import { isReason } from "../base/silenceReason.ts";
import { ignoreComments } from "./ignoreComments.ts";
import type { ConfigProblem, Configuration } from "../nginx/load/configuration.ts";
import { nginxSyntax } from "../rules/nginxSyntax.ts";
import { shortened } from "../rules/message.ts";
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
      : [plainFinding(nginxSyntax.id, nginxSyntax.severity, nginxMessage(problem.message), problem.file, problem.span)],
  );
}

/** nginx's own words as a sentence, without the middle of what a file may make as long as it likes. */
function nginxMessage(message: string): string {
  return `nginx refuses this: ${shortened(message, MOST_NGINX)}.`;
}

const MOST_NGINX = 200;
/** Characters of a rule's name that a comment gives. */
const MOST_RULE = 60;

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

function complaint(written: string, reason: string): string | null {
  const rule = shortened(written, MOST_RULE);
  if (rule === "") return "This comment silences nothing: it needs a rule and a reason (# selinux-ignore RULE REASON).";
  if (!rules.some((each) => each.id === written)) return `This comment silences nothing: no rule "${rule}" exists.`;
  if (!isReason(reason))
    return `This comment silences nothing: "${rule}" needs a reason (# selinux-ignore ${rule} REASON).`;
  return null;
}

function plainFinding(rule: string, severity: Severity, message: string, file: number, span: Span): PlacedFinding {
  return { rule, rules: [rule], severity, message, key: "", file, span, access: null, verdict: null };
}
