/** Chooses and loads the policy that decides: a bundled release, or a snapshot from a file. */
import { HostError, type Host } from "./host.ts";
import { didYouMean } from "./nearest.ts";
import { releaseFor } from "./osRelease.ts";
import { policyOf } from "./selinux/model.ts";
import type { Policy, PolicyFacts } from "./selinux/policy.ts";
import { snapshotFacts } from "./selinux/snapshot.ts";
import { bundledReleases } from "./settings.ts";

/** A request for a policy that cannot be met; the message is for the user. */
export class PolicyError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "PolicyError";
  }
}

export interface ChosenPolicy {
  readonly facts: PolicyFacts;
  /** Why this one, for the user. */
  readonly reason: string;
}

export interface Policies {
  /**
   * `wanted`: `auto`, a bundled release or the path of a snapshot. `root`: "" or a directory that stands for `/`.
   * Rejects with PolicyError.
   */
  choose(wanted: string, root: string): Promise<ChosenPolicy>;
}

/** Snapshots are a few hundred kilobytes; anything of this size is something else. */
const LARGEST_SNAPSHOT = 64 * 2 ** 20;

export function createPolicies(host: Host): Policies {
  const bundled = new Map<string, Promise<PolicyFacts>>();
  const files = new Map<string, { readonly stamp: string; readonly facts: PolicyFacts }>();

  const release = (name: string): Promise<PolicyFacts> => {
    const known = bundled.get(name);
    if (known !== undefined) return known;
    const facts = host.bundledPolicy(name).then((text) => factsOf(text, `bundled policy ${name}`, "bundled"));
    bundled.set(name, facts);
    facts.catch(() => bundled.delete(name));
    return facts;
  };

  const snapshot = async (path: string): Promise<PolicyFacts> => {
    try {
      const { stamp, kind } = await host.stat(path);
      if (kind === "directory")
        throw new PolicyError(`${path}: a directory cannot be read as a policy in this version; give a snapshot`);
      const known = files.get(path);
      if (known?.stamp === stamp) return known.facts;
      const bytes = await host.readFile(path, LARGEST_SNAPSHOT);
      const facts = factsOf(new TextDecoder().decode(bytes), path, "snapshot");
      files.set(path, { stamp, facts });
      return facts;
    } catch (error) {
      if (error instanceof HostError) throw new PolicyError(`cannot read the policy ${path}: ${error.message}`);
      throw error;
    }
  };

  return {
    async choose(wanted, root) {
      if (wanted === "live")
        throw new PolicyError(
          `the live policy of a host is not supported in this version; choose auto, ${bundledReleases.join(", ")}, or a snapshot`,
        );
      if (wanted === "auto") {
        const choice = releaseFor(await readOsRelease(host, root));
        return { facts: await release(choice.release), reason: `auto: ${choice.reason}` };
      }
      if (bundledReleases.some((name) => name === wanted))
        return { facts: await release(wanted), reason: `${wanted} was asked for` };
      if (!wanted.includes("/") && !wanted.includes("."))
        throw new PolicyError(
          `there is no bundled policy "${wanted}": choose auto, ${bundledReleases.join(", ")}, or the path of a snapshot.${didYouMean(wanted, bundledReleases)}`,
        );
      return { facts: await snapshot(wanted), reason: `${wanted} was asked for` };
    },
  };
}

function factsOf(text: string, origin: string, source: "bundled" | "snapshot"): PolicyFacts {
  try {
    return snapshotFacts(text, source);
  } catch (error) {
    throw new PolicyError(
      `${origin} cannot be used as a policy: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

async function readOsRelease(host: Host, root: string): Promise<string | null> {
  for (const path of [`${root}/etc/os-release`, `${root}/usr/lib/os-release`]) {
    try {
      return new TextDecoder().decode(await host.readFile(path, 2 ** 16));
    } catch (error) {
      if (!(error instanceof HostError)) throw error;
    }
  }
  return null;
}

/** The policy under what-if booleans. `unknown`: a sentence for each name that the policy does not have. */
export function policyUnder(
  facts: PolicyFacts,
  booleans: ReadonlyMap<string, boolean>,
): { readonly policy: Policy; readonly unknown: readonly string[] } {
  const unknown: string[] = [];
  const changes = [...booleans].flatMap(([name, value]) => {
    if (facts.booleans.has(name)) return [{ kind: "boolean" as const, name, value }];
    unknown.push(`${facts.info.name} has no boolean "${name}".${didYouMean(name, facts.booleans.keys())}`);
    return [];
  });
  return { policy: policyOf(facts, changes), unknown };
}
