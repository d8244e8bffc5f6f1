/** The analyses of files, documents and targets: the configuration that each belongs to, under the policy that answers. */
import { createKernelCheck } from "../analysis/kernelCheck.ts";
import { accessesTo } from "../analysis/targets.ts";
import { createContainerSigns, type ContainerSign, type ContainerSigns } from "../containers/containerSigns.ts";
import { explainWith, type ExplainedRefusal } from "../analysis/explainDenials.ts";
import type { Refusal } from "../denials/gather.ts";
import { instantHere } from "../denials/time.ts";
import type { Host } from "../host/host.ts";
import { statsOnce } from "../host/statsOnce.ts";
import type { Access } from "../nginx/access.ts";
import type { Configuration } from "../nginx/load/configuration.ts";
import { dumpReader, parseDump, type Dump } from "../nginx/load/dump.ts";
import { findConfigurations, type FoundConfigurations } from "../nginx/load/findConfigurations.ts";
import { isFragmentTree } from "../nginx/load/fragmentContext.ts";
import { ConfigurationUnreadable, loadConfiguration, loadFragment } from "../nginx/load/loadConfiguration.ts";
import { findMainFile, readAs, type SharedLoads } from "../nginx/load/mainFile.ts";
import type { DirectoryEntry } from "../base/directoryEntry.ts";
import { memo } from "../base/memo.ts";
import { isWithin } from "../base/paths.ts";
import { createPathMap, directoryOf } from "../nginx/load/pathMap.ts";
import { readerIn, type ConfigReader } from "../nginx/load/reader.ts";
import { PolicyError } from "../providers/policies.ts";
import { RecordedLogs } from "../providers/recordedLogs.ts";
import type { ProjectFile, Settings } from "../shared/settings.ts";
import type { Area } from "./area.ts";
import { KeptAnalyses, type Analysed } from "./keptAnalyses.ts";
import type { PolicySource } from "./policySource.ts";
import { directoriesAround, loadOptions, mainFileOptions } from "./surroundings.ts";
import { pacer, type Cancellation } from "./workspace.ts";

/** One configuration, analysed. */
export interface Outcome extends Analysed {
  /** The output of `nginx -T` that holds the configuration; null where its files are read themselves. */
  readonly dump: FoundDump | null;
  /** Path of the main file; null for a fragment that is analysed alone. */
  readonly main: string | null;
  readonly project: ProjectFile | null;
}

/** The output of `nginx -T` at a path. */
export interface FoundDump {
  readonly path: string;
  readonly dump: Dump;
}

/** An access to a target, and the analysis that it is part of. */
export interface TargetAnswer extends Analysed {
  readonly access: Access;
}

/** What a host has refused since some time. */
export interface NewRefusals {
  readonly explained: readonly ExplainedRefusal[];
  /** Paths of logs that this user may not read. */
  readonly unread: readonly string[];
}

/** A configuration that is found and not yet loaded. `main`: path of its main file; null for a lone fragment. */
export interface FoundConfiguration {
  readonly main: string | null;
  readonly load: () => Promise<Configuration>;
}

/** What the answers for several documents share: each file is read once, each configuration loaded and analysed once. */
export class Computation {
  readonly host: Host;
  /** By the main file, or the fragment. */
  readonly outcomes = new Map<string, Promise<Outcome>>();
  readonly #reading = new Map<string, Reading>();

  constructor(host: Host) {
    this.host = statsOnce(host);
  }

