/** Which handler reads a directive in which block, with what nginx checks before it calls one. */
import type { BlockKind } from "../blocks.ts";
import { acceptsArgumentCount, directiveContexts, isBlockDirective } from "../directives.ts";
import { answerDirectives } from "../handlers/answerDirectives.ts";
import { blockDirectives } from "../handlers/blockDirectives.ts";
import { passDirectives } from "../handlers/passDirectives.ts";
import { pathDirectives, pathHandlers } from "../handlers/pathDirectives.ts";
import { rtmpDirectives } from "../handlers/rtmpDirectives.ts";
import { serviceDirectives } from "../handlers/serviceDirectives.ts";
import { upstreamDirectives } from "../handlers/upstreamDirectives.ts";
import { variableDirectives } from "../handlers/variableDirectives.ts";
import type { Terminator } from "../tree.ts";
import type { DirectiveRow, Handler } from "../handlers/handler.ts";

/** A handler with what is checked before. */
export interface Entry {
  readonly run: Handler;
  /** Undefined where the table of directives does not have it there. */
  readonly isBlock: boolean | undefined;
  /** By number of arguments; the last one stands for more. */
  readonly accepts: readonly boolean[];
  /**
   * The only end of a statement that is read; of one with another end nothing is said, as of one that lacks arguments.
   * Null where nginx's checks are made.
   */
  readonly quiet: Terminator | null;
  /** Arguments that the handler reads at least; a statement with fewer is never handed to it. */
  readonly least: number;
}

/** Index in `Entry.accepts` that stands for more than any directive with a fixed number takes (NGX_CONF_MAX_ARGS). */
export const MANY_ARGUMENTS = 10;

const rows: readonly DirectiveRow[] = [
  ...blockDirectives,
  ...passDirectives,
  ...upstreamDirectives,
  ...variableDirectives,
  ...serviceDirectives,
  ...rtmpDirectives,
  ...pathDirectives,
  ...answerDirectives,
];

function tableOf(kind: BlockKind): ReadonlyMap<string, Entry> {
  const table = new Map<string, Entry>();
  // The checked ones first: where a name has both, its statements are checked, and both are run in this order.
  for (const { names, checkedIn, run } of rows) {
    if (checkedIn?.includes(kind) === true) for (const name of names) table.set(name, checkedEntry(name, kind, run));
  }
  for (const { names, checkedIn, run } of rows) {
    if (checkedIn !== null || kind === "events") continue;
    for (const name of names) {
      if (directiveContexts(name)?.includes(kind) === false) continue;
      addQuiet(table, kind, name, run, name.endsWith("_by_lua_block") ? "lua" : "simple");
    }
  }
  for (const [name, run] of pathHandlers(kind))
    addQuiet(table, kind, name, run, name === "geoip2" ? "block" : "simple");
  return table;
}

function checkedEntry(name: string, kind: BlockKind, run: Handler): Entry {
  const counts = Array.from({ length: MANY_ARGUMENTS + 1 }, (_, count) => count);
  const accepts = counts.map((count) => acceptsArgumentCount(name, kind, count) !== false);
  const least = Math.max(0, accepts.indexOf(true));
  return { run, isBlock: isBlockDirective(name, kind), accepts, quiet: null, least };
}

function addQuiet(table: Map<string, Entry>, kind: BlockKind, name: string, run: Handler, quiet: Terminator): void {
  const other = table.get(name);
  if (other === undefined) {
    table.set(name, { run, isBlock: undefined, accepts: [], quiet, least: quiet === "lua" ? 0 : leastOf(name, kind) });
    return;
  }
  const both: Handler = (walk, node, tree, block) => {
    other.run(walk, node, tree, block);
    run(walk, node, tree, block);
  };
  table.set(name, { ...other, run: both });
}

/** Arguments that nginx wants at least; one of a directive that its table does not have there. */
function leastOf(name: string, kind: BlockKind): number {
  for (let count = 0; count < MANY_ARGUMENTS; count++) {
    if (acceptsArgumentCount(name, kind, count) === true) return count;
  }
  return 1;
}

/** The directives that are read in each kind of block, by name. */
export const directiveTables: Readonly<Record<BlockKind, ReadonlyMap<string, Entry>>> = {
  main: tableOf("main"),
  events: tableOf("events"),
  http: tableOf("http"),
  server: tableOf("server"),
  location: tableOf("location"),
  "if-in-server": tableOf("if-in-server"),
  "if-in-location": tableOf("if-in-location"),
  limit_except: tableOf("limit_except"),
  upstream: tableOf("upstream"),
  stream: tableOf("stream"),
  "stream.server": tableOf("stream.server"),
  "stream.upstream": tableOf("stream.upstream"),
  mail: tableOf("mail"),
  "mail.server": tableOf("mail.server"),
  rtmp: tableOf("rtmp"),
  "rtmp.server": tableOf("rtmp.server"),
  "rtmp.application": tableOf("rtmp.application"),
};
