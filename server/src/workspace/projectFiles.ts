/** The project files near configurations, and the lists of known findings that they name. Kept while they do not change. */
import type { Analysis } from "../analysis/analysis.ts";
import { parseBaseline, withoutKnown } from "../analysis/baseline.ts";
import { isPlaced } from "../analysis/finding.ts";
import { directoriesAbove, inDirectory, isWithin, nameOf, parentOf } from "../base/paths.ts";
import { HostError, isSettled, type FileStat, type Host } from "../host/host.ts";
import { ruleInfos } from "../rules/index.ts";
import { parseProjectFile, projectFileName, withProject, type Project } from "./projectFile.ts";
import type { Settings } from "../shared/settings.ts";
import { BoundedMap } from "../base/memo.ts";
import { isUri } from "../base/uri.ts";

/** Bytes that are read: of a project file, and of a list of findings. */
const LARGEST_PROJECT = 2 ** 20;
const LARGEST_BASELINE = 64 * 2 ** 20;

const ruleIds = ruleInfos.map(({ id }) => id);

interface Stamped<T> {
  readonly stamp: string;
  readonly value: T;
}

/** Where a project file may lie. */
interface Candidate {
  readonly directory: string;
  readonly file: string;
}

export class ProjectFiles {
  readonly #host: Host;
  readonly #projects = new Map<string, Stamped<Project>>();
  /** Stamps of directories in which there was no project file, by their paths. */
  readonly #without = new BoundedMap<string, string>(500);
  readonly #baselines = new Map<string, Stamped<ReadonlySet<string>>>();
  /** The same object for the same settings and project, so that analyses are kept. */
  readonly #merged = new WeakMap<
    Project,
    { readonly base: Settings; readonly trusted: boolean; readonly settings: Settings }
  >();
  readonly #filtered = new WeakMap<Analysis, { readonly known: ReadonlySet<string>; readonly analysis: Analysis }>();

  constructor(host: Host) {
    this.#host = host;
  }

  /**
   * The settings for a file with those of the nearest project file above it. `within`: directories below which files may be
   * read; null for anywhere. `host`: of the computation. Where the file cannot be read it counts as absent.
   */
  async settingsFor(
    path: string,
    base: Settings,
    trusted: boolean,
    within: readonly string[] | null,
    host: Host = this.#host,
  ): Promise<Settings> {
    const project = await this.#find(path, within, host);
    if (project === null) return base;
    const known = this.#merged.get(project);
    if (known?.base === base && known.trusted === trusted) return known.settings;
    const merged = withProject(base, project, trusted);
    const settings = known?.trusted === trusted ? { ...merged, project: known.settings.project } : merged;
    this.#merged.set(project, { base, trusted, settings });
    return settings;
  }

  /** The analysis without the findings that a list names. Rejects with an Error that says what is wrong with the list. */
  async withoutKnown(analysis: Analysis, baseline: string): Promise<Analysis> {
    if (baseline === "") return analysis;
    const known = await this.#known(baseline);
    const before = this.#filtered.get(analysis);
    if (before?.known === known) return before.analysis;
    const filtered = withoutKnown(analysis, known, namesBeside(baseline, analysis), nameOf(baseline));
    this.#filtered.set(analysis, { known, analysis: filtered });
    return filtered;
  }

  async #find(path: string, within: readonly string[] | null, host: Host): Promise<Project | null> {
    if (isUri(path)) return null;
    const candidates = directoriesAbove(path)
      .map((directory) => ({ directory, file: inDirectory(directory, projectFileName) }))
      .filter(({ file }) => isWithin(file, within));
    // Asked at once: every edit waits for the answers.
    const stats = await Promise.all(candidates.map((each) => this.#look(each, host)));
    for (const [i, { directory, file }] of candidates.entries()) {
      const stat = stats[i] ?? null;
      if (stat?.kind !== "file") continue;
      const kept = this.#projects.get(file);
      if (kept?.stamp === stat.stamp) return kept.value;
      const bytes = await this.#host.readFile(file, LARGEST_PROJECT).catch(() => null);
      if (bytes === null) continue;
      const value = parseProjectFile(new TextDecoder().decode(bytes), file, directory, ruleIds);
      this.#projects.set(file, { stamp: stat.stamp, value });
      return value;
    }
    return null;
  }

  /**
   * The facts of the project file of a directory; null where there is none. The stamp of the directory tells whether a name
   * has come to it, and most of the directories above a file are asked about for other reasons too.
   */
  async #look({ directory, file }: Candidate, host: Host): Promise<FileStat | null> {
    const asked = host.date();
    const around = await host.stat(directory).catch(() => null);
    if (around === null || this.#without.get(directory) === around.stamp) return null;
    const found = await host.linkStat(file).catch((error: unknown) => {
      const isAbsent = error instanceof HostError && error.code === "ENOENT";
      if (isAbsent && isSettled(around, asked)) this.#without.set(directory, around.stamp);
      return null;
    });
    return found?.kind === "link" ? host.stat(file).catch(() => null) : found;
  }

  async #known(path: string): Promise<ReadonlySet<string>> {
    const { stamp } = await this.#host.stat(path);
    const kept = this.#baselines.get(path);
    if (kept?.stamp === stamp) return kept.value;
    const value = parseBaseline(new TextDecoder().decode(await this.#host.readFile(path, LARGEST_BASELINE)));
    this.#baselines.set(path, { stamp, value });
    return value;
  }
}

/** Names files by their paths relative to a list's directory, where they lie below it. */
export function namesBeside(list: string, { configuration }: Analysis): Parameters<typeof withoutKnown>[2] {
  const prefix = inDirectory(parentOf(list), "");
  return (finding) => {
    const path = isPlaced(finding) ? (configuration.files[finding.file]?.path ?? "") : finding.path;
    return path.startsWith(prefix) ? path.slice(prefix.length) : path;
  };
}
