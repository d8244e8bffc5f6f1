/**
 * The one API of the engine: the language server, the command line and the tests call it.
 *
 * Every answer is computed from files as they are now: unsaved text first, stamps asked again. Trees, policies and
 * analyses whose inputs have not changed are reused.
 */
import type {
  CodeAction,
  CodeActionContext,
  CompletionItem,
  DocumentHighlight,
  DocumentLink,
  DocumentSymbol,
  FoldingRange,
  Hover,
  Location,
  SelectionRange,
  WorkspaceEdit,
} from "./features/lsp.ts";
import { accessesTo } from "./analysis/targets.ts";
import { KeptAnalyses, type Analysed } from "./workspace/keptAnalyses.ts";
import { explainRefusals } from "./analysis/explainDenials.ts";
import { gatherText, type Gathered, type Refusal } from "./denials/gather.ts";
import { codeActionsOf } from "./features/codeActions.ts";
import type { DiagnosticsResult } from "./features/diagnosticsResult.ts";
import { definitionAt } from "./features/definition.ts";
import { diagnosticsByUri } from "./features/configurationDiagnostics.ts";
import { statusOf, withoutPolicy } from "./features/documentStatus.ts";
import { documentLinksOf } from "./features/documentLinks.ts";
import { documentSymbolsOf } from "./features/documentSymbols.ts";
import { explainLogLines, type ExplainedLog } from "./features/explainLog.ts";
import { completionsAt } from "./features/completion/completion.ts";
import { foldingRangesOf } from "./features/foldingRanges.ts";
import { highlightsAt, referencesAt } from "./features/references.ts";
import { renameAt, renameRangeAt, type RenameRange } from "./features/rename.ts";
import { selectionRangesAt } from "./features/selectionRanges.ts";
import { explainFinding } from "./features/explainFinding.ts";
import { moduleFileOf } from "./features/moduleFile.ts";
import { fileView, treeViewOf, type FileView, type TreeView } from "./features/fileView.ts";
import { hoverAt } from "./features/hover.ts";
import { createContainerSigns, type ContainerSign } from "./containers/containerSigns.ts";
import type { Access } from "./nginx/access.ts";
import type { Host } from "./host/host.ts";
import { createKernelCheck } from "./analysis/kernelCheck.ts";
import { createLiveSource } from "./providers/liveSource.ts";
import { ConfigurationUnreadable, loadConfiguration, loadFragment } from "./nginx/load/loadConfiguration.ts";
import type { Configuration } from "./nginx/load/configuration.ts";
import { isFragmentTree } from "./nginx/load/fragmentContext.ts";
import { dumpReader, parseDump } from "./nginx/load/dump.ts";
import { findConfigurations, type FoundConfigurations } from "./nginx/load/findConfigurations.ts";
import { findMainFile, readAs } from "./nginx/load/mainFile.ts";
import type { ConfigReader } from "./nginx/load/reader.ts";
import { planLanguages, planText } from "./offers/planText.ts";
import { RecordedLogs } from "./providers/recordedLogs.ts";
import { createPolicies, PolicyError, policyUnder, type ChosenPolicy, type PolicyInUse } from "./providers/policies.ts";
import type {
  DocumentStatus,
  ExplainLogParams,
  ExplainParams,
  ModuleParams,
  ModuleResult,
  ExplainResult,
  PlanParams,
  PlanResult,
  SnapshotResult,
} from "./shared/protocol.ts";
import { snapshotOf } from "./providers/snapshotOf.ts";
import type { NamedPath } from "./selinux/host/hostState.ts";
import type { ProjectFile, Settings } from "./shared/settings.ts";
import type { Position, Range } from "./base/text.ts";
import { pathOfUri, uriOfPath } from "./base/uri.ts";
import { domainOf } from "./providers/nginxDomain.ts";
import {
  directoriesAround,
  loadOptions,
  mainFileOptions,
  plainSurroundings,
  readableBelow,
  settingsUnder,
  snapshotDirectories,
  type Surroundings,
} from "./workspace/surroundings.ts";
import { ProjectFiles } from "./workspace/projectFiles.ts";
import { createWorkspace, pacer, type Cancellation } from "./workspace/workspace.ts";

