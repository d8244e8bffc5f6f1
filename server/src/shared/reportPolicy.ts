import type { Mode, PolicySource } from "../selinux/policy.ts";

/** The policy that decided, as reports and the status of the editor name it. */
export interface ReportPolicy {
  readonly source: PolicySource;
  readonly name: string;
  readonly title: string;
  readonly provenance: string;
  readonly mode: Mode;
  readonly exactLabels: boolean;
  readonly reason: string | null;
}
