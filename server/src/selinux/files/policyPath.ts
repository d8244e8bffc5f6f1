/** Facts from a path that a user names: a snapshot, a kernel policy file, or a directory with one. */
import type { Host } from "../../host/host.ts";
import { factsFromBytes } from "./openPolicyFile.ts";
import type { PolicyFacts } from "../policy.ts";
import { directoryLabels, fileContextNames, newestPolicyName } from "./policyDirectory.ts";
import { namesIn, readIfThere, stampOf } from "../../host/readHost.ts";

export interface OpenedPolicy {
  /** Equal stamps: the same facts. */
  readonly stamp: string;
  readonly facts: PolicyFacts;
}

/** Policies are 2 to 10 MB, snapshots and file_contexts about one. */
const LARGEST = 64 * 2 ** 20;

/**
 * Opens what lies at a path. `known`: what an earlier call gave for it; it is the answer where nothing has changed. A
 * directory is laid out like /etc/selinux/targeted; a policy file that lies in one gets the directory's labels. Null for
 * a directory without a policy. Rejects with HostError, SnapshotError or PolicyFormatError.
 */
export async function openPolicyPath(
  host: Host,
  path: string,
  known: OpenedPolicy | null,
): Promise<OpenedPolicy | null> {
  const { kind } = await host.stat(path);
  const directory = kind === "directory" ? path.replace(/(?<=.)\/+$/, "") : directoryAround(path);
  const file = kind === "directory" ? await policyFileIn(host, path) : path;
  if (file === null) return null;
  const { stamp: fileStamp } = await host.stat(file);
  const stamp = [fileStamp, ...(directory === null ? [] : await labelStamps(host, directory))].join(" ");
  if (known?.stamp === stamp) return known;
  const labels =
    directory === null
      ? undefined
      : await directoryLabels({ readIfThere: (name) => readIfThere(host, `${directory}/${name}`, LARGEST) });
  return { stamp, facts: factsFromBytes(await host.readFile(file, LARGEST), path, labels) };
}

/** `/etc/selinux/targeted` of `/etc/selinux/targeted/policy/policy.33`; null for a file that lies elsewhere. */
function directoryAround(path: string): string | null {
  return /^(.+)\/policy\/policy\.[1-9][0-9]?$/.exec(path)?.[1] ?? null;
}

async function policyFileIn(host: Host, directory: string): Promise<string | null> {
  const name = newestPolicyName(await namesIn(host, `${directory}/policy`));
  return name === null ? null : `${directory}/policy/${name}`;
}

async function labelStamps(host: Host, directory: string): Promise<readonly string[]> {
  const stamps = await Promise.all(
    fileContextNames.map((name) => stampOf(host, `${directory}/contexts/files/${name}`)),
  );
  return stamps.map((stamp) => stamp ?? "-");
}
