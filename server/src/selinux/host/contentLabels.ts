/** Labels of what directories hold: what is there need not have the directory's label, nor the default. */
import { inDirectory, nameOf, parentOf } from "../../base/paths.ts";
import type { Host } from "../../host/host.ts";
import { namesIn } from "../../host/readHost.ts";
import { statLabels } from "./diskLabels.ts";
import type { DiskLabel, Stray } from "./hostState.ts";

export interface ContentLabels {
  /** By directory: the one label of its files. Directories without files, or with several labels, are left out. */
  readonly labels: ReadonlyMap<string, DiskLabel>;
  /** By directory: what has another label than most of what is in it, one for each label. */
  readonly strays: ReadonlyMap<string, readonly Stray[]>;
  /** The files and directories that were looked at. */
  readonly files: readonly string[];
}

/** Directories that are looked into, and files of each: a sample, for directories may hold a million. */
const MOST_DIRECTORIES = 64;
const MOST_FILES = 32;
/** Labels of strays in one directory. */
const MOST_STRAYS = 4;

/** Looks at some files of each directory of this machine, those that answer for the directory itself first. */
export async function readContentLabels(host: Host, directories: ReadonlySet<string>): Promise<ContentLabels> {
  const samples = new Map<string, readonly string[]>();
  for (const directory of [...directories].slice(0, MOST_DIRECTORIES))
    samples.set(directory, sampleOf(directory, await namesIn(host, directory)));
  const disk = await statLabels(host, "", [...samples.values()].flat());
  return labelsOf(samples, disk);
}

/** The same from the list of labels that came with a copy; it names everything, or a part that a person chose. */
export function listedContentLabels(
  listed: ReadonlyMap<string, DiskLabel>,
  directories: ReadonlySet<string>,
): ContentLabels {
  const wanted = [...directories].slice(0, MOST_DIRECTORIES);
  const names = new Map(wanted.map((directory): [string, string[]] => [directory.replace(/(?<=.)\/+$/u, ""), []]));
  for (const path of listed.keys()) names.get(parentOf(path))?.push(nameOf(path));
  const samples = wanted.map((directory): [string, readonly string[]] => [
    directory,
    sampleOf(directory, names.get(directory.replace(/(?<=.)\/+$/u, "")) ?? []),
  ]);
  return labelsOf(new Map(samples), listed);
}

function sampleOf(directory: string, names: readonly string[]): readonly string[] {
  const sorted = names.toSorted();
  const index = sorted.filter((name) => name.startsWith("index."));
  const others = sorted.filter((name) => !name.startsWith("index."));
  const place = directory.replace(/(?<=.)\/+$/u, "");
  return [...index, ...others].slice(0, MOST_FILES).map((name) => inDirectory(place, name));
}

function labelsOf(
  samples: ReadonlyMap<string, readonly string[]>,
  disk: ReadonlyMap<string, DiskLabel>,
): ContentLabels {
  const labels = new Map<string, DiskLabel>();
  const strays = new Map<string, readonly Stray[]>();
  for (const [directory, paths] of samples) {
    const found = paths.flatMap((path) => strayAt(path, disk.get(path)));
    const files = found.filter(({ kind }) => kind === "file");
    const [first] = files;
    if (first !== undefined && files.every(({ type }) => type === first.type))
      labels.set(directory, { state: "present", type: first.type, kind: "file" });
    const odd = straysAmong(found);
    if (odd.length > 0) strays.set(directory, odd);
  }
  return { labels, strays, files: [...samples.values()].flat() };
}

function strayAt(path: string, label: DiskLabel | undefined): readonly Stray[] {
  if (label?.state !== "present" || (label.kind !== "file" && label.kind !== "dir")) return [];
  return [{ path, type: label.type, kind: label.kind }];
}

/** The first of each label but the most frequent one. Where all have one label nothing strays. */
function straysAmong(found: readonly Stray[]): readonly Stray[] {
  const byType = new Map<string, Stray[]>();
  for (const each of found) byType.set(each.type, [...(byType.get(each.type) ?? []), each]);
  const [, ...others] = [...byType.values()].toSorted((a, b) => b.length - a.length);
  return others.flatMap(([first]) => first ?? []).slice(0, MOST_STRAYS);
}