  /** What reads files in one way. `within`: the directories below which it may; `make`: a new reader. */
  readingUnder(settings: Settings, within: readonly string[] | null, make: () => ConfigReader): Reading {
    const { root, define, maxFileSizeMB, maxTotalSizeMB } = settings;
    const key = JSON.stringify([root, [...define], maxFileSizeMB, maxTotalSizeMB, within]);
    return memo(this.#reading, key, () => ({ reader: make(), configurations: new Map(), searches: new Map() }));
  }
}

interface Reading extends SharedLoads {
  readonly reader: ConfigReader;
}

/** The main file of nginx on this host. */
const HOST_MAIN = "/etc/nginx/nginx.conf";
const never: Cancellation = { aborted: false };
const noRefusals: readonly Refusal[] = [];

/** Paths of the error logs that a configuration names. */
function errorLogsOf(accesses: readonly Access[]): readonly string[] {
  const paths = accesses.flatMap((access) =>
    access.protocol === "file" && access.directive === "error_log" && access.path !== null ? [access.path] : [],
  );
  return [...new Set(paths)];
}

/** True for an error that says, for the user, why a configuration cannot be analysed. */
export function isReasonForNone(error: unknown): error is PolicyError | ConfigurationUnreadable {
  return error instanceof PolicyError || error instanceof ConfigurationUnreadable;
}

export class Analyses {
  readonly recorded: RecordedLogs;
  readonly #area: Area;
  readonly #kept: KeptAnalyses;
  readonly #signs: ContainerSigns;

