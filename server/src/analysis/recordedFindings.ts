/** What a host has recorded, as findings at the places that it belongs to. */
import type { Severity } from "../base/severity.ts";
import type { Refusal } from "../denials/gather.ts";
import { reportTime } from "../denials/time.ts";
import { cut } from "../rules/message.ts";
import { deniedInLog } from "../rules/deniedInLog.ts";
import type { Collected } from "./collected.ts";
import { decisionOn, explainWith, type ExplainedRefusal } from "./explainDenials.ts";
import type { Evaluator } from "./evaluator.ts";
import type { PlacedFinding } from "./finding.ts";

/** Places at which one refusal is said, where several can have been it. */
const MOST_PLACES = 5;

/** A finding at each place that a refusal can have come from, as long as the policy refuses it. */
export function recordedFindings(
  recorded: readonly Refusal[],
  { configuration, accesses }: Pick<Collected, "configuration" | "accesses">,
  evaluator: Evaluator,
  severity: Severity,
): readonly PlacedFinding[] {
  if (recorded.length === 0) return [];
  const explained = explainWith(evaluator, recorded, { configuration, accesses, unprivileged: false });
  return explained.flatMap((each) =>
    each.verdict !== "refused"
      ? []
      : each.places.slice(0, MOST_PLACES).map(({ file, span, access }) => ({
          rule: deniedInLog.id,
          rules: [deniedInLog.id],
          severity,
          message: messageOf(each),
          key: `${deniedInLog.id} ${each.message}`,
          file,
          span,
          access,
          verdict: {
            decision: access === null ? null : decisionOn(each, access, evaluator),
            message: messageOf(each),
            severity,
            oncePerUpstream: false,
            because: each.because,
            fixes: each.fixes,
          },
        })),
  );
}

function messageOf({ message, refusal, places }: ExplainedRefusal): string {
  const { count, last } = refusal;
  const when = reportTime(last.time, last.instant);
  const times = count === 1 ? "once" : `${count} times`;
  const place = places.length > 1 ? `, at one of ${places.length} places` : "";
  const [first = message] = /^.*?\.(?= |$)/u.exec(message) ?? [];
  return cut(`${first} This host's logs record it ${times}${when === null ? "" : `, last ${when}`}${place}.`);
}
