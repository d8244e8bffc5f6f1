/** Labels of the files that directories hold: those that are there need not have the directory's label, nor the default. */
import type { Host } from "../../host/host.ts";
import { statLabels } from "./diskLabels.ts";
import type { DiskLabel } from "./hostState.ts";
import { namesIn } from "../../host/readHost.ts";

export interface ContentLabels {
  /** By directory: the one label of its files. Directories without files, or with several labels, are left out. */
  readonly labels: ReadonlyMap<string, DiskLabel>;
  /** The files whose labels these are. */
  readonly files: readonly string[];
}

/** Directories that are looked into, and files of each: a sample, for directories may hold a million. */
const MOST_DIRECTORIES = 64;
const MOST_FILES = 8;

/** Looks at some files of each directory of this machine, those that answer for the directory itself first. */
export async function readContentLabels(host: Host, directories: ReadonlySet<string>): Promise<ContentLabels> {
  const samples = new Map<string, readonly string[]>();
  for (const directory of [...directories].slice(0, MOST_DIRECTORIES)) {
    const names = [...(await namesIn(host, directory))].sort();
    const index = names.filter((name) => name.startsWith("index."));
    const others = names.filter((name) => !name.startsWith("index."));
    const prefix = directory.endsWith("/") ? directory : `${directory}/`;
    samples.set(
      directory,
      [...index, ...others].slice(0, MOST_FILES).map((name) => prefix + name),
    );
  }
  const files = [...samples.values()].flat();
  const labels = new Map<string, DiskLabel>();
  const disk = await statLabels(host, "", files);
  for (const [directory, paths] of samples) {
    const found = paths.flatMap((path) => {
      const label = disk.get(path);
      return label?.state === "present" && label.kind === "file" ? [label] : [];
    });
    const [first] = found;
    if (first !== undefined && found.every(({ type }) => type === first.type)) labels.set(directory, first);
  }
  return { labels, files };
}