  constructor(host: Host, area: Area, policies: PolicySource) {
    const recorded = new RecordedLogs(host);
    this.recorded = recorded;
    this.#area = area;
    this.#signs = createContainerSigns();
    this.#kept = new KeptAnalyses({
      choosePolicy: (path, settings) => policies.choose(path, settings),
      contextOf: (...given) => policies.contextOf(...given),
      recordedOf: async (chosen, settings, accesses) =>
        chosen.live === null || chosen.live.root !== "" || !area.surroundings.trusted
          ? noRefusals
          : recorded.refusals(settings.denials, errorLogsOf(accesses)),
      pace: (cancellation) => pacer(host, cancellation),
      kernel: createKernelCheck(host),
    });
  }

  /**
   * The configuration of a file given by its path: a main file with all that it includes; of a fragment the
   * configuration that includes it, or else the fragment alone; the one that `nginx -T` printed into the file.
   * `folders`: where main files are looked for last. Rejects with PolicyError, ConfigurationUnreadable or Cancelled.
   */
  async ofFile(
    path: string,
    cancellation: Cancellation,
    folders: readonly string[] = this.#area.surroundings.folders,
  ): Promise<Outcome> {
    const host = statsOnce(this.#area.host);
    const settings = await this.#area.settingsFor(path, host);
    const reader = this.#area.reader(path, settings, cancellation);
    const load = loadOptions(settings);
    const read = await readAs(path, path, reader, load);
    const dump = read.ok ? parseDump(read.tree.bytes) : null;
    if (dump !== null) return this.#ofDump({ path, dump }, settings, cancellation);
    const { project } = settings;
    const isMain = read.ok && !isFragmentTree(read.tree);
    const main = isMain ? path : await findMainFile(path, reader, mainFileOptions(settings, folders));
    const configuration =
      main === null ? await loadFragment(path, reader, load) : await loadConfiguration(main, reader, load);
    const analysed = await this.#analyse(main ?? `fragment:${path}`, configuration, settings, cancellation, host);
    return { main, dump: null, project, ...analysed };
  }

  /** The configuration that a document at `path` belongs to. Rejects with PolicyError or Cancelled. */
  async find(path: string, cancellation: Cancellation): Promise<FoundConfiguration> {
    const computation = new Computation(this.#area.host);
    return this.#find(path, await this.#area.settingsFor(path, computation.host), cancellation, computation);
  }

  /**
   * The same, loaded and analysed; `computation` shares the work between documents. Rejects as `ofFile` does.
   */
  async ofDocument(
    path: string,
    cancellation: Cancellation,
    computation: Computation = new Computation(this.#area.host),
  ): Promise<Outcome> {
    const { host } = computation;
    const settings = await this.#area.settingsFor(path, host);
    const { reader } = this.#readingFor(path, settings, cancellation, computation);
    const read = await readAs(path, path, reader, loadOptions(settings));
    const dump = read.ok ? parseDump(read.tree.bytes) : null;
    if (dump !== null) return this.#ofDump({ path, dump }, settings, cancellation);
    const { main, load } = await this.#find(path, settings, cancellation, computation);
    const key = main ?? `fragment:${path}`;
    const { outcomes } = computation;
    const shared = outcomes.get(key);
    if (shared !== undefined) return shared;
    const outcome = (async (): Promise<Outcome> => {
      const configuration = await load();
      const analysed = await this.#analyse(key, configuration, settings, cancellation, host);
      return { main, dump: null, project: settings.project, ...analysed };
    })();
    outcomes.set(key, outcome);
    return outcome;
  }

  /**
   * The entries of the directory that the argument of an include begins with, for the configuration of a document; none
   * outside of the configuration's own directory, where it may not be read, and for the output of `nginx -T`.
   * `directory`: as written, `""` or with its final slash. Rejects as `ofDocument` does.
   */
  async includable(path: string, directory: string, cancellation: Cancellation): Promise<readonly DirectoryEntry[]> {
    const settings = await this.#area.settingsFor(path);
    const options = loadOptions(settings);
    const computation = new Computation(this.#area.host);
    const { reader } = this.#readingFor(path, settings, cancellation, computation);
    const read = await readAs(path, path, reader, options);
    if (read.ok && parseDump(read.tree.bytes) !== null) return [];
    const { main } = await this.#find(path, settings, cancellation, computation);
    const paths = createPathMap(main ?? path, options);
    const location = paths.locate(`${directory}x`);
    const listed = location === null ? "" : directoryOf(`${location.base}/${location.rest}`);
    const directoryOfMain = directoryOf(main ?? path);
    // A document that was never saved has none: a host would list the server's own.
    if (!directoryOfMain.startsWith("/") || !isWithin(listed, [directoryOfMain])) return [];
    const listing = await readerIn(reader, paths.copy).list(listed);
    return listing.ok ? listing.entries : [];
  }

  /**
   * What this host has refused since an instant (milliseconds since 1970) of what a document's configuration does, read
   * anew; null where another host's policy answers or no log may be read. Rejects as `ofDocument` does.
   */
  async refusedSince(path: string, since: number, cancellation: Cancellation): Promise<NewRefusals | null> {
    const { analysis, chosen } = await this.ofDocument(path, cancellation);
    const { denials } = await this.#area.settingsFor(path);
    if (chosen.live === null || chosen.live.root !== "" || !this.#area.surroundings.trusted || denials === "off")
      return null;
    this.recorded.forget();
    const { configuration, accesses, evaluator } = analysis;
    const refusals = await this.recorded.refusals(denials, errorLogsOf(accesses));
    const recent = refusals.filter(({ last }) => (instantHere(last) ?? since) >= since);
    return {
      explained: explainWith(evaluator, recent, { configuration, accesses, unprivileged: false }),
      unread: this.recorded.unread,
    };
  }

  /** The configurations of the open documents, else the one of this host; none where neither can be analysed. */
  async ofOpenDocuments(cancellation: Cancellation): Promise<readonly Outcome[]> {
    const { workspace, surroundings } = this.#area;
    const computation = new Computation(this.#area.host);
    const outcomes = new Set<Outcome>();
    const attempts = workspace.documents().map(
      ({ path }) =>
        () =>
          this.ofDocument(path, cancellation, computation),
    );
    for (const attempt of attempts.length > 0 || !surroundings.trusted
      ? attempts
      : [() => this.ofFile(HOST_MAIN, cancellation)]) {
      try {
        outcomes.add(await attempt());
      } catch (error) {
        if (!isReasonForNone(error)) throw error;
      }
    }
    return [...outcomes];
  }

  /** The main files below a directory, and the fragments that none of them includes. */
  async below(directory: string, cancellation: Cancellation): Promise<FoundConfigurations> {
    const path = `${directory}/nginx.conf`;
    const settings = await this.#area.settingsFor(path);
    return findConfigurations(directory, this.#area.reader(path, settings, cancellation), loadOptions(settings));
  }

  /**
   * The accesses to a target, analysed as a configuration's are. Within the configuration of the file `config`: those
   * that it makes, else the target's own beside them, one by one. Without one (null): each of the target's own alone,
   * for a file at `path`. Rejects as `ofFile` does.
   */
  async ofTarget(target: readonly Access[], config: string | null, path: string): Promise<readonly TargetAnswer[]> {
    const at = config ?? path;
    const settings = await this.#area.settingsFor(at);
    const within = config === null ? null : await this.ofFile(config, never);
    const own = within === null ? [] : accessesTo(target, within.analysis.accesses);
    if (within !== null && own.length > 0) return own.map((access) => ({ ...within, access }));
    const sign = within === null ? null : await this.#signOf(at, settings, never, this.#area.host);
    const answers: TargetAnswer[] = [];
    for (const access of target) {
      const analysed = await this.#kept.analyseAccess(
        access,
        within?.analysis ?? null,
        { path: at, sign },
        settings,
        never,
      );
      answers.push({ ...analysed, access });
    }
    return answers;
  }

  async #ofDump(found: FoundDump, settings: Settings, cancellation: Cancellation): Promise<Outcome> {
    const { path, dump } = found;
    const reader = dumpReader(dump, pacer(this.#area.host, cancellation));
    const configuration = await loadConfiguration(dump.main, reader, { root: "" });
    // Beside the output of a command lies nothing.
    const site = { path, sign: null };
    const analysed = await this.#kept.analyse(path, configuration, site, settings, cancellation);
    const { project } = settings;
    return { main: dump.main, dump: found, project, ...(await this.#withoutKnown(analysed, settings)) };
  }

  #readingFor(path: string, settings: Settings, cancellation: Cancellation, computation: Computation): Reading {
    const make = (): ConfigReader => this.#area.reader(path, settings, cancellation);
    return computation.readingUnder(settings, this.#area.within(path), make);
  }

  async #find(
    path: string,
    settings: Settings,
    cancellation: Cancellation,
    computation: Computation,
  ): Promise<FoundConfiguration> {
    const loads = this.#readingFor(path, settings, cancellation, computation);
    const { reader } = loads;
    const searched = { ...mainFileOptions(settings, this.#area.surroundings.folders), loads };
    const main = await findMainFile(path, reader, searched);
    const options = loadOptions(settings);
    const load = (): Promise<Configuration> =>
      main === null
        ? loadFragment(path, reader, options)
        : memo(loads.configurations, main, () => loadConfiguration(main, reader, options));
    return { main, load };
  }

  /** A configuration that is loaded, analysed. `host`: of the computation. */
  async #analyse(
    key: string,
    configuration: Configuration,
    settings: Settings,
    cancellation: Cancellation,
    host: Host,
  ): Promise<Analysed> {
    const path = configuration.files[0]?.path ?? "/";
    const site = { path, sign: await this.#signOf(path, settings, cancellation, host) };
    return this.#withoutKnown(await this.#kept.analyse(key, configuration, site, settings, cancellation), settings);
  }

  /** The file that shows that a configuration is for a container; null if none does, or if that is not wanted. */
  async #signOf(
    path: string,
    settings: Settings,
    cancellation: Cancellation,
    host: Host,
  ): Promise<ContainerSign | null> {
    if (settings.container === "no") return null;
    return this.#signs.find({
      host,
      file: path,
      directories: directoriesAround(path, this.#area.surroundings.folders),
      within: this.#area.within(path),
      checkpoint: pacer(this.#area.host, cancellation),
    });
  }

  /** An analysis without what the settings list as known. Rejects with PolicyError where the list cannot be used. */
  async #withoutKnown(analysed: Analysed, { baseline }: Settings): Promise<Analysed> {
    try {
      return { ...analysed, analysis: await this.#area.projects.withoutKnown(analysed.analysis, baseline) };
    } catch (error) {
      throw new PolicyError(`baseline ${baseline}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}
