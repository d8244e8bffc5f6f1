/** What the bundled releases answer for nginx's domain, and the changes of a host that a test asks about. */
import { decide } from "../../server/src/selinux/decide.ts";
import { policyOf } from "../../server/src/selinux/model.ts";
import type { Change, Policy, Protocol } from "../../server/src/selinux/policy.ts";
import type { Decision, Query } from "../../server/src/selinux/query.ts";
import { bundledFacts, releases, type Release } from "./bundledPolicies.ts";

export const options = { localPorts: [32768, 60999] } as const;
/** The domain that asks. */
export const source = "httpd_t";
/** The releases after RHEL 7. */
export const newer = releases.slice(1);
/** How the policy writes the paths of /run. */
export const written = { rhel7: "/var/run", "rhel10.0": "/run" } as const;
/** RHEL 10.1 took over the policy of Fedora 42. */
export const rebased = releases.slice(releases.indexOf("rhel10"));

export function policy(release: Release, changes: readonly Change[] = []): Policy {
  return policyOf(bundledFacts(release), changes);
}

export function ask(release: Release, query: Query, changes: readonly Change[] = []): Decision {
  return decide(policy(release, changes), query, options);
}

/** The verdict of one permission on a type. */
export function check(release: Release, cls: string, permission: string, target: string): string {
  return policy(release).check(source, target, cls, permission).verdict;
}

/** Booleans that are turned on. */
export const on = (...names: readonly string[]): Change[] =>
  names.map((name) => ({ kind: "boolean", name, value: true }));

/** A port that is labelled. */
export const label = (port: number, type: string, protocol: Protocol = "tcp"): Change => {
  return { kind: "port", protocol, low: port, high: port, type };
};
