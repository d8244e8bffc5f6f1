/** Refusals joined to a configuration and judged by a policy. Pure: no files, no clock. */
import type { Refusal } from "../denials/gather.ts";
import type { Access } from "../nginx/access.ts";
import type { Configuration } from "../nginx/load/configuration.ts";
import type { RuleContext } from "../rules/context.ts";
import { accessRules } from "../rules/index.ts";
import { realPath } from "../rules/realPath.ts";
import { indexAccesses } from "./accessIndex.ts";
import { createEvaluator, type Evaluator } from "./evaluator.ts";
import { placesOf, type DeniedPlace, type SearchedConfiguration } from "./deniedPlaces.ts";
import { adviceFor } from "./deniedAdvice.ts";
import { judgeLine } from "./judgeLine.ts";
import { judgeRecord } from "./judgeRecord.ts";
import type { Explanation } from "./explanation.ts";
import { objectWords } from "./deniedWords.ts";
import type { Policy } from "../selinux/policy.ts";
import type { Decision } from "../selinux/query.ts";

export interface ExplainedRefusal extends Explanation {
  readonly refusal: Refusal;
  /** Where it comes from, best first; empty where no place explains it or no configuration is at hand. */
  readonly places: readonly DeniedPlace[];
}

export interface ExplainContext {
  readonly context: RuleContext;
  /** Null where none is at hand. */
  readonly configuration: Configuration | null;
  readonly accesses: readonly Access[];
  /** True where nginx said that it was not started by root. */
  readonly unprivileged: boolean;
}

/** Explains refusals, each by itself. */
export function explainRefusals(refusals: readonly Refusal[], given: ExplainContext): readonly ExplainedRefusal[] {
  return explainWith(createEvaluator(given.context, accessRules), refusals, given);
}

/** The same with an evaluator that is at hand. */
export function explainWith(
  evaluator: Evaluator,
  refusals: readonly Refusal[],
  given: Omit<ExplainContext, "context">,
): readonly ExplainedRefusal[] {
  const { configuration, accesses } = given;
  const { context } = evaluator;
  const canonical = (path: string): string =>
    context.policy.facts.canonicalPath(path.replace(/\/{2,}/gu, "/").replace(/(?<=.)\/$/u, ""));
  const searched: SearchedConfiguration | null =
    configuration === null
      ? null
      : {
          configuration,
          canonical,
          index: indexAccesses(accesses, canonical, (path) => realPath(path, context)),
          portType: (protocol, port) => context.policy.portType(protocol, port),
          mayHaveType: (directory, type) => mayHaveType(context.policy, directory, type),
        };
  return refusals.map((refusal) => {
    const places =
      searched === null
        ? []
        : placesOf(refusal, searched, (access) => evaluator.ask(access).decision.verdict === "denied");
    const judged = judge(refusal, places[0]?.access ?? null, evaluator, given.unprivileged);
    const nowhere =
      configuration !== null && places.length === 0 && refusal.subject.nginx !== false && judged.cause !== "not-selinux"
        ? ["no place of this configuration explains it: a module, a file that a module names, or another configuration"]
        : [];
    return { ...judged, because: [...judged.because, ...nowhere], refusal, places };
  });
}

function mayHaveType(policy: Policy, directory: string, type: string): boolean {
  const label = policy.label(directory, "dir").type;
  const real = (name: string): string => policy.facts.resolveType(name) ?? name;
  return label === null || real(label) === real(type);
}

/** The answer of the policy that a refusal was about; null where the check refuses something else there, or nothing. */
export function decisionOn(
  { refusal, refused }: Pick<ExplainedRefusal, "refusal" | "refused">,
  access: Access,
  evaluator: Evaluator,
): Decision | null {
  const target = refusal.subject.target ?? refused?.target;
  const cls = refusal.subject.cls ?? refused?.cls;
  for (const { verdict } of evaluator.judge(access).said)
    if (verdict.decision?.evidence.some((each) => each.target === target && each.cls === cls) === true)
      return verdict.decision;
  return null;
}

function judge(refusal: Refusal, place: Access | null, evaluator: Evaluator, unprivileged: boolean): Explanation {
  const { context } = evaluator;
  const { denial } = refusal;
  switch (denial.kind) {
    case "avc":
    case "setroubleshoot":
    case "rule":
      return judgeRecord(refusal, place, context);
    case "nginx":
      return judgeLine(refusal, denial, place, evaluator, unprivileged);
    case "summary":
      return {
        cause: "selinux",
        verdict: "unknown",
        message: "SELinux refused something: this form does not say the class, the object or the permission.",
        because: adviceFor(refusal, place, context),
        fixes: [],
      };
    case "notice":
      return {
        cause: "not-selinux",
        verdict: "never-refused",
        message:
          denial.enforcing === null
            ? "Nothing was refused: the policy was loaded anew."
            : `Nothing was refused: SELinux was switched to ${denial.enforcing ? "enforcing" : "permissive"} then.`,
        because: denial.enforcing === false ? ["sudo setenforce 1 switches it back"] : [],
        fixes: [],
      };
    case "other-lsm": {
      const name = denial.module === "apparmor" ? "AppArmor" : "Smack";
      return {
        cause: "not-selinux",
        verdict: "never-refused",
        message: `${objectWords(refusal, null)}: ${name} refused it, not SELinux.`,
        because:
          denial.module === "apparmor"
            ? ["edit AppArmor's profile of the program: nothing of SELinux changes it"]
            : ["nothing of SELinux changes it"],
        fixes: [],
      };
    }
  }
}
