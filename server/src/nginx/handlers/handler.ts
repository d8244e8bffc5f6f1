/** What a directive means to the walk: the rows that the files of `handlers/` are lists of. */
import type { Block, BlockKind } from "../blocks/blocks.ts";
import type { Configuration } from "../load/configuration.ts";
import type { Gathering } from "../blocks/gathering.ts";
import type { StatementReader } from "../blocks/statementReader.ts";

/** What a handler may know of the walk, and do. */
export interface Walk {
  readonly configuration: Configuration;
  readonly found: Gathering;
  /** Enters a block statement: its statements come next. */
  enter(kind: BlockKind, statement: StatementReader, parent: Block): Block;
  /** Enters a block of another module, in which these rows alone are read. */
  enterModule(rows: readonly DirectiveRow[], statement: StatementReader, parent: Block): void;
}

/** Reads one statement, which stands in `block`. Its form was checked: see `DirectiveRow`. */
export type Handler = (walk: Walk, statement: StatementReader, block: Block) => void;

/** The form of a directive: how it ends, and how many arguments it takes. */
export interface Form {
  /** Accepted numbers of arguments: `12` for one or two, `1+` for one or more. */
  readonly counts: string;
  readonly end: "simple" | "block" | "lua";
}

/** Directives of the same meaning. */
export interface DirectiveRow {
  readonly names: readonly string[];
  /** The blocks in which they are read; null for all in which nginx's own table has them. */
  readonly blocks: readonly BlockKind[] | null;
  /** The form of a directive of another module; null if nginx's own table tells it. */
  readonly form: Form | null;
  readonly run: Handler;
}

/**
 * Directives of nginx's own table, or of lua-nginx-module's, wherever the table has them. The table says what form they
 * must have; a statement of another form never reaches the handler.
 *
 * @param names with spaces between
 */
export function own(names: string, run: Handler): DirectiveRow {
  return { names: names.split(" "), blocks: null, form: null, run };
}

/** The same in some of the blocks only. */
export function ownIn(blocks: readonly BlockKind[], names: string, run: Handler): DirectiveRow {
  return { names: names.split(" "), blocks, form: null, run };
}

/**
 * Directives of another module. A statement of another form is passed over: modules differ, so it is no mistake.
 *
 * @param blocks where the module allows them
 * @param counts accepted numbers of arguments: `12` for one or two, `1+` for one or more
 * @param names with spaces between
 */
export function foreign(
  blocks: readonly BlockKind[],
  counts: string,
  names: string,
  run: Handler,
  end: Form["end"] = "simple",
): DirectiveRow {
  return { names: names.split(" "), blocks, form: { counts, end }, run };
}

/**
 * A block of another module, with the directives that are read in it.
 *
 * @param rows of the block; `blocks` of these rows does not matter
 */
export function foreignBlock(
  blocks: readonly BlockKind[],
  counts: string,
  name: string,
  rows: readonly DirectiveRow[],
): DirectiveRow {
  return foreign(blocks, counts, name, enterModule(rows), "block");
}

const enterModule =
  (rows: readonly DirectiveRow[]): Handler =>
  (walk, statement, block) => {
    walk.enterModule(rows, statement, block);
  };

/** Reads a directive that opens a block of that kind. */
export const enterAs =
  (kind: BlockKind): Handler =>
  (walk, statement, block) => {
    walk.enter(kind, statement, block);
  };

/** Blocks of modules hold directives that are read nowhere else, so their rows name no blocks. */
export const here: readonly BlockKind[] = [];
/** Blocks of http in which most modules allow their directives. */
export const webBlocks: readonly BlockKind[] = ["http", "server", "location", "if-in-server", "if-in-location"];
/** The same, and those of stream. */
export const anyServer: readonly BlockKind[] = [...webBlocks, "limit_except", "stream", "stream.server"];
/** `upstream` of http and of stream. */
export const upstreams: readonly BlockKind[] = ["upstream", "stream.upstream"];
