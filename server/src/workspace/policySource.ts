/** The policy that answers for a file, under its settings, and the host behind it. */
import type { Host } from "../host/host.ts";
import { createLiveSource, type LiveSource } from "../providers/liveSource.ts";
import { domainOf } from "../providers/nginxDomain.ts";
import {
  createPolicies,
  PolicyError,
  policyUnder,
  type ChosenPolicy,
  type Policies,
  type PolicyInUse,
} from "../providers/policies.ts";
import type { NamedUser } from "../permissions/hostPermissions.ts";
import type { NamedPath } from "../selinux/host/hostState.ts";
import type { Settings } from "../shared/settings.ts";
import type { Area } from "./area.ts";
import { snapshotDirectories } from "./surroundings.ts";

/** `net.ipv4.ip_local_port_range` of a kernel with its default settings. */
const defaultLocalPorts = [32768, 60999] as const;

export class PolicySource {
  readonly live: LiveSource;
  readonly #area: Area;
  readonly #policies: Policies;

  constructor(host: Host, area: Area) {
    this.live = createLiveSource(host);
    this.#area = area;
    this.#policies = createPolicies(host, this.live);
  }

  /** The policy that the settings ask for, for a file at `path`. Rejects with PolicyError. */
  choose(path: string, settings: Settings): Promise<ChosenPolicy> {
    const { trusted, strict, folders } = this.#area.surroundings;
    const directories = snapshotDirectories(path, folders);
    return this.#policies.choose({ wanted: settings.policy, root: settings.root, trusted, strict, directories });
  }

  /** The chosen policy as its host has it now, under the settings. `key`: whose paths `named` are, and `user`. */
  async contextOf(
    chosen: ChosenPolicy,
    settings: Settings,
    key: string,
    named: readonly NamedPath[],
    user: NamedUser | null = null,
  ): Promise<PolicyInUse> {
    const { facts } = chosen;
    const hostState = chosen.live === null ? null : await this.live.state(key, chosen.live, named, user);
    const { policy, unknown } = policyUnder(facts, settings.booleans, hostState?.changes ?? []);
    if (this.#area.surroundings.strict && unknown.length > 0) throw new PolicyError(unknown.join(" "));
    const context = {
      policy,
      source: domainOf(facts, this.#area.surroundings.domain, hostState),
      localPorts: hostState?.localPorts ?? defaultLocalPorts,
      host: hostState,
      container: null,
      mounts: [],
    };
    const ignored = (settings.project?.ignored ?? []).map((each) => `${settings.project?.path}: ${each}`);
    return { chosen: { ...chosen, reason: [chosen.reason, ...unknown, ...ignored].join("; ") }, context };
  }

  /** The policy for a file at `path`, with the host's state for `named`. Rejects with PolicyError. */
  async policyFor(path: string, named: readonly NamedPath[]): Promise<PolicyInUse> {
    const settings = await this.#area.settingsFor(path);
    return this.contextOf(await this.choose(path, settings), settings, "", named);
  }
}
