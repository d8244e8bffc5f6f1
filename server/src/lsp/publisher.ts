/** Diagnostics to the client: pushed after each change or pulled by it, never for an older state than the newest one. */
import type { Diagnostic, RelatedFullDocumentDiagnosticReport, DocumentDiagnosticReport } from "../features/lsp.ts";
import type { DiagnosticsResult } from "../features/diagnosticsResult.ts";
import type { StatusParams } from "../shared/protocol.ts";
import { Cancelled, type Cancellation } from "../workspace/workspace.ts";

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
  /** Says that something changed: text, files, settings, trust. `atOnce`: nothing more is likely to follow. */
  changed(atOnce?: boolean): void;
  /** Answers a pull for one document. */
  pull(uri: string, previous: string | undefined, cancellation: Cancellation): Promise<DocumentDiagnosticReport>;
}

/** Waiting for more changes costs time; a computation that takes no time does not wait. */
const LONGEST_WAIT = 500;
const SHORT = 10;

export function createPublisher(options: PublisherOptions): Publisher {
  return new DiagnosticsPublisher(options);
}

class DiagnosticsPublisher implements Publisher {
  readonly #options: PublisherOptions;
  readonly #pulled: PulledReports;
  /** Counts changes: a result of an older generation is never sent. */
  #generation = 0;
  #running: { aborted: boolean } = { aborted: false };
  #computed: { readonly generation: number; readonly result: Promise<DiagnosticsResult> } | null = null;
  #lastDuration = 0;
  #takeBack = (): void => undefined;
  #lastStatus = "";
  /** Diagnostics that were pushed last, by URI; files without diagnostics are left out. */
  #pushed: ReadonlyMap<string, string> = new Map();

  constructor(options: PublisherOptions) {
    this.#options = options;
    this.#pulled = new PulledReports(options.isOpen);
  }

  changed(atOnce = false): void {
    const { schedule, refresh } = this.#options;
    this.#generation++;
    this.#running.aborted = true;
    this.#takeBack();
    const wait = atOnce || this.#lastDuration < SHORT ? 0 : Math.min(LONGEST_WAIT, 2 * this.#lastDuration);
    this.#takeBack = schedule(() => {
      this.#fenced(this.#pushAll());
      if (refresh !== null) this.#fenced(refresh());
    }, wait);
  }

  async pull(uri: string, previous: string | undefined, cancellation: Cancellation): Promise<DocumentDiagnosticReport> {
    for (;;) {
      const mine = this.#generation;
      let result: DiagnosticsResult;
      try {
        result = await this.#compute();
      } catch (error) {
        if (error instanceof Cancelled && mine !== this.#generation && !cancellation.aborted) continue;
        throw error;
      }
      if (cancellation.aborted) throw new Cancelled();
      if (mine !== this.#generation) continue;
      return this.#pulled.report(uri, previous, result);
    }
  }

  /** One computation a generation, shared by all callers. */
  #compute(): Promise<DiagnosticsResult> {
    if (this.#computed?.generation === this.#generation) return this.#computed.result;
    this.#running = { aborted: false };
    const began = this.#options.now();
    const result = this.#options.compute(this.#running).then((value) => {
      this.#lastDuration = this.#options.now() - began;
      return value;
    });
    this.#computed = { generation: this.#generation, result };
    return result;
  }

  async #pushAll(): Promise<void> {
    const mine = this.#generation;
    const result = await this.#compute();
    if (mine !== this.#generation) return;
    this.#sayStatus(result);
    const { push } = this.#options;
    if (push === null) return;
    const now = new Map<string, string>();
    for (const [uri, diagnostics] of result.files) {
      const text = diagnostics.length === 0 ? "" : JSON.stringify(diagnostics);
      if (text !== "") now.set(uri, text);
      if (text !== (this.#pushed.get(uri) ?? "")) push(uri, [...diagnostics]);
    }
    for (const uri of this.#pushed.keys()) if (!result.files.has(uri)) push(uri, []);
    this.#pushed = now;
  }

  #sayStatus(result: DiagnosticsResult): void {
    const status: StatusParams = { documents: result.documents };
    const text = JSON.stringify(status);
    if (text === this.#lastStatus) return;
    this.#lastStatus = text;
    this.#options.status?.(status);
  }

  #fenced(work: Promise<void>): void {
    work.catch((error: unknown) => {
      if (!(error instanceof Cancelled)) this.#options.log(error);
    });
  }
}

/** What pulls were answered with, so that an unchanged answer is said to be one and files that became clean are cleared. */
class PulledReports {
  readonly #isOpen: PublisherOptions["isOpen"];
  /** Files outside of the editor that a pull of each document reported. */
  readonly #related = new Map<string, ReadonlySet<string>>();
  readonly #answers = new Map<string, { readonly text: string; readonly id: string }>();
  #nextId = 0;

  constructor(isOpen: PublisherOptions["isOpen"]) {
    this.#isOpen = isOpen;
  }

  /** `previous`: the id of the answer that the client has. */
  report(uri: string, previous: string | undefined, result: DiagnosticsResult): DocumentDiagnosticReport {
    const others = this.#others(uri, result);
    const items = result.files.get(uri) ?? [];
    const text = JSON.stringify([items, others]);
    const known = this.#answers.get(uri);
    if (known?.text === text && known.id === previous) return { kind: "unchanged", resultId: known.id };
    const id = String(++this.#nextId);
    this.#answers.set(uri, { text, id });
    return { kind: "full", resultId: id, items: [...items], relatedDocuments: others };
  }

  /** The diagnostics of files that are not open, and none for those that had some the last time. */
  #others(uri: string, { files }: DiagnosticsResult): Record<string, RelatedFullDocumentDiagnosticReport> {
    const others: Record<string, RelatedFullDocumentDiagnosticReport> = {};
    const before = this.#related.get(uri);
    const reported = new Set<string>();
    for (const [other, diagnostics] of files) {
      if (this.#isOpen(other)) continue;
      if (diagnostics.length > 0) reported.add(other);
      if (diagnostics.length > 0 || before?.has(other) === true)
        others[other] = { kind: "full", items: [...diagnostics] };
    }
    for (const other of before ?? []) if (!files.has(other)) others[other] = { kind: "full", items: [] };
    this.#related.set(uri, reported);
    return others;
  }
}
