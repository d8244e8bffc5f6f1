/** The domain that nginx runs in. */
import { didYouMean } from "../base/nearest.ts";
import type { HostState } from "../selinux/host/hostState.ts";
import type { PolicyFacts } from "../selinux/policy.ts";
import { PolicyError } from "./policies.ts";

/**
 * nginx's domain by its real name: as wanted, else as found on the host, else the policy's own. Throws PolicyError where
 * the facts cannot answer for it.
 */
export function domainOf(facts: PolicyFacts, wanted: string | null, host: HostState | null): string {
  const found = host?.nginx ?? null;
  // A container has its own file system: what this configuration is for runs outside.
  const detected = found === null || found.domain === null || found.container ? facts.domain : found.domain;
  const domain = facts.resolveType(wanted ?? detected) ?? null;
  if (domain !== null && facts.domains.includes(domain)) return domain;
  const known = facts.domains;
  const hint = known.length <= 5 ? ` It can answer for ${known.join(", ")}.` : didYouMean(wanted ?? "", known);
  throw new PolicyError(`${facts.info.name} cannot answer for the domain "${wanted ?? detected}".${hint}`);
}
