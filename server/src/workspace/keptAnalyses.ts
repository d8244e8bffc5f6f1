/**
 * Analyses, kept while nothing that they rest on has changed. The text, the host and the settings change at different
 * times: what the text says is collected once for each text, and the host is asked about the paths that it names.
 */
import { analyzeInSteps, type Analysis } from "../analysis/analysis.ts";
import type { Evaluator } from "../analysis/evaluator.ts";
import type { ContainerSign } from "../containers/containerSigns.ts";
import type { Refusal } from "../denials/gather.ts";
import { withDisagreements, type KernelCheck } from "../analysis/kernelCheck.ts";
import { namedPaths } from "../providers/namedPaths.ts";
import type { Access, WorkerUser } from "../nginx/access.ts";
import type { Configuration } from "../nginx/load/configuration.ts";
import { usualPrefixes } from "../nginx/load/pathMap.ts";
import type { ChosenPolicy, PolicyInUse } from "../providers/policies.ts";
import type { PolicyContext } from "../rules/context.ts";
import type { NamedPath } from "../selinux/host/hostState.ts";
import type { Settings } from "../shared/settings.ts";
import { Cancelled, type Cancellation } from "./workspace.ts";
import { defaultPid } from "../analysis/defaultPid.ts";
import { memo } from "../base/memo.ts";
import { collect, type Collected } from "../analysis/collected.ts";
import { whyContainer } from "../analysis/whyContainer.ts";
import { sameConfiguration } from "../analysis/sameConfiguration.ts";

/** Where an analysis takes what it needs beside the configuration. */
export interface AnalysisSources {
  /** The policy that the settings ask for, for a file at `path`. Rejects with PolicyError. */
  choosePolicy(path: string, settings: Settings): Promise<ChosenPolicy>;
  /** The chosen policy as its host has it now, under the settings. `key`: whose paths `named` are. */
  contextOf(
    chosen: ChosenPolicy,
    settings: Settings,
    key: string,
    named: readonly NamedPath[],
    user: WorkerUser | null,
  ): Promise<PolicyInUse>;
  /** Lets others run; rejects with Cancelled once the work is not wanted any more. */
  pace(cancellation: Cancellation): () => Promise<void>;
  /** Refusals that the host has recorded; the same array while nothing new has come. */
  recordedOf(chosen: ChosenPolicy, settings: Settings, accesses: readonly Access[]): Promise<readonly Refusal[]>;
  readonly kernel: KernelCheck;
}

/** One configuration, analysed under the policy that was chosen for it. */
export interface Analysed {
  readonly analysis: Analysis;
  readonly chosen: ChosenPolicy;
  /** Verdicts that the kernel of the host contradicts, a sentence each. */
  readonly disagreements: readonly string[];
}

/** Where a configuration stands. */
export interface Site {
  /** Of its main file, of a fragment that is read alone, or of the output of `nginx -T`. */
  readonly path: string;
  /** That it is for a container; null where nothing shows that, or where it is not wanted. */
  readonly sign: ContainerSign | null;
}

/** The newest analysis of a configuration, which may be under way, and what the next one takes over. */
interface Kept {
  readonly context: PolicyContext;
  readonly settings: Settings;
  /** Null where the text has changed since, and where the work was not finished. */
  work: Work | null;
  evaluator: Evaluator | null;
}

interface Work {
  readonly collected: Collected;
  readonly recorded: readonly Refusal[];
  readonly done: Promise<Analysed>;
}

/** Analyses that are kept; each open document belongs to one, and mostly to the same. */
const MOST_KEPT = 8;

export class KeptAnalyses {
  readonly #sources: AnalysisSources;
  readonly #kept = new Map<string, Kept>();
  readonly #collected = new Map<string, Collected>();

  constructor(sources: AnalysisSources) {
    this.#sources = sources;
  }

