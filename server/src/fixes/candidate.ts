/** A candidate: a change that is meant for the purpose and may make a finding disappear. Replay decides whether it does. */
import type { HostState } from "../selinux/host/hostState.ts";
import type { Change, Policy } from "../selinux/policy.ts";
import type { Query } from "../selinux/query.ts";
import type { FileCopy } from "./fileCopy.ts";

/** What a fix is computed against. */
export interface FixContext {
  readonly policy: Policy;
  /** nginx's domain. */
  readonly source: string;
  /** `net.ipv4.ip_local_port_range`, inclusive. */
  readonly localPorts: readonly [low: number, high: number];
  /** What a live host says beside its policy, where one is asked. */
  readonly host?: HostState | null;
}

/**
 * Order of purpose, which comes before any counting (a boolean that opens two absurd types is worse than one that opens
 * ten sensible ones):
 * - `copy`: a copy of a key or certificate outside of homes, which the configuration names in its place;
 * - `restore`: the label that the policy gives anyway;
 * - `purpose`: a boolean meant for the target as it is;
 * - `module`: a rule on the target as it is, where a label would take it from a service;
 * - `label`: the web server's label;
 * - `label-wider`: the same with a boolean that opens more, or that boolean alone;
 * - `module-wider`: a rule where a label takes nothing;
 * - `edit`: another place or port in the configuration, because another service must change too;
 * - `taking`: the web server's label for a port that a service needs as it is;
 * - `temporary`: a label until the next relabel;
 * - `broad`: a boolean that opens everything of its kind.
 */
export const TIERS = [
  "copy",
  "restore",
  "purpose",
  "module",
  "label",
  "label-wider",
  "module-wider",
  "edit",
  "taking",
  "temporary",
  "broad",
] as const;
export type Tier = (typeof TIERS)[number];

export interface Candidate {
  /** Stable id of the fix, see `Fix.id`. */
  readonly id: string;
  readonly tier: Tier;
  readonly title: string;
  readonly changes: readonly Change[];
  /** File or directory whose labels on disk must be reset after a file context changed. */
  readonly restore: string | null;
  /** Directory that is made before its labels are reset, where it may not be there yet. */
  readonly makeDirectory?: string | null;
  /** File that is copied before anything else. */
  readonly copy?: FileCopy;
  /** systemd unit that is restarted at the end, so that its processes get the new domain. */
  readonly restartUnit?: string;
  /** What must be allowed afterwards, where it is not what was refused: the service in its new domain. */
  readonly queries?: readonly Query[];
  readonly durable: boolean;
  /** What must be read before anything else that is said of it: what it opens that a reader would not expect. */
  readonly warning?: string;
  /** Sentences about what the change takes, opens or needs, besides what the booleans open; made when they are read. */
  notes(): readonly string[];
  /** The same for another port of the port record that decides this one, where the candidate is about a port. */
  onPort?(port: number): Candidate;
}
