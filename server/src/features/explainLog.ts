/** Lines of a log, explained for the editor: a Markdown text. */
import { bestLasting } from "../fixes/rank.ts";
import type { ExplainedRefusal } from "../analysis/explainDenials.ts";
import type { Gathered } from "../denials/gather.ts";
import { lineIndexOf } from "../nginx/tree/lineIndexes.ts";
import type { Configuration } from "../nginx/load/configuration.ts";
import type { ExplainResult } from "../shared/protocol.ts";
import type { PolicyInfo } from "../selinux/policy.ts";
import { shownIn } from "../base/paths.ts";
import { escapeMarkdown } from "../base/markdown.ts";
import { describeFixes } from "./describeDecision.ts";

export interface ExplainedLog {
  readonly gathered: Gathered;
  readonly explained: readonly ExplainedRefusal[];
  /** Null where none is at hand. */
  readonly configuration: Configuration | null;
  readonly policy: PolicyInfo;
  /** Paths of the workspace's folders: files in the first one are named from it. */
  readonly folders: readonly string[];
}

/** More refusals than this belong in `nginx-selinux denials`. */
const MOST_SHOWN = 20;

/** The text to show; it says so where the lines hold no refusal. */
export function explainLogLines(log: ExplainedLog): ExplainResult {
  const { explained, gathered, policy } = log;
  const parts = explained.slice(0, MOST_SHOWN).map((each) => section(each, log));
  if (explained.length > MOST_SHOWN)
    parts.push(`${explained.length - MOST_SHOWN} more refusals: \`nginx-selinux denials FILE\` explains a whole log.`);
  const reasons = gathered.notUnderstood.map(({ line, reason }) => `- line ${line}: ${escapeMarkdown(reason)}`);
  if (reasons.length > 0) parts.push(`## Not understood\n\n${reasons.join("\n")}`);
  if (explained.length === 0 && reasons.length === 0)
    parts.push(
      "There is no refusal in these lines: select AVC records, ausearch's or sealert's text, or lines of nginx's error log.",
    );
  parts.push(`Decided by: ${escapeMarkdown(policy.title)}, ${escapeMarkdown(policy.provenance)}`);
  return { title: "SELinux denial", markdown: parts.join("\n\n") };
}

function section({ message, because, fixes, places, refusal }: ExplainedRefusal, log: ExplainedLog): string {
  const best = bestLasting(fixes);
  const offers = fixes.map((fix) => ({ fix, edits: [], solves: 1, preferred: fix === best }));
  const parts = [`## ${escapeMarkdown(message)}`];
  if (refusal.count > 1) parts.push(`${refusal.count} times.`);
  if (places.length > 0)
    parts.push(
      `In the configuration: ${places
        .slice(0, 5)
        .map((place) => placeText(place, log))
        .join(", ")}`,
    );
  if (offers.length > 0) parts.push("### Fixes, the best first", describeFixes(offers));
  if (because.length > 0) parts.push(because.map((sentence) => `- ${escapeMarkdown(sentence)}`).join("\n"));
  return parts.join("\n\n");
}

function placeText(place: ExplainedRefusal["places"][number], { configuration, folders }: ExplainedLog): string {
  const file = configuration?.files[place.file];
  if (file === undefined) return escapeMarkdown(place.directive);
  const line = lineIndexOf(file.tree).rangeOf(place.span).start.line + 1;
  // A preview follows no link to a file, and shows it as it is written.
  return `${escapeMarkdown(`${shownIn(folders, file.path)}:${line}`)} (${escapeMarkdown(place.directive)})`;
}