  /**
   * The analysis of a configuration; one that is under way is waited for. `key`: of its main file or fragment. Rejects as the
   * sources do.
   */
  async analyse(
    key: string,
    configuration: Configuration,
    site: Site,
    settings: Settings,
    cancellation: Cancellation,
  ): Promise<Analysed> {
    const collected = this.#collect(key, configuration);
    const { chosen, context } = await this.#contextOf(key, site, collected, settings);
    const recorded = await this.#sources.recordedOf(chosen, settings, collected.accesses);
    const before = this.#kept.get(key);
    const isSame =
      before !== undefined && isSameContext(before.context, context) && isSameSettings(before.settings, settings);
    const work = isSame ? before.work : null;
    if (work?.collected === collected && work.recorded === recorded) {
      const done = await unlessCancelled(work.done);
      if (done !== null) return { ...done, chosen };
      if (cancellation.aborted) throw new Cancelled();
      return this.analyse(key, configuration, site, settings, cancellation);
    }
    const evaluator = isSame ? before.evaluator : null;
    const kept: Kept = { context, settings, work: null, evaluator };
    const done = this.#analyse(collected, { chosen, context }, settings, cancellation, recorded, evaluator);
    kept.work = { collected, recorded, done };
    keep(this.#kept, key, kept);
    try {
      const analysed = await done;
      kept.evaluator = analysed.analysis.evaluator;
      return analysed;
    } catch (error) {
      kept.work = null;
      throw error;
    }
  }

  /** What a text says. The analysis of an older text is given up: two of a large configuration would be in memory at once. */
  #collect(key: string, configuration: Configuration): Collected {
    const known = this.#collected.get(key);
    if (known !== undefined && sameConfiguration(known.configuration, configuration)) return known;
    this.#collected.delete(key);
    const kept = this.#kept.get(key);
    if (kept !== undefined) kept.work = null;
    const collected = collect(configuration);
    keep(this.#collected, key, collected);
    return collected;
  }

  /**
   * The analysis of an access that no file holds: within a configuration, or alone (null). Rejects as the sources do.
   */
  async analyseAccess(
    access: Access,
    within: Analysis | null,
    site: Site,
    settings: Settings,
    cancellation: Cancellation,
  ): Promise<Analysed> {
    const accesses = [...(within?.accesses ?? []), access];
    const configuration = within?.configuration ?? noConfiguration;
    const collected = { configuration, accesses, user: within?.user ?? null, findings: [] };
    const inUse = await this.#contextOf("", site, collected, settings);
    return this.#analyse(collected, inUse, settings, cancellation);
  }

  async #contextOf(key: string, { path, sign }: Site, collected: Collected, settings: Settings): Promise<PolicyInUse> {
    const { choosePolicy, contextOf } = this.#sources;
    const wanted = await choosePolicy(path, settings);
    const mounts = sign?.mounts ?? [];
    const sources = mounts.flatMap((mount) =>
      mount.path === null ? [] : [{ path: mount.path, kind: "file" as const }],
    );
    const { user } = collected;
    const named = wanted.live === null ? [] : [...namedPaths(onHost(collected).accesses), ...sources];
    const { chosen, context: ofHost } = await contextOf(wanted, settings, key, named, user);
    const context = { ...ofHost, container: whyContainer(settings.container, ofHost.host, sign), mounts };
    return { chosen, context };
  }

  async #analyse(
    collected: Collected,
    { chosen, context }: PolicyInUse,
    { severity }: Settings,
    cancellation: Cancellation,
    recorded: readonly Refusal[] = [],
    before: Evaluator | null = null,
  ): Promise<Analysed> {
    const { pace, kernel } = this.#sources;
    const all = context.host === null ? collected : onHost(collected);
    const ours = await inTurns(analyzeInSteps(all, { context, severity, recorded, before }), pace(cancellation));
    const disagreements = chosen.live === null ? [] : await kernel.disagreements(ours, chosen.live);
    return { analysis: withDisagreements(ours, disagreements), chosen, disagreements };
  }
}

const withDefaults = new WeakMap<Collected, Collected>();

/** With what nginx does on a host without being told. */
function onHost(collected: Collected): Collected {
  return memo(withDefaults, collected, () => {
    const { configuration, accesses } = collected;
    return { ...collected, accesses: [...accesses, ...defaultPid(configuration, accesses)] };
  });
}

/** Holds no file. */
const noConfiguration: Configuration = {
  files: [],
  includes: new Map(),
  problems: [],
  notes: [],
  fragmentContext: null,
  template: [],
  prefixes: usualPrefixes,
};

/** True where the policy answers as before: its values follow from its facts, its host and the settings. */
function isSameContext(before: PolicyContext, now: PolicyContext): boolean {
  return (
    before.policy.facts === now.policy.facts &&
    before.host === now.host &&
    before.source === now.source &&
    before.container === now.container &&
    before.mounts.length === now.mounts.length &&
    before.mounts.every((mount, i) => mount === now.mounts[i])
  );
}

/** Compares all settings, so that none can be forgotten here. */
function isSameSettings(before: Settings, now: Settings): boolean {
  const old = new Map<string, unknown>(Object.entries(before));
  return Object.entries(now).every(([name, value]) => isSame(old.get(name), value));
}

function isSame(a: unknown, b: unknown): boolean {
  if (!(a instanceof Map && b instanceof Map)) return a === b;
  return a === b || (a.size === b.size && [...a].every(([key, value]) => b.has(key) && b.get(key) === value));
}

/** Keeps a value, and none that was kept long before it. */
function keep<V>(map: Map<string, V>, key: string, value: V): void {
  map.delete(key);
  map.set(key, value);
  for (const oldest of map.keys()) if (map.size > MOST_KEPT) map.delete(oldest);
}

/** Null where the work was cancelled by the one who began it. */
async function unlessCancelled(done: Promise<Analysed>): Promise<Analysed | null> {
  try {
    return await done;
  } catch (error) {
    if (error instanceof Cancelled) return null;
    throw error;
  }
}

async function inTurns<T>(steps: Generator<void, T, void>, pace: () => Promise<void>): Promise<T> {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
    await pace();
  }
}
