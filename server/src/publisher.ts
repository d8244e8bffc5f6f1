/** Diagnostics to the client: pushed after each change or pulled by it, never for an older state than the newest one. */
import type { Diagnostic, RelatedFullDocumentDiagnosticReport, DocumentDiagnosticReport } from "./features/lsp.ts";
import type { DiagnosticsResult } from "./features/diagnosticsResult.ts";
import type { StatusParams } from "./protocol.ts";
import { Cancelled, type Cancellation } from "./workspace.ts";

/** Runs work after some milliseconds; the result takes it back. */
export type Schedule = (work: () => void, milliseconds: number) => () => void;

export interface PublisherOptions {
  readonly compute: (cancellation: Cancellation) => Promise<DiagnosticsResult>;
  /** Sends the diagnostics of one file; null where the client pulls. */
  readonly push: ((uri: string, diagnostics: Diagnostic[]) => void) | null;
  /** Asks the client to pull again; null where it pushes or cannot be asked. */
  readonly refresh: (() => Promise<void>) | null;
  readonly status: ((status: StatusParams) => void) | null;
  readonly isOpen: (uri: string) => boolean;
  readonly schedule: Schedule;
  readonly now: () => number;
  readonly log: (error: unknown) => void;
}

export interface Publisher {
  /** Says that something changed: text, files, settings, trust. */
  changed(): void;
  /** Answers a pull for one document. */
  pull(uri: string, previous: string | undefined, cancellation: Cancellation): Promise<DocumentDiagnosticReport>;
}

/** Waiting for more changes costs time; a computation that takes no time does not wait. */
const LONGEST_WAIT = 500;
const SHORT = 10;

export function createPublisher(options: PublisherOptions): Publisher {
  let generation = 0;
  let running: { aborted: boolean } = { aborted: false };
  let takeBack = (): void => undefined;
  let lastDuration = 0;
  let lastStatus = "";
  /** What was sent last, by URI; files without diagnostics are left out. */
  let sent = new Map<string, string>();
  let computed: { readonly generation: number; readonly result: Promise<DiagnosticsResult> } | null = null;
  /** Files outside of the editor that a pull of each document reported, so that they can be cleared. */
  const related = new Map<string, ReadonlySet<string>>();
  const resultIds = new Map<string, { readonly text: string; readonly id: string }>();
  let nextId = 0;

  /** One computation a generation, shared by everybody who asks. */
  const compute = (): Promise<DiagnosticsResult> => {
    if (computed?.generation === generation) return computed.result;
    running = { aborted: false };
    const began = options.now();
    const result = options.compute(running).then((value) => {
      lastDuration = options.now() - began;
      return value;
    });
    computed = { generation, result };
    return result;
  };

  const sayStatus = (result: DiagnosticsResult): void => {
    const status: StatusParams = { documents: result.documents };
    const text = JSON.stringify(status);
    if (text === lastStatus) return;
    lastStatus = text;
    options.status?.(status);
  };

  const pushAll = async (): Promise<void> => {
    const mine = generation;
    const result = await compute();
    if (mine !== generation) return;
    sayStatus(result);
    if (options.push === null) return;
    const now = new Map<string, string>();
    for (const [uri, diagnostics] of result.files) {
      const text = diagnostics.length === 0 ? "" : JSON.stringify(diagnostics);
      if (text !== "") now.set(uri, text);
      if (text !== (sent.get(uri) ?? "")) options.push(uri, [...diagnostics]);
    }
    for (const uri of sent.keys()) if (!result.files.has(uri)) options.push(uri, []);
    sent = now;
  };

  const fenced = (work: Promise<void>): void => {
    work.catch((error: unknown) => {
      if (!(error instanceof Cancelled)) options.log(error);
    });
  };

  return {
    changed() {
      generation++;
      running.aborted = true;
      takeBack();
      const wait = lastDuration < SHORT ? 0 : Math.min(LONGEST_WAIT, 2 * lastDuration);
      takeBack = options.schedule(() => {
        fenced(pushAll());
        if (options.refresh !== null) fenced(options.refresh());
      }, wait);
    },
    async pull(uri, previous, cancellation) {
      for (;;) {
        const mine = generation;
        let result: DiagnosticsResult;
        try {
          result = await compute();
        } catch (error) {
          if (error instanceof Cancelled && mine !== generation && !cancellation.aborted) continue;
          throw error;
        }
        if (cancellation.aborted) throw new Cancelled();
        if (mine !== generation) continue;
        return report(uri, previous, result);
      }
    },
  };

  function report(uri: string, previous: string | undefined, result: DiagnosticsResult): DocumentDiagnosticReport {
    const others: Record<string, RelatedFullDocumentDiagnosticReport> = {};
    const reported = new Set<string>();
    for (const [other, diagnostics] of result.files) {
      if (options.isOpen(other)) continue;
      if (diagnostics.length > 0) reported.add(other);
      if (diagnostics.length > 0 || related.get(uri)?.has(other) === true)
        others[other] = { kind: "full", items: [...diagnostics] };
    }
    for (const other of related.get(uri) ?? [])
      if (!result.files.has(other)) others[other] = { kind: "full", items: [] };
    related.set(uri, reported);
    const items = result.files.get(uri) ?? [];
    const text = JSON.stringify([items, others]);
    const known = resultIds.get(uri);
    if (known?.text === text && known.id === previous) return { kind: "unchanged", resultId: known.id };
    const id = String(++nextId);
    resultIds.set(uri, { text, id });
    return { kind: "full", resultId: id, items: [...items], relatedDocuments: others };
  }
}
