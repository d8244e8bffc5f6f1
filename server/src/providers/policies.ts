/** Chooses and loads the policy that decides: that of a running host, a file or directory, or a bundled release. */
import { inDirectory } from "../base/paths.ts";
import { hostBelow } from "../host/copyHost.ts";
import { HostError, type Host } from "../host/host.ts";
import type { PolicyContext } from "../rules/context.ts";
import type { LiveSource } from "./liveSource.ts";
import { didYouMean } from "../base/nearest.ts";
import { releaseFor } from "../selinux/host/osRelease.ts";
import { assumedRelease, isPolicyPath, isReleaseName, releaseNames } from "../base/bundledReleases.ts";
import { PolicyFormatError } from "../selinux/binary/policyFormatError.ts";
import { openPolicyPath } from "../selinux/files/policyPath.ts";
import type { LivePolicy } from "../selinux/host/live.ts";
import { policyOf } from "../selinux/model.ts";
import type { Change, Policy, PolicyFacts } from "../selinux/policy.ts";
import { SnapshotError, snapshotFacts } from "../selinux/files/snapshot.ts";

/** A request for a policy that cannot be met; the message is for the user. */
export class PolicyError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "PolicyError";
  }
}

export interface ChosenPolicy {
  readonly facts: PolicyFacts;
  /** Why this one, and why not a better one, for the user. */
  readonly reason: string;
  /** The host whose policy this is; null where no host is asked. */
  readonly live: LivePolicy | null;
  /** Why no host is asked although one was wanted; null where one is, or where another policy was asked for. */
  readonly whyNotLive: string | null;
}

/** A policy under the settings, ready to be asked. */
export interface PolicyInUse {
  readonly chosen: ChosenPolicy;
  readonly context: PolicyContext;
}

/** Which policy is wanted, and what may be read for it. */
export interface PolicyRequest {
  /** `auto`, `live`, a bundled release, or the path of a snapshot, a kernel policy or a directory with one. */
  readonly wanted: string;
  /** "" or a directory that stands for `/`. */
  readonly root: string;
  /** False: nothing but the bundled releases, whatever is wanted. */
  readonly trusted: boolean;
  /** True: a host that was asked for and has no policy is an error. False: then `auto` decides, and the reason says so. */
  readonly strict: boolean;
  /** Directories in which a workspace's snapshot is looked for, the nearest first. */
  readonly directories: readonly string[];
}

export interface Policies {
  /** Rejects with PolicyError. */
  choose(request: PolicyRequest): Promise<ChosenPolicy>;
}

/** A snapshot that is committed with a configuration, at the root of a workspace. */
export const workspaceSnapshot = "nginx-selinux.snapshot.json";

/** Policy files that are kept; each is a few megabytes. */
const KEPT_FILES = 8;

/** `live`: where the policies of hosts come from. */
export function createPolicies(host: Host, live: LiveSource): Policies {
  return new KnownPolicies(host, live);
}

class KnownPolicies implements Policies {
  readonly #host: Host;
  readonly #live: LiveSource;
  readonly #bundled = new Map<string, Promise<PolicyFacts>>();
  readonly #files = new Map<string, { readonly stamp: string; readonly facts: PolicyFacts }>();

  constructor(host: Host, live: LiveSource) {
    this.#host = host;
    this.#live = live;
  }