/** One configuration, analysed. */
export interface Outcome extends Analysed {
  /** True for the output of `nginx -T`: the file that was asked for is none of the configuration's. */
  readonly isDump: boolean;
  /** Path of the main file; null for a fragment that is analysed alone. */
  readonly main: string | null;
  readonly project: ProjectFile | null;
}

const noRefusals: readonly Refusal[] = [];

/** Paths of the error logs that a configuration names. */
function errorLogsOf(accesses: readonly Access[]): readonly string[] {
  const paths = accesses.flatMap((access) =>
    access.protocol === "file" && access.directive === "error_log" && access.path !== null ? [access.path] : [],
  );
  return [...new Set(paths)];
}

/** The main file of nginx on this host. */
const HOST_MAIN = "/etc/nginx/nginx.conf";
/** An access to a target, and the analysis that it is part of. */
export interface TargetAnswer extends Analysed {
  readonly access: Access;
}

const never: Cancellation = { aborted: false };
/** `net.ipv4.ip_local_port_range` of a kernel that nobody has told otherwise. */
const defaultLocalPorts = [32768, 60999] as const;

export type LanguageService = ReturnType<typeof createLanguageService>;

export function createLanguageService(host: Host, initial: Surroundings = plainSurroundings) {
  const workspace = createWorkspace(host);
  const live = createLiveSource(host);
  const recorded = new RecordedLogs(host);
  const policies = createPolicies(host, live);
  const signs = createContainerSigns(host);
  const projects = new ProjectFiles(host);
  let surroundings = initial;

  const withinOf = (path: string): readonly string[] | null => readableBelow(surroundings, path);

  /** The settings of the client, then of the project file, then of the command line. */
  const settingsFor = async (path: string): Promise<Settings> => {
    const { trusted, override } = surroundings;
    const base = settingsUnder(surroundings, path);
    const settings = await projects.settingsFor(path, base, trusted, withinOf(path));
    const ignored = settings.project?.ignored ?? [];
    if (surroundings.strict && ignored.length > 0)
      throw new PolicyError(`${settings.project?.path}: ${ignored.join(" ")}`);
    return override?.(settings) ?? settings;
  };

  /** An analysis without what the settings list as known. Rejects with PolicyError where the list cannot be used. */
  const withoutKnown = async (analysed: Analysed, { baseline }: Settings): Promise<Analysed> => {
    try {
      return { ...analysed, analysis: await projects.withoutKnown(analysed.analysis, baseline) };
    } catch (error) {
      throw new PolicyError(`baseline ${baseline}: ${error instanceof Error ? error.message : String(error)}`);
    }
  };

  const readerFor = (path: string, settings: Settings, cancellation: Cancellation): ConfigReader =>
    workspace.reader({ limit: settings.maxFileSizeMB * 2 ** 20, within: withinOf(path), cancellation });

  /** The policy that the settings ask for, for a file at `path`. */
  const choosePolicy = (path: string, settings: Settings): Promise<ChosenPolicy> =>
    policies.choose({
      wanted: settings.policy,
      root: settings.root,
      trusted: surroundings.trusted,
      strict: surroundings.strict,
      directories: snapshotDirectories(path, surroundings.folders),
    });

  /** The chosen policy as its host has it now, under the settings. `key`: whose paths `named` are. */
  const contextOf = async (
    chosen: ChosenPolicy,
    settings: Settings,
    key: string,
    named: readonly NamedPath[],
  ): Promise<PolicyInUse> => {
    const { facts } = chosen;
    const hostState = chosen.live === null ? null : await live.state(key, chosen.live, named);
    const { policy, unknown } = policyUnder(facts, settings.booleans, hostState?.changes ?? []);
    if (surroundings.strict && unknown.length > 0) throw new PolicyError(unknown.join(" "));
    const context = {
      policy,
      source: domainOf(facts, surroundings.domain, hostState),
      localPorts: hostState?.localPorts ?? defaultLocalPorts,
      host: hostState,
      container: null,
      mounts: [],
    };
    const ignored = (settings.project?.ignored ?? []).map((each) => `${settings.project?.path}: ${each}`);
    return { chosen: { ...chosen, reason: [chosen.reason, ...unknown, ...ignored].join("; ") }, context };
  };

  /** The file that shows that a configuration is for a container; null if none does, or if that is not wanted. */
  const signOf = async (path: string, settings: Settings, cancellation: Cancellation): Promise<ContainerSign | null> =>
    settings.container === "no"
      ? null
      : signs.find({
          file: path,
          directories: directoriesAround(path, surroundings.folders),
          within: withinOf(path),
          checkpoint: pacer(host, cancellation),
        });

  const analyses = new KeptAnalyses({
    choosePolicy,
    contextOf,
    signOf,
    recordedOf: async (chosen, settings, accesses) =>
      chosen.live === null || chosen.live.root !== "" || !surroundings.trusted
        ? noRefusals
        : recorded.refusals(settings.denials, errorLogsOf(accesses)),
    pace: (cancellation) => pacer(host, cancellation),
    kernel: createKernelCheck(host),
  });

  /**
   * The configuration of a file given by its path: a main file with all that it includes; of a fragment the
   * configuration that includes it, or else the fragment alone; the one that `nginx -T` printed into the file.
   * `folders`: where main files are looked for last. Rejects with PolicyError, ConfigurationUnreadable or Cancelled.
   */
  const analyzeFile = async (
    path: string,
    cancellation: Cancellation = never,
    folders: readonly string[] = surroundings.folders,
  ): Promise<Outcome> => {
    const settings = await settingsFor(path);
    const reader = readerFor(path, settings, cancellation);
    const load = loadOptions(settings);
    const read = await readAs(path, path, reader, load);
    const dump = read.ok ? parseDump(read.tree.bytes) : null;
    if (dump !== null) {
      const inDump = dumpReader(dump, () => reader.checkpoint());
      const configuration = await loadConfiguration(dump.main, inDump, { root: "" });
      return {
        main: dump.main,
        isDump: true,
        project: settings.project,
        ...(await withoutKnown(await analyses.analyse(path, configuration, settings, cancellation, path), settings)),
      };
    }
    const isMain = read.ok && !isFragmentTree(read.tree);
    const main = isMain ? path : await findMainFile(path, reader, mainFileOptions(settings, folders));
    const configuration =
      main === null ? await loadFragment(path, reader, load) : await loadConfiguration(main, reader, load);
    return {
      main,
      isDump: false,
      project: settings.project,
      ...(await withoutKnown(
        await analyses.analyse(main ?? `fragment:${path}`, configuration, settings, cancellation),
        settings,
      )),
    };
  };

  /** The configuration that a document belongs to: its main file, null for a lone fragment, and how it is loaded. */
  const findConfigurationOf = async (
    path: string,
    settings: Settings,
    cancellation: Cancellation,
  ): Promise<{ readonly main: string | null; readonly load: () => Promise<Configuration> }> => {
    const reader = readerFor(path, settings, cancellation);
    const main = await findMainFile(path, reader, mainFileOptions(settings, surroundings.folders));
    const options = loadOptions(settings);
    const load = (): Promise<Configuration> =>
      main === null ? loadFragment(path, reader, options) : loadConfiguration(main, reader, options);
    return { main, load };
  };

  /** The configuration that a document belongs to, analysed; `loaded` shares the work between documents of one computation. */
  const analyzeDocument = async (
    path: string,
    cancellation: Cancellation,
    loaded: Map<string, Promise<Outcome>> = new Map(),
  ): Promise<Outcome> => {
    const settings = await settingsFor(path);
    const { main, load } = await findConfigurationOf(path, settings, cancellation);
    const key = main ?? `fragment:${path}`;
    const shared = loaded.get(key);
    if (shared !== undefined) return shared;
    const outcome = (async (): Promise<Outcome> => {
      const configuration = await load();
      const analysed = await analyses.analyse(key, configuration, settings, cancellation);
      return { main, isDump: false, project: settings.project, ...(await withoutKnown(analysed, settings)) };
    })();
    loaded.set(key, outcome);
    return outcome;
  };

  const uriOf = (path: string): string =>
    workspace.documents().find((each) => each.path === path)?.uri ?? uriOfPath(path);

  /** A document in the configuration that it belongs to; undefined where it is not open or cannot be analysed. */
  const viewOf = async (uri: string, cancellation: Cancellation): Promise<FileView | undefined> => {
    const document = workspace.document(uri);
    if (document === undefined) return undefined;
    try {
      const { analysis } = await analyzeDocument(document.path, cancellation);
      return fileView(analysis, document.path, uriOf);
    } catch (error) {
      if (error instanceof PolicyError || error instanceof ConfigurationUnreadable) return undefined;
      throw error;
    }
  };

  /** A document in its configuration, whatever the policy is; undefined where it is not open or cannot be loaded. */
  const textViewOf = async (uri: string, cancellation: Cancellation): Promise<TreeView | undefined> => {
    const document = workspace.document(uri);
    if (document === undefined) return undefined;
    try {
      const { load } = await findConfigurationOf(document.path, await settingsFor(document.path), cancellation);
      return treeViewOf(await load(), document.path, uriOf);
    } catch (error) {
      if (error instanceof ConfigurationUnreadable) return undefined;
      throw error;
    }
  };

  const diagnostics = async (cancellation: Cancellation = never): Promise<DiagnosticsResult> => {
    const loaded = new Map<string, Promise<Outcome>>();
    const documents: DocumentStatus[] = [];
    const outcomes = new Set<Outcome>();
    for (const { uri, path } of workspace.documents()) {
      try {
        const outcome = await analyzeDocument(path, cancellation, loaded);
        outcomes.add(outcome);
        const { host: state } = outcome.analysis.context;
        documents.push(statusOf(uri, outcome, uriOf, state === null ? null : live.asOf(state)));
      } catch (error) {
        if (!(error instanceof PolicyError || error instanceof ConfigurationUnreadable)) throw error;
        documents.push({ ...withoutPolicy, uri, error: error.message });
      }
    }
    const files = await diagnosticsByUri(outcomes, uriOf, pacer(host, cancellation));
    for (const { uri } of workspace.documents()) if (!files.has(uri)) files.set(uri, []);
    return { files, documents };
  };

  /** The configurations of the open documents, else the one of this host; none where neither can be analysed. */
  const openOutcomes = async (cancellation: Cancellation): Promise<readonly Outcome[]> => {
    const loaded = new Map<string, Promise<Outcome>>();
    const outcomes = new Set<Outcome>();
    const attempts = workspace.documents().map(
      ({ path }) =>
        () =>
          analyzeDocument(path, cancellation, loaded),
    );
    for (const attempt of attempts.length > 0 || !surroundings.trusted
      ? attempts
      : [() => analyzeFile(HOST_MAIN, cancellation)]) {
      try {
        outcomes.add(await attempt());
      } catch (error) {
        if (!(error instanceof PolicyError || error instanceof ConfigurationUnreadable)) throw error;
      }
    }
    return [...outcomes];
  };

  const withoutConfiguration = async ({
    refusals,
    unprivileged,
  }: Gathered): Promise<Omit<ExplainedLog, "gathered" | "uriOf">> => {
    const path = `${surroundings.folders[0] ?? ""}/nginx.conf`;
    const settings = await settingsFor(path);
    const { context } = await contextOf(await choosePolicy(path, settings), settings, "", []);
    const given = {
      context: { ...context, ownSockets: new Set<string>() },
      configuration: null,
      accesses: [],
      unprivileged,
    };
    return { configuration: null, policy: context.policy.facts.info, explained: explainRefusals(refusals, given) };
  };

  return {
    configure: (next: Surroundings): void => {
      surroundings = next;
      live.forget();
      recorded.forget();
    },
    /** The hosts that are asked: what is known of them, and looking again. */
    hosts: {
      hold: (held: boolean): void => live.hold(held),
      use: () => live.use(),
      refresh: async (thoroughly: boolean): Promise<boolean> => {
        const changed = await live.refresh(thoroughly);
        return (await recorded.refresh()) || changed;
      },
    },
    openDocument: (uri: string, version: number, text: string): void =>
      workspace.setDocument({ uri, path: pathOfUri(uri), version, text }),
    changeDocument: (uri: string, version: number, text: string): void =>
      workspace.setDocument({ uri, path: pathOfUri(uri), version, text }),
    closeDocument: (uri: string): void => workspace.closeDocument(uri),
    analyzeFile,
    /** The main files below a directory, and the fragments that none of them includes. */
    configurationsBelow: async (
      directory: string,
      cancellation: Cancellation = never,
    ): Promise<FoundConfigurations> => {
      const settings = await settingsFor(`${directory}/nginx.conf`);
      return findConfigurations(
        directory,
        readerFor(`${directory}/nginx.conf`, settings, cancellation),
        loadOptions(settings),
      );
    },
    /**
     * The policy that answers for a document, or for the workspace (null), as a snapshot. Rejects with an error whose
     * message is for the user: the workspace is not trusted, or the policy cannot be written.
     */
    snapshot: async (uri: string | null): Promise<SnapshotResult> => {
      if (!surroundings.trusted) throw new PolicyError("the workspace is not trusted, so no policy is read or written");
      const path = uri === null ? `${surroundings.folders[0] ?? ""}/nginx.conf` : pathOfUri(uri);
      const settings = await settingsFor(path);
      const chosen = await choosePolicy(path, settings);
      const { source } = (await contextOf(chosen, settings, "", [])).context;
      return snapshotOf(chosen, source, host.date());
    },
    /** The policy that answers for a path, under the settings, with the host's state for `named`. Rejects with PolicyError. */
    policyFor: async (path: string, named: readonly NamedPath[] = []): Promise<PolicyInUse> => {
      const settings = await settingsFor(path);
      return contextOf(await choosePolicy(path, settings), settings, "", named);
    },
    /**
     * The accesses to a target, analysed as a configuration's are. Within the configuration of the file `config`: those
     * that it makes, else the target's own beside them, one by one. Without one (null): each of the target's own alone,
     * for a file at `path`. Rejects as `analyzeFile` does.
     */
    analyzeTarget: async (
      target: readonly Access[],
      config: string | null,
      path: string,
    ): Promise<readonly TargetAnswer[]> => {
      const settings = await settingsFor(config ?? path);
      const within = config === null ? null : await analyzeFile(config);
      const own = within === null ? [] : accessesTo(target, within.analysis.accesses);
      if (within !== null && own.length > 0) return own.map((access) => ({ ...within, access }));
      const answers: TargetAnswer[] = [];
      for (const access of target) {
        const analysed = await analyses.analyseAccess(
          access,
          within?.analysis ?? null,
          config ?? path,
          settings,
          never,
        );
        answers.push({ ...analysed, access });
      }
      return answers;
    },
    /** The diagnostics of all open documents and of every file that their configurations reach. */
    diagnostics,
    codeActions: async (
      uri: string,
      range: Range,
      context: CodeActionContext,
      cancellation: Cancellation = never,
    ): Promise<readonly CodeAction[]> => {
      const view = await viewOf(uri, cancellation);
      return view === undefined ? [] : codeActionsOf(view, range, context);
    },
    hover: async (uri: string, position: Position, cancellation: Cancellation = never): Promise<Hover | null> => {
      const view = await viewOf(uri, cancellation);
      return view === undefined ? null : hoverAt(view, position);
    },
    documentLinks: async (uri: string, cancellation: Cancellation = never): Promise<readonly DocumentLink[]> => {
      const view = await textViewOf(uri, cancellation);
      return view === undefined ? [] : documentLinksOf(view);
    },
    definition: async (
      uri: string,
      position: Position,
      cancellation: Cancellation = never,
    ): Promise<readonly Location[]> => {
      const view = await textViewOf(uri, cancellation);
      return view === undefined ? [] : definitionAt(view, position);
    },
    documentSymbols: async (uri: string, cancellation: Cancellation = never): Promise<readonly DocumentSymbol[]> => {
      const view = await textViewOf(uri, cancellation);
      return view === undefined ? [] : documentSymbolsOf(view.tree);
    },
    references: async (
      uri: string,
      position: Position,
      withDefinitions: boolean,
      cancellation: Cancellation = never,
    ): Promise<readonly Location[]> => {
      const view = await textViewOf(uri, cancellation);
      return view === undefined ? [] : referencesAt(view, position, withDefinitions);
    },
    documentHighlights: async (
      uri: string,
      position: Position,
      cancellation: Cancellation = never,
    ): Promise<readonly DocumentHighlight[]> => {
      const view = await textViewOf(uri, cancellation);
      return view === undefined ? [] : highlightsAt(view, position);
    },
    prepareRename: async (
      uri: string,
      position: Position,
      cancellation: Cancellation = never,
    ): Promise<RenameRange | null> => {
      const view = await textViewOf(uri, cancellation);
      return view === undefined ? null : renameRangeAt(view, position);
    },
    /** Rejects with CannotRename, whose message is for the user. */
    rename: async (
      uri: string,
      position: Position,
      newName: string,
      cancellation: Cancellation = never,
    ): Promise<WorkspaceEdit | null> => {
      const view = await textViewOf(uri, cancellation);
      return view === undefined ? null : renameAt(view, position, newName);
    },
    foldingRanges: async (uri: string, cancellation: Cancellation = never): Promise<readonly FoldingRange[]> => {
      const view = await textViewOf(uri, cancellation);
      return view === undefined ? [] : foldingRangesOf(view.tree);
    },
    selectionRanges: async (
      uri: string,
      positions: readonly Position[],
      cancellation: Cancellation = never,
    ): Promise<readonly SelectionRange[]> => {
      const view = await textViewOf(uri, cancellation);
      return view === undefined ? [] : selectionRangesAt(view.tree, positions);
    },
    /** Ports are among the items where a policy answers. */
    completions: async (
      uri: string,
      position: Position,
      cancellation: Cancellation = never,
    ): Promise<readonly CompletionItem[]> => {
      const analysed = await viewOf(uri, cancellation);
      const view = analysed ?? (await textViewOf(uri, cancellation));
      return view === undefined ? [] : completionsAt(view, position, analysed?.analysis.context ?? null);
    },
    /** Every fix of the configuration that a document belongs to, in one text; null where it cannot be analysed. */
    plan: async ({ uri, format }: PlanParams, cancellation: Cancellation = never): Promise<PlanResult | null> => {
      const document = workspace.document(uri);
      if (document === undefined) return null;
      try {
        const { analysis, chosen } = await analyzeDocument(document.path, cancellation);
        return { language: planLanguages[format], text: planText(format, analysis, chosen) };
      } catch (error) {
        if (error instanceof PolicyError || error instanceof ConfigurationUnreadable) return null;
        throw error;
      }
    },
    explain: async (params: ExplainParams, cancellation: Cancellation = never): Promise<ExplainResult | null> => {
      const view = await viewOf(params.uri, cancellation);
      return view === undefined ? null : explainFinding(view, params);
    },
    /** Lines of a log, joined to the configuration that explains them best: an open one, else this host's. */
    explainLog: async ({ text }: ExplainLogParams, cancellation: Cancellation = never): Promise<ExplainResult> => {
      const gathered = gatherText(text);
      const outcomes = await openOutcomes(cancellation);
      const explanations = outcomes.map(({ analysis }) => ({
        configuration: analysis.configuration,
        policy: analysis.context.policy.facts.info,
        explained: explainRefusals(gathered.refusals, {
          context: analysis.evaluator.context,
          configuration: analysis.configuration,
          accesses: analysis.accesses,
          unprivileged: gathered.unprivileged,
        }),
      }));
      const joined = explanations.find(({ explained }) => explained.some(({ places }) => places.length > 0));
      const best = joined ?? explanations[0] ?? (await withoutConfiguration(gathered));
      return explainLogLines({ gathered, uriOf, ...best });
    },
    module: async (params: ModuleParams, cancellation: Cancellation = never): Promise<ModuleResult | null> => {
      const view = await viewOf(params.uri, cancellation);
      return view === undefined ? null : moduleFileOf(view, params);
    },
  };
}
