/** Which handlers read a directive in which block, with the form that nginx checks before it calls one. */
import { memo } from "../../base/memo.ts";
import type { BlockKind } from "../blocks/blocks.ts";
import type { DirectiveForm } from "../tree/directives.ts";
import { acceptsCount, directiveContexts, directiveForm, isNginxDirective } from "../tree/directives.ts";
import { answerDirectives } from "../handlers/answerDirectives.ts";
import { blockDirectives } from "../handlers/blockDirectives.ts";
import type { DirectiveRow, Form, Handler } from "../handlers/handler.ts";
import { isHarmless } from "../handlers/harmlessDirectives.ts";
import { moduleDirectives } from "../handlers/moduleDirectives.ts";
import { passDirectives } from "../handlers/passDirectives.ts";
import { pathDirectives } from "../handlers/pathDirectives.ts";
import { plusDirectives } from "../handlers/plusDirectives.ts";
import { rtmpDirectives } from "../handlers/rtmpDirectives.ts";
import { searchPathDirectives } from "../handlers/searchPaths.ts";
import { serviceDirectives } from "../handlers/serviceDirectives.ts";
import { upstreamDirectives } from "../handlers/upstreamDirectives.ts";
import { variableDirectives } from "../handlers/variableDirectives.ts";
import type { Statement, Tree } from "../tree/tree.ts";
import type { StatementReader } from "../blocks/statementReader.ts";

/** A form, ready to be compared with statements. */
export interface CheckedForm {
  readonly end: Form["end"];
  /** By number of arguments; the last element stands for more. */
  readonly accepts: readonly boolean[];
  /** The least number of arguments that is accepted. */
  readonly least: number;
}

/** A handler of another module's directive, with the form that its statements must have. */
interface ForeignReading {
  readonly form: CheckedForm;
  readonly run: Handler;
}

/** What is known of a directive in a kind of block. */
export interface Entry {
  /** The form that the table demands; null for a directive of another module. */
  readonly own: CheckedForm | null;
  /** True if nginx's own: what is wrong with its form is said. */
  readonly isNginx: boolean;
  /** Handlers of a directive that the table has. */
  readonly runs: readonly Handler[];
  readonly foreign: readonly ForeignReading[];
  /** False where there is no handler of either kind. */
  readonly isRead: boolean;
}

/** What is known of the directives in a block. */
export interface DirectiveTable {
  get(name: string): Entry | undefined;
}

/** Index in `CheckedForm.accepts` that stands for more than any directive with a fixed number takes (NGX_CONF_MAX_ARGS). */
const MANY_ARGUMENTS = 10;

const rows: readonly DirectiveRow[] = [
  ...blockDirectives,
  ...passDirectives,
  ...upstreamDirectives,
  ...variableDirectives,
  ...serviceDirectives,
  ...rtmpDirectives,
  ...pathDirectives,
  ...answerDirectives,
  ...moduleDirectives,
  ...plusDirectives,
  ...searchPathDirectives,
];

const checkedForms = new Map<string, CheckedForm>();

/** A form made ready; equal ones are one. */
function checkedForm(end: Form["end"], counts: string): CheckedForm {
  const key = `${end} ${counts}`;
  let form = checkedForms.get(key);
  if (form === undefined) {
    const accepts = Array.from({ length: MANY_ARGUMENTS + 1 }, (_, count) => acceptsCount(counts, count));
    form = { end, accepts, least: Math.max(0, accepts.indexOf(true)) };
    checkedForms.set(key, form);
  }
  return form;
}

/** The form of a name of the table. */
function ownForm(name: string, form: DirectiveForm): CheckedForm {
  return checkedForm(!form.block ? "simple" : name.endsWith("_by_lua_block") ? "lua" : "block", form.counts);
}

/** The rows by name, so that a table is made in one pass. */
function byName(all: readonly DirectiveRow[]): Map<string, DirectiveRow[]> {
  const found = new Map<string, DirectiveRow[]>();
  for (const row of all) {
    for (const name of row.names) {
      const others = found.get(name);
      if (others === undefined) found.set(name, [row]);
      else others.push(row);
    }
  }
  return found;
}

const named = byName(rows);

/** Entries are made when a directive is first read: a configuration has some tens of a thousand. */
class TableOfKind implements DirectiveTable {
  readonly #kind: BlockKind;
  readonly #entries = new Map<string, Entry>();

  constructor(kind: BlockKind) {
    this.#kind = kind;
  }

  get(name: string): Entry | undefined {
    const known = this.#entries.get(name);
    if (known !== undefined) return known;
    // A name that is not known is not kept: a configuration may have any number of them.
    const entry = this.#entryOf(name);
    if (entry !== undefined) this.#entries.set(name, entry);
    return entry;
  }

  #entryOf(name: string): Entry | undefined {
    const has = (row: DirectiveRow): boolean => row.blocks === null || row.blocks.includes(this.#kind);
    const here = (named.get(name) ?? []).filter(has);
    const form = name === "include" ? undefined : directiveForm(name, this.#kind);
    // nginx does not load a module whose directive has a name that is taken in the same block.
    if (form === undefined) return moduleEntry(here);
    const runs = here.filter((row) => row.form === null).map((row) => row.run);
    return { own: ownForm(name, form), isNginx: isNginxDirective(name), runs, foreign: [], isRead: runs.length > 0 };
  }
}

/** What the rows of other modules say of one name; undefined where there are none. */
function moduleEntry(among: readonly DirectiveRow[]): Entry | undefined {
  const foreign = among.flatMap(({ form, run }) =>
    form === null ? [] : [{ form: checkedForm(form.end, form.counts), run }],
  );
  return foreign.length === 0 ? undefined : { own: null, isNginx: false, runs: [], foreign, isRead: true };
}

/** The table of the directives of other modules among some rows. */
export function moduleTable(among: readonly DirectiveRow[]): DirectiveTable {
  const table = new Map<string, Entry>();
  for (const [name, rowsOfName] of byName(among)) {
    const entry = moduleEntry(rowsOfName);
    if (entry !== undefined) table.set(name, entry);
  }
  return table;
}

/** The directives that are read in a kind of block, by name. */
export function directiveTable(kind: BlockKind): DirectiveTable {
  return memo(tables, kind, () => new TableOfKind(kind));
}

const tables = new Map<BlockKind, DirectiveTable>();

/** All rows, for tests that go through them. */
export const directiveRows = rows;

/** True for a name that is known anywhere, or that is known to reach nothing. */
export function isKnownDirective(name: string): boolean {
  return named.has(name) || directiveContexts(name) !== undefined || isHarmless(name);
}

/** True if a statement has as many arguments as a form wants. */
export function fitsCount({ accepts }: CheckedForm, { count }: StatementReader): boolean {
  return accepts[Math.min(count, MANY_ARGUMENTS)] === true;
}

/** True if a statement has a form. Of a tree: there are many, and most are never looked at again. */
export function fitsForm({ end, accepts }: CheckedForm, tree: Tree, s: Statement): boolean {
  const terminator = tree.terminator(s);
  if (terminator !== end && terminator !== "open") return false;
  return accepts[Math.min(Math.max(0, tree.wordCount(s) - 1), MANY_ARGUMENTS)] === true;
}

/** True if a statement ends as a form wants; one that the file does not end yet may become so. */
export function fitsEnd({ end }: CheckedForm, { terminator }: StatementReader): boolean {
  return terminator === end || terminator === "open";
}
