/** What editors ask of documents, on top of the engine: the API that the language server and the tests call. */
import type {
  CodeAction,
  CodeActionContext,
  CodeLens,
  CompletionItem,
  DocumentHighlight,
  DocumentLink,
  DocumentSymbol,
  FoldingRange,
  Hover,
  InlayHint,
  Location,
  SelectionRange,
  SemanticTokens,
  TextEdit,
  WorkspaceEdit,
} from "./features/lsp.ts";
import { explainRefusals } from "./analysis/explainDenials.ts";
import { gatherText, type Gathered } from "./denials/gather.ts";
import { codeActionsOf } from "./features/codeActions.ts";
import { codeLensesOf } from "./features/codeLenses.ts";
import { inlayHintsOf } from "./features/inlayHints.ts";
import type { DiagnosticsResult } from "./features/diagnosticsResult.ts";
import { definitionAt } from "./features/definition.ts";
import { diagnosticsByUri } from "./features/configurationDiagnostics.ts";
import { statusOf, withoutPolicy } from "./features/documentStatus.ts";
import { documentLinksOf } from "./features/documentLinks.ts";
import { documentSymbolsOf } from "./features/documentSymbols.ts";
import { explainLogLines, type ExplainedLog } from "./features/explainLog.ts";
import { completionsAt } from "./features/completion/completion.ts";
import { includeDirectoryAt } from "./features/completion/includePaths.ts";
import { foldingRangesOf } from "./features/foldingRanges.ts";
import { highlightsAt, referencesAt } from "./features/references.ts";
import { renameAt, renameRangeAt, type RenameRange } from "./features/rename.ts";
import { selectionRangesAt } from "./features/selectionRanges.ts";
import { semanticTokensOf } from "./features/semanticTokens.ts";
import { explainFinding } from "./features/explainFinding.ts";
import type { ActionAbilities } from "./features/fixActions.ts";
import { silenceEdit } from "./features/silenceFinding.ts";
import { commandsOfFix, moduleFileOf } from "./features/fixFiles.ts";
import { fileView, treeViewOf, type Documents, type FileView, type TreeView } from "./features/fileView.ts";
import { verified } from "./features/verified.ts";
import { directiveHoverAt } from "./features/directiveHover.ts";
import { hoverAt } from "./features/hover.ts";
import type { Host } from "./host/host.ts";
import { fileAtLine } from "./nginx/load/dump.ts";
import { withPlannedFixes } from "./offers/deniedOffers.ts";
import { planLanguages, planText } from "./offers/planText.ts";
import type {
  DocumentStatus,
  ExplainLogParams,
  ExplainParams,
  CommandsArgument,
  FixParams,
  ModuleResult,
  ExplainResult,
  PlanParams,
  PlanResult,
  ReportParams,
  ReportResult,
  SilenceRequestParams,
  VerifyParams,
  VerifyResult,
} from "./shared/protocol.ts";
import { reportPageOf } from "./features/reportPage.ts";
import type { Position, PositionEncoding, Range } from "./base/text.ts";
import { pathOfUri, uriOfPath } from "./base/uri.ts";
import type { Surroundings } from "./workspace/surroundings.ts";
import { ignoredSettings, unreadMainFile } from "./workspace/ignoredSettings.ts";
import { Cancelled, pacer, type Cancellation } from "./workspace/workspace.ts";
import { Computation, isReasonForNone, type Outcome } from "./workspace/analyses.ts";
import { Engine, never } from "./workspace/engine.ts";

/** Answers for one client. Positions are LSP's; a URI names a document. */
export class LanguageService extends Engine {
  /** How the client counts columns. */
  encoding: PositionEncoding = "utf-16";

