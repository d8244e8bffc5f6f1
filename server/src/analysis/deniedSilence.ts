/** Refusals that the policy keeps out of the audit log: there the absence of an AVC proves nothing. */
import { releaseName } from "../rules/phrases.ts";
import type { Policy } from "../selinux/policy.ts";

interface Permission {
  readonly source: string;
  readonly target: string;
  readonly cls: string;
  readonly permission: string;
}

/** A sentence where a dontaudit rule silences one of these refusals. */
export function unlogged(permissions: readonly Permission[], policy: Policy): readonly string[] {
  const silent = permissions.find(
    ({ source, target, cls, permission }) =>
      policy.check(source, target, cls, permission).verdict === "denied" &&
      policy.dontaudit(source, target, cls, permission).verdict === "silent",
  );
  if (silent === undefined) return [];
  const { target, cls, permission } = silent;
  return [
    `${releaseName(policy.facts.info)} logs no AVC for ${cls} ${permission} on ${target} (dontaudit), so that no AVC proves nothing: sudo semodule -DB logs them, sudo semodule -B ends that`,
  ];
}