  async choose(request: PolicyRequest): Promise<ChosenPolicy> {
    const { wanted, trusted } = request;
    const plain = { reason: `${wanted} was asked for`, live: null, whyNotLive: null };
    if (isReleaseName(wanted)) return { facts: await this.#release(wanted), ...plain };
    if (wanted === "auto" || wanted === "live" || !trusted) return this.#automatic(request);
    if (!isPolicyPath(wanted))
      throw new PolicyError(
        `there is no bundled policy "${wanted}": choose auto, live, ${releaseNames.join(", ")}, or the path of a policy.${didYouMean(wanted, ["auto", "live", ...releaseNames])}`,
      );
    return { facts: await this.#fromPath(wanted), ...plain };
  }

  async #automatic(request: PolicyRequest): Promise<ChosenPolicy> {
    const { wanted, root } = request;
    if (!request.trusted) {
      const whyNotLive = "the workspace is not trusted, so this host is not asked";
      return this.#withoutHost(request, `${wanted}: ${whyNotLive}`, whyNotLive);
    }
    const opened = await this.#live.open(root);
    if (opened.available) {
      const where = root === "" ? "this host" : root;
      return { facts: opened.facts, reason: `${wanted}: the policy of ${where}`, live: opened, whyNotLive: null };
    }
    const whyNotLive = opened.reason;
    if (wanted === "live" && request.strict)
      throw new PolicyError(`there is no live policy ${root === "" ? "on this host" : `in ${root}`}: ${whyNotLive}`);
    return this.#withoutHost(request, `${wanted}: no live policy, because ${whyNotLive}`, whyNotLive);
  }

  /** The policy that `auto` falls back to. `why`: what was tried before, each with the reason why it is not used. */
  async #withoutHost(request: PolicyRequest, why: string, whyNotLive: string): Promise<ChosenPolicy> {
    const path = request.trusted ? await this.#snapshotIn(request.directories) : null;
    if (path !== null) {
      const reason = `${why}; ${path} is the workspace's snapshot`;
      return { facts: await this.#fromPath(path), reason, live: null, whyNotLive };
    }
    const { root } = request;
    const choice = request.trusted
      ? releaseFor(await readOsRelease(hostBelow(this.#host, root), root))
      : { release: assumedRelease, reason: `${assumedRelease} is assumed` };
    return {
      facts: await this.#release(choice.release),
      reason: `${why}; ${choice.reason}`,
      live: null,
      whyNotLive,
    };
  }

  #release(name: string): Promise<PolicyFacts> {
    const known = this.#bundled.get(name);
    if (known !== undefined) return known;
    const facts = this.#host
      .bundledPolicy(name)
      .then((text) => snapshotFacts(text, "bundled"))
      .catch((error: unknown) => Promise.reject(unusable(`bundled policy ${name}`, error)));
    this.#bundled.set(name, facts);
    facts.catch(() => this.#bundled.delete(name));
    return facts;
  }

  async #fromPath(path: string): Promise<PolicyFacts> {
    const files = this.#files;
    try {
      const opened = await openPolicyPath(this.#host, path, files.get(path) ?? null);
      if (opened === null)
        throw new PolicyError(`${path} cannot be used as a policy: there is no policy/policy.NN in it`);
      files.delete(path);
      files.set(path, opened);
      for (const oldest of files.keys()) if (files.size > KEPT_FILES) files.delete(oldest);
      return opened.facts;
    } catch (error) {
      if (error instanceof HostError) throw new PolicyError(`cannot read the policy ${path}: ${error.message}`);
      throw unusable(path, error);
    }
  }

  /** The snapshot in the first of the directories that has one; null where none has. */
  async #snapshotIn(directories: readonly string[]): Promise<string | null> {
    for (const directory of directories) {
      const path = inDirectory(directory, workspaceSnapshot);
      const kind = await this.#host.stat(path).then(
        (facts) => facts.kind,
        () => null,
      );
      if (kind === "file") return path;
    }
    return null;
  }
}

/** The error for the user, where a text or file is no usable policy; anything else as it is. */
function unusable(origin: string, error: unknown): unknown {
  if (!(error instanceof SnapshotError || error instanceof PolicyFormatError)) return error;
  return new PolicyError(`${origin} cannot be used as a policy: ${error.message}`);
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

/**
 * The policy as a host has it now, and on top of that under what-if booleans. `unknown`: a sentence for each name that
 * the policy does not have.
 */
export function policyUnder(
  facts: PolicyFacts,
  booleans: ReadonlyMap<string, boolean>,
  ofHost: readonly Change[],
): { readonly policy: Policy; readonly unknown: readonly string[] } {
  const unknown: string[] = [];
  const changes = [...booleans].flatMap(([name, value]) => {
    if (facts.booleans.has(name)) return [{ kind: "boolean" as const, name, value }];
    unknown.push(`${facts.info.name} has no boolean "${name}".${didYouMean(name, facts.booleans.keys())}`);
    return [];
  });
  return { policy: policyOf(facts, [...ofHost, ...changes]), unknown };
}
