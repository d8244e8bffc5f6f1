/** What the status bar item and the details say. Pure: text in, text out. */
import { counted } from "../../server/src/base/counted.ts";
import { escapeMarkdown } from "../../server/src/base/markdown.ts";
import type { DocumentStatus } from "../../server/src/shared/protocol.ts";
import { statusBarText } from "./messageText.ts";
import type { ServerState } from "./server.ts";

/** What the item shows; also what tests read. */
export interface StatusText {
  readonly text: string;
  readonly detail: string;
  readonly severity: "information" | "warning" | "error";
  readonly busy: boolean;
}

/** What to show for a server state and a document. */
export function statusText(state: ServerState, status: DocumentStatus | null): StatusText {
  if (state.kind === "failed") {
    return { text: "SELinux: not running", detail: state.reason, severity: "error", busy: false };
  }
  if (state.kind === "starting" || status === null) {
    return { text: "SELinux", detail: "Reading the policy", severity: "information", busy: true };
  }
  const { policy, container } = status;
  if (policy === null) {
    return { text: "SELinux: not checked", detail: status.error ?? "", severity: "error", busy: false };
  }
  if (container !== null) {
    const detail = `${container}, so nothing of the host is checked`;
    return { text: "SELinux: not checked (container)", detail, severity: "information", busy: false };
  }
  const weak = policy.mode === "disabled" || policy.mode === "permissive";
  const missed = status.whyNotLive !== null && policy.reason?.startsWith("live:") === true;
  return {
    text: `SELinux: ${policyName(status, policy)}`,
    detail: reasonsOf(status).join("\n"),
    severity:
      weak || missed || status.disagreements.length > 0 || status.ignored.length > 0 ? "warning" : "information",
    busy: false,
  };
}

/** `live, enforcing`, `RHEL 9 (assumed)`, `web1 (snapshot)`. */
function policyName({ assumed }: DocumentStatus, policy: NonNullable<DocumentStatus["policy"]>): string {
  if (policy.source === "live") return `live, ${policy.mode}`;
  const [title = policy.name] = policy.title.split(" / ");
  if (policy.source === "bundled") return assumed ? `${title} (assumed)` : title;
  return `${statusBarText(title.slice(0, 40))} (${policy.source})`;
}

/** Why it is so, each reason once. */
function reasonsOf({ disagreements, notReadable, policy, ignored, error }: DocumentStatus): readonly string[] {
  const reasons = [
    ...(error === null ? [] : [error]),
    ...(disagreements.length === 0 ? [] : [`The kernel disagrees: ${disagreements.join("; ")}.`]),
    ...(notReadable === null ? [] : [`${notReadable}.`]),
    policy?.reason ?? policy?.title ?? "",
    ...ignored,
  ];
  return [...new Set(reasons.filter((reason) => reason !== ""))];
}

/** All that is known, as Markdown; what comes from files stays text. `relative`: a URI as the user names the file. */
export function detailsText(
  shown: StatusText,
  status: DocumentStatus | null,
  relative: (uri: string) => string,
): string {
  const policy = status?.policy ?? null;
  const rows: readonly (readonly [string, string | null])[] = [
    ["Policy", policy === null ? null : `${policy.title} (${policy.source}, ${policy.mode})`],
    ["Provenance", policy?.provenance ?? null],
    ["Labels", policy === null ? null : policy.exactLabels ? "exact" : "probable: the release's list is a compact one"],
    ["In a container", status?.container ?? null],
    ["Unchanged since", timeOf(status?.asOf ?? null)],
    ["Main file", status?.mainFile == null ? null : relative(status.mainFile)],
    ["Read as part of", status?.fragmentContext ?? null],
    ["Findings", policy === null ? null : countText(status)],
  ];
  const reasons = status === null ? [shown.detail] : reasonsOf(status);
  return [
    `# ${escapeMarkdown(shown.text)}`,
    "",
    ...reasons.map((reason) => `- ${escapeMarkdown(reason)}`),
    "",
    ...rows.flatMap(([name, value]) => (value === null ? [] : [`- **${name}**: ${escapeMarkdown(value)}`])),
    "",
  ].join("\n");
}

/** `2 errors, 1 warning`. */
export function countText(status: DocumentStatus | null): string {
  return `${counted(status?.errors ?? 0, "error")}, ${counted(status?.warnings ?? 0, "warning")}`;
}

/** The time of day, with the day where it is another one; `milliseconds` since 1970. */
export function timeOf(milliseconds: number | null): string | null {
  if (milliseconds === null) return null;
  const time = new Date(milliseconds);
  const isToday = time.toDateString() === new Date().toDateString();
  return isToday ? time.toLocaleTimeString() : time.toLocaleString();
}