  /** The diagnostics of all open documents and of every file that their configurations reach. */
  async diagnostics(cancellation: Cancellation = never): Promise<DiagnosticsResult> {
    const { workspace } = this.area;
    const computation = new Computation(this.area.host);
    const documents: DocumentStatus[] = [];
    const outcomes = new Map<Outcome, Documents>();
    for (const { uri, path } of workspace.documents()) {
      const ignored = await ignoredSettings(this.host, this.area.surroundings, path);
      try {
        const outcome = await this.analyses.ofDocument(path, cancellation, computation);
        const holding = this.#documentsOf(outcome);
        outcomes.set(outcome, holding);
        const { host: state } = outcome.analysis.context;
        const asOf = state === null ? null : this.policies.live.asOf(state);
        const unread = await unreadMainFile(this.host, this.area.surroundings, path, outcome.main);
        documents.push(statusOf(uri, outcome, holding, asOf, [...ignored, ...unread]));
      } catch (error) {
        documents.push({ ...withoutPolicy, uri, ignored, error: this.#reasonOf(error) });
      }
    }
    const analyses = [...outcomes].map(([{ analysis }, holding]) => ({ analysis, documents: holding }));
    const files = await diagnosticsByUri(analyses, pacer(this.host, cancellation));
    for (const { uri } of workspace.documents()) if (!files.has(uri)) files.set(uri, []);
    return { files, documents };
  }

  /** Why a configuration was not checked, for the user. One that fails stops none of the others; rethrows Cancelled. */
  #reasonOf(error: unknown): string {
    if (isReasonForNone(error)) return error.message;
    if (error instanceof Cancelled) throw error;
    const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
    this.host.log("error", stack);
    return `the check of this configuration failed (${stack.split("\n", 1).join()}); please report this`;
  }

  async codeActions(
    uri: string,
    range: Range,
    context: CodeActionContext,
    abilities: ActionAbilities,
    cancellation: Cancellation = never,
  ): Promise<readonly CodeAction[]> {
    const view = await this.#viewOf(uri, range.start, cancellation);
    return view === undefined ? [] : codeActionsOf(view, range, context, abilities);
  }

  /** `links`: with links to our client's commands. */
  async hover(
    uri: string,
    position: Position,
    links: boolean,
    cancellation: Cancellation = never,
  ): Promise<Hover | null> {
    const view = await this.#viewOf(uri, position, cancellation);
    const known = view === undefined ? null : hoverAt(view, position, links);
    if (known !== null) return known;
    const text = view ?? (await this.#textViewOf(uri, cancellation));
    return text === undefined ? null : directiveHoverAt(text, position);
  }

  async inlayHints(uri: string, range: Range, cancellation: Cancellation = never): Promise<readonly InlayHint[]> {
    const path = this.area.workspace.document(uri)?.path;
    if (path === undefined) return [];
    const { inlayHints } = await this.area.settingsFor(path);
    const view = inlayHints === "off" ? undefined : await this.#viewOf(uri, range.start, cancellation);
    return view === undefined ? [] : inlayHintsOf(view, range, inlayHints);
  }

  async codeLenses(uri: string, cancellation: Cancellation = never): Promise<readonly CodeLens[]> {
    const view = await this.#viewOf(uri, { line: 0 }, cancellation);
    return view === undefined ? [] : codeLensesOf(view);
  }

  async documentLinks(uri: string, cancellation: Cancellation = never): Promise<readonly DocumentLink[]> {
    const view = await this.#textViewOf(uri, cancellation);
    return view === undefined ? [] : documentLinksOf(view);
  }

  async definition(uri: string, position: Position, cancellation: Cancellation = never): Promise<readonly Location[]> {
    const view = await this.#textViewOf(uri, cancellation);
    return view === undefined ? [] : definitionAt(view, position);
  }

  async documentSymbols(uri: string, cancellation: Cancellation = never): Promise<readonly DocumentSymbol[]> {
    const view = await this.#textViewOf(uri, cancellation);
    return view === undefined ? [] : documentSymbolsOf(view);
  }

  async references(
    uri: string,
    position: Position,
    withDefinitions: boolean,
    cancellation: Cancellation = never,
  ): Promise<readonly Location[]> {
    const view = await this.#textViewOf(uri, cancellation);
    return view === undefined ? [] : referencesAt(view, position, withDefinitions);
  }

  async documentHighlights(
    uri: string,
    position: Position,
    cancellation: Cancellation = never,
  ): Promise<readonly DocumentHighlight[]> {
    const view = await this.#textViewOf(uri, cancellation);
    return view === undefined ? [] : highlightsAt(view, position);
  }

  async prepareRename(
    uri: string,
    position: Position,
    cancellation: Cancellation = never,
  ): Promise<RenameRange | null> {
    const view = await this.#textViewOf(uri, cancellation);
    return view === undefined ? null : renameRangeAt(view, position);
  }

  /** Rejects with CannotRename, whose message is for the user. */
  async rename(
    uri: string,
    position: Position,
    newName: string,
    cancellation: Cancellation = never,
  ): Promise<WorkspaceEdit | null> {
    const view = await this.#textViewOf(uri, cancellation);
    return view === undefined ? null : renameAt(view, position, newName);
  }

  async foldingRanges(uri: string, cancellation: Cancellation = never): Promise<readonly FoldingRange[]> {
    const view = await this.#textViewOf(uri, cancellation);
    return view === undefined ? [] : foldingRangesOf(view.tree);
  }

  async semanticTokens(uri: string, cancellation: Cancellation = never): Promise<SemanticTokens> {
    const view = await this.#textViewOf(uri, cancellation);
    return view === undefined ? { data: [] } : semanticTokensOf(view);
  }

  async selectionRanges(
    uri: string,
    positions: readonly Position[],
    cancellation: Cancellation = never,
  ): Promise<readonly SelectionRange[]> {
    const view = await this.#textViewOf(uri, cancellation);
    return view === undefined ? [] : selectionRangesAt(view, positions);
  }

  /** Ports are among the items where a policy answers. */
  async completions(
    uri: string,
    position: Position,
    cancellation: Cancellation = never,
  ): Promise<readonly CompletionItem[]> {
    const analysed = await this.#viewOf(uri, position, cancellation);
    const view = analysed ?? (await this.#textViewOf(uri, cancellation));
    if (view === undefined) return [];
    const directory = includeDirectoryAt(view, position);
    const entries = directory === null ? [] : await this.analyses.includable(pathOfUri(uri), directory, cancellation);
    return completionsAt(view, position, analysed?.analysis.context ?? null, entries);
  }

  /** Every fix of the configuration that a document belongs to, in one text; null where it cannot be analysed. */
  async plan({ uri, format }: PlanParams, cancellation: Cancellation = never): Promise<PlanResult | null> {
    const outcome = await this.#outcomeOf(uri, cancellation);
    if (outcome === undefined) return null;
    return { language: planLanguages[format], text: planText(format, outcome.analysis, outcome.chosen) };
  }

  /** The report of the configuration that a document belongs to, as a page; null where it cannot be analysed. */
  async report({ uri, version }: ReportParams, cancellation: Cancellation = never): Promise<ReportResult | null> {
    const outcome = await this.#outcomeOf(uri, cancellation);
    if (outcome === undefined) return null;
    const date = new Date(this.host.date()).toISOString().slice(0, 10);
    return reportPageOf(outcome.analysis, outcome.chosen, this.#documentsOf(outcome), { version, date });
  }

  /** All that is known of one finding; null where it is gone. */
  async explain(params: ExplainParams, cancellation: Cancellation = never): Promise<ExplainResult | null> {
    const view = await this.#viewOf(params.uri, params, cancellation);
    return view === undefined ? null : explainFinding(view, params);
  }

  /** Whether this host has refused anything of a document's configuration since `since`; null where it cannot be analysed. */
  async verify({ uri, since }: VerifyParams, cancellation: Cancellation = never): Promise<VerifyResult | null> {
    const path = this.area.workspace.document(uri)?.path;
    if (path === undefined) return null;
    if (since === null) return { now: this.host.date(), message: "" };
    const refused = await this.analyses.refusedSince(path, since, cancellation).catch(noneForReason);
    return refused === undefined ? null : { now: this.host.date(), message: verified(refused, since) };
  }

  /** The shell commands of a fix; null where the finding or the fix is gone. */
  async fixCommands(params: FixParams, cancellation: Cancellation = never): Promise<CommandsArgument | null> {
    const view = await this.#viewOf(params.uri, params, cancellation);
    return view === undefined ? null : commandsOfFix(view, params);
  }

  /** The policy module of a fix; null where the finding or the fix is gone. */
  async module(params: FixParams, cancellation: Cancellation = never): Promise<ModuleResult | null> {
    const view = await this.#viewOf(params.uri, params, cancellation);
    return view === undefined ? null : moduleFileOf(view, params);
  }

  /** The edit that silences a rule at a finding; null where the finding is gone, or the reason is none. */
  async silence(params: SilenceRequestParams, cancellation: Cancellation = never): Promise<TextEdit | null> {
    const view = await this.#viewOf(params.uri, params, cancellation);
    return view === undefined ? null : silenceEdit(view, params);
  }

  /**
   * Lines of a log, joined to the configuration that explains them best: that of the file `config`, an open one, else this
   * host's. Rejects as `analyzeFile` does for `config`.
   */
  async explainLog(
    { text }: ExplainLogParams,
    cancellation: Cancellation = never,
    config: string | null = null,
  ): Promise<ExplainResult> {
    const gathered = gatherText(text);
    const { refusals, unprivileged } = gathered;
    const outcomes =
      config === null
        ? await this.analyses.ofOpenDocuments(cancellation)
        : [await this.analyses.ofFile(config, cancellation)];
    const explanations = outcomes.map((outcome) => {
      const { analysis } = outcome;
      const { configuration, accesses } = analysis;
      const { context } = analysis.evaluator;
      return {
        configuration,
        policy: analysis.context.policy.facts.info,
        explained: withPlannedFixes(
          explainRefusals(refusals, { context, configuration, accesses, unprivileged }),
          analysis,
        ),
      };
    });
    const joined = explanations.find(({ explained }) => explained.some(({ places }) => places.length > 0));
    const best = joined ?? explanations[0] ?? (await this.#withoutConfiguration(gathered));
    return explainLogLines({ gathered, folders: this.area.surroundings.folders, ...best });
  }

  async #withoutConfiguration({
    refusals,
    unprivileged,
  }: Gathered): Promise<Omit<ExplainedLog, "gathered" | "folders">> {
    const { context } = await this.policies.policyFor(this.workspacePath(), []);
    const given = {
      context: { ...context, ownSockets: new Set<string>() },
      configuration: null,
      accesses: [],
      unprivileged,
    };
    const explained = explainRefusals(refusals, given);
    return { configuration: null, policy: context.policy.facts.info, explained };
  }

  #uriOf(path: string): string {
    return this.area.workspace.documents().find((each) => each.path === path)?.uri ?? uriOfPath(path);
  }

  /** The documents that hold the files of a configuration; null for one of any files. */
  #documentsOf(outcome: Outcome | null): Documents {
    const { encoding } = this;
    const found = outcome?.dump ?? null;
    if (found === null) return { uriOf: (path) => this.#uriOf(path), firstLineOf: () => 0, encoding };
    const uri = this.#uriOf(found.path);
    return { uriOf: () => uri, firstLineOf: (path) => found.dump.files.get(path)?.line ?? 0, encoding };
  }

  /** The analysis that an open document belongs to; undefined where it is not open or cannot be analysed. */
  async #outcomeOf(uri: string, cancellation: Cancellation): Promise<Outcome | undefined> {
    const document = this.area.workspace.document(uri);
    if (document === undefined) return undefined;
    return this.analyses.ofDocument(document.path, cancellation).catch(noneForReason);
  }

  /** The file at a line of a document, in the configuration that it belongs to; undefined where it is not open or cannot be analysed. */
  async #viewOf(
    uri: string,
    { line }: Pick<Position, "line">,
    cancellation: Cancellation,
  ): Promise<FileView | undefined> {
    const outcome = await this.#outcomeOf(uri, cancellation);
    const path = this.area.workspace.document(uri)?.path;
    if (outcome === undefined || path === undefined) return undefined;
    const file = outcome.dump === null ? path : fileAtLine(outcome.dump.dump, line);
    return file === undefined ? undefined : fileView(outcome.analysis, file, this.#documentsOf(outcome));
  }

  /** A document in its configuration, whatever the policy is; undefined where it is not open or cannot be loaded. */
  async #textViewOf(uri: string, cancellation: Cancellation): Promise<TreeView | undefined> {
    const document = this.area.workspace.document(uri);
    if (document === undefined) return undefined;
    const configuration = await this.analyses
      .find(document.path, cancellation)
      .then(({ load }) => load())
      .catch(noneForReason);
    if (configuration === undefined) return undefined;
    return treeViewOf(configuration, document.path, this.#documentsOf(null));
  }
}

/** Nothing, for an error that says why there is nothing; any other error again. */
function noneForReason(error: unknown): undefined {
  if (!isReasonForNone(error)) throw error;
}

/** `surroundings`: those of a command line without options, if none are given. */
export function createLanguageService(host: Host, surroundings?: Surroundings): LanguageService {
  return new LanguageService(host, surroundings);
}
