/** What the text of a configuration says, whatever the policy is: collected once for each text. */
import type { Access, WorkerUser } from "../nginx/access.ts";
import { collectAccesses } from "../nginx/collectAccesses.ts";
import type { Configuration } from "../nginx/load/configuration.ts";
import type { PlacedFinding } from "./finding.ts";
import { textFindings } from "./textFindings.ts";

export interface Collected {
  readonly configuration: Configuration;
  readonly accesses: readonly Access[];
  /** What the `user` directive says; null where there is none. */
  readonly user: WorkerUser | null;
  /** With their default severities. */
  readonly findings: readonly PlacedFinding[];
}

export function collect(configuration: Configuration): Collected {
  const { accesses, user, problems } = collectAccesses(configuration);
  return { configuration, accesses, user, findings: textFindings(configuration, problems) };
}
