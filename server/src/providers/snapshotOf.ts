/** The snapshot of a chosen policy, with where it comes from. */
import { nameOf } from "../base/paths.ts";
import { PolicyError, type ChosenPolicy } from "./policies.ts";
import type { SnapshotResult } from "../shared/protocol.ts";
import { SnapshotError } from "../selinux/files/snapshot.ts";
import { writeSnapshot } from "../selinux/files/writeSnapshot.ts";

/**
 * The policy as the text of a snapshot. `domain`: nginx's; the policy's own is answered for, too. `date`: milliseconds
 * since 1970. Throws PolicyError where it cannot be written.
 */
export function snapshotOf({ facts, whyNotLive }: ChosenPolicy, domain: string, date: number): SnapshotResult {
  const { info } = facts;
  if (facts.contents === undefined) {
    const why = whyNotLive === null ? "" : ` (${whyNotLive})`;
    throw new PolicyError(
      `${info.title} answers, which is ${info.source === "bundled" ? "bundled" : "a snapshot already"}: there is no host or policy file to write a snapshot of${why}`,
    );
  }
  const day = new Date(date).toISOString().slice(0, 10);
  const title = `${info.title}, ${day}`;
  const domains = [domain, ...(facts.domains.includes(facts.domain) ? [facts.domain] : [])];
  try {
    const provenance = `snapshot of ${info.title} on ${day}: ${info.provenance}`;
    const file = writeSnapshot(facts, [...new Set(domains)], {
      name: nameOf(info.name) || info.name,
      title,
      provenance,
    });
    return { text: `${JSON.stringify(file)}\n`, title };
  } catch (error) {
    if (error instanceof SnapshotError) throw new PolicyError(`no snapshot can be written: ${error.message}`);
    throw error;
  }
}
