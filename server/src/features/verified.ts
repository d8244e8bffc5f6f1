/** "Verify": whether this host has refused anything since some time, in a sentence. */
import { reportTime } from "../denials/time.ts";
import type { NewRefusals } from "../workspace/analyses.ts";

/** `since`: milliseconds since 1970. `refused`: null where this host's logs do not answer for the configuration. */
export function verified(refused: NewRefusals | null, since: number): string {
  if (refused === null)
    return "Not verified: the policy that answers is not that of this host, or its logs may not be read (setting nginxSelinux.denials).";
  const { explained, unread } = refused;
  const time = new Date(since).toTimeString().slice(0, 5);
  const [first] = explained;
  if (first !== undefined) {
    const last = reportTime(first.refusal.last.time, first.refusal.last.instant);
    const more = explained.length === 1 ? "" : ` And ${explained.length - 1} more.`;
    return `Refused since ${time}${last === null ? "" : ` (last ${last})`}: ${first.message}${more}`;
  }
  if (unread.length === 0) return `No new denial since ${time}.`;
  return `No new denial since ${time} in the logs that this user may read. Not read: ${unread.join(", ")}. Ask as root: sudo ausearch -m avc -ts ${new Date(since).toTimeString().slice(0, 8)} -c nginx`;
}
