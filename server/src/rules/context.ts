/** What answers for a configuration, and what a rule knows beside the accesses. */
import type { UnlabelledMount } from "../containers/unlabelledMounts.ts";
import type { HostState } from "../selinux/host/hostState.ts";
import type { Policy } from "../selinux/policy.ts";

/** What answers for a configuration, before its accesses are known. */
export interface PolicyContext {
  readonly policy: Policy;
  /** nginx's domain. */
  readonly source: string;
  /** `net.ipv4.ip_local_port_range`, inclusive. */
  readonly localPorts: readonly [low: number, high: number];
  /** What a live host says beside its policy; null where no host is asked. */
  readonly host: HostState | null;
  /** Why this configuration counts as one for nginx in a container, for the user; null where it is for the host. */
  readonly container: string | null;
  /** Mounts of that container whose files get no label for it. */
  readonly mounts: readonly UnlabelledMount[];
}

/** What a rule knows beside the accesses. */
export interface RuleContext extends PolicyContext {
  /** The unix sockets that this configuration listens on, as `canonicalPath` gives them: nginx itself serves them. */
  readonly ownSockets: ReadonlySet<string>;
}
