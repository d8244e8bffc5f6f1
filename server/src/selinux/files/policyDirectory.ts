/** Facts from a directory laid out like /etc/selinux/targeted: `policy/policy.NN` and `contexts/files`. */
import { hostLabels } from "../hostLabels.ts";
import type { LabelFacts } from "../hostLabels.ts";
import { factsFromBytes } from "./openPolicyFile.ts";
import type { PolicyFacts } from "../policy.ts";

/** Access to the directory; paths are relative to it. What the promises reject with is passed on. */
export interface PolicyDirectory {
  /** Names in the subdirectory `policy`. */
  policyNames(): Promise<readonly string[]>;
  read(path: string): Promise<Uint8Array>;
  /** The bytes, or null where the file does not exist. */
  readIfThere(path: string): Promise<Uint8Array | null>;
}

/**
 * The policy file among these names that libselinux would load: the highest `policy.N`, N not above `newest` (the
 * kernel's `policyvers`, where known). Null where there is none.
 */
export function newestPolicyName(names: readonly string[], newest = Infinity): string | null {
  const versions = names.flatMap((name) => /^policy\.([1-9][0-9]?)$/.exec(name)?.[1] ?? []).map(Number);
  const usable = versions.filter((version) => version <= newest);
  return usable.length === 0 ? null : `policy.${Math.max(...usable)}`;
}

/**
 * Reads the facts of such a directory; `name` is how it is called in messages. Null where it holds no policy file.
 * Rejects with PolicyFormatError for a file that is not one, and with whatever the directory rejects with.
 */
export async function policyDirectoryFacts(directory: PolicyDirectory, name: string): Promise<PolicyFacts | null> {
  const policy = newestPolicyName(await directory.policyNames());
  if (policy === null) {
    return null;
  }
  const labels = await directoryLabels(directory);
  return factsFromBytes(await directory.read(`policy/${policy}`), name, labels);
}

/** The files of a policy directory that default labels come from, below `contexts/files`. */
export const fileContextNames = [
  "file_contexts",
  "file_contexts.homedirs",
  "file_contexts.local",
  "file_contexts.subs",
  "file_contexts.subs_dist",
] as const;

/** A byte order mark is no mark to libselinux. */
const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });

/** Default labels of such a directory; undefined where it has no file_contexts. Rejects as the directory does. */
export async function directoryLabels(
  directory: Pick<PolicyDirectory, "readIfThere">,
): Promise<LabelFacts | undefined> {
  const texts = await Promise.all(
    fileContextNames.map(async (file) => {
      const bytes = await directory.readIfThere(`contexts/files/${file}`);
      return bytes === null ? null : utf8.decode(bytes);
    }),
  );
  const [base, homedirs, local, subs, subsDist] = texts;
  return base === null || base === undefined
    ? undefined
    : hostLabels({
        base,
        homedirs: homedirs ?? "",
        local: local ?? "",
        subs: subs ?? "",
        subsDist: subsDist ?? "",
      });
}
