/** What a client says its settings are: with `initialize`, by itself, or when it is asked. */
import type { Connection } from "vscode-languageserver";
import { settingsSection } from "../shared/settings.ts";
import { mergedSections, sectionOf } from "./parameters.ts";
import type { Schedule } from "./publisher.ts";
import type { FolderSettings } from "./serverSettings.ts";

/** Milliseconds that a client gets to say its settings. */
const PATIENCE = 2000;

export class ClientSettings {
  readonly #connection: Connection;
  readonly #schedule: Schedule;
  readonly #log: (error: unknown) => void;
  readonly #changed: () => void;
  /** Settings that came with `initialize`: what others are put on top of. */
  #initial: unknown = undefined;
  /** Settings that a client without `workspace/configuration` has sent. */
  #pushed: unknown = undefined;
  /** True while a question for the settings waits for its answer longer than `PATIENCE`. */
  #isLate = false;

  /** `changed`: a late answer has come, so that the settings are to be read again. */
  constructor(connection: Connection, schedule: Schedule, log: (error: unknown) => void, changed: () => void) {
    this.#connection = connection;
    this.#schedule = schedule;
    this.#log = log;
    this.#changed = changed;
  }

  /** Takes the options of `initialize`; the settings in them, for everything. */
  begin(options: unknown): readonly FolderSettings[] {
    this.#initial = sectionOf(options);
    return [{ folder: null, value: this.#initial }];
  }

  /** Takes settings that the client has sent. */
  push(settings: unknown): void {
    this.#pushed = sectionOf(settings);
  }

  /** The settings of each folder and of everything outside of folders. `folders`: URIs by path. `asks`: the client can be asked. */
  async read(folders: ReadonlyMap<string, string>, asks: boolean): Promise<readonly FolderSettings[]> {
    const scopes: readonly (readonly [path: string, uri: string] | null)[] = [...folders, null];
    const values = asks ? await this.#ask(scopes.map((scope) => scope?.[1] ?? null)) : null;
    return scopes.map((scope, i) => ({
      folder: scope?.[0] ?? null,
      value: mergedSections(this.#initial, sectionOf(values?.[i]) ?? this.#pushed),
    }));
  }

  /** The client's answers by scope; null where it gives none in time, or an error. One that comes later is taken in when it comes. */
  async #ask(scopes: readonly (string | null)[]): Promise<readonly unknown[] | null> {
    const items = scopes.map((scopeUri) => ({ section: settingsSection, ...(scopeUri === null ? {} : { scopeUri }) }));
    if (this.#isLate) return null;
    const asked: Promise<unknown> = this.#connection.workspace.getConfiguration(items).catch((error: unknown) => {
      this.#log(error);
      return null;
    });
    const late = Symbol("late");
    const patience = new Promise<typeof late>((resolve) => {
      const takeBack = this.#schedule(() => resolve(late), PATIENCE);
      void asked.then(takeBack, takeBack);
    });
    const values = await Promise.race([asked, patience]);
    if (values !== late) return Array.isArray(values) ? values : null;
    this.#connection.console.warn(
      "The client did not answer workspace/configuration; what its initialize said is used, and the defaults.",
    );
    this.#isLate = true;
    void asked.then(() => {
      this.#isLate = false;
      this.#changed();
    });
    return null;
  }
}
