/** What a directive means to the walk: the rows that the files of `handlers/` are lists of. */
import type { Block, BlockKind, Node } from "../blocks.ts";
import type { Configuration } from "../configuration.ts";
import type { Tree } from "../tree.ts";
import type { Gathering } from "../findings.ts";

/** What a handler may know of the walk, and do. */
export interface Walk {
  readonly configuration: Configuration;
  readonly found: Gathering;
  /** Enters a block statement: its statements come next. */
  enter(kind: BlockKind, node: Node, tree: Tree, parent: Block): Block;
}

/** Reads one statement, which stands in `block`. */
export type Handler = (walk: Walk, node: Node, tree: Tree, block: Block) => void;

/** Directives of the same meaning. */
export interface DirectiveRow {
  readonly names: readonly string[];
  /** Where they are read, and checked as nginx does. Null for all blocks in which they may stand, nothing checked. */
  readonly checkedIn: readonly BlockKind[] | null;
  readonly run: Handler;
}

/** Reads a directive that opens a block of that kind. */
export const enterAs =
  (kind: BlockKind): Handler =>
  (walk, node, tree, block) => {
    walk.enter(kind, node, tree, block);
  };

/**
 * Directives that must be as nginx wants them: it says what is wrong with their form, and so do we.
 *
 * @param names with spaces between
 */
export function checked(blocks: readonly BlockKind[], names: string, run: Handler): DirectiveRow {
  return { names: names.split(" "), checkedIn: blocks, run };
}

/**
 * Directives of which we only take what they do, wherever the table of directives has them (those of other modules:
 * anywhere). One that is not as it should be is passed over: what is wrong with it is not said.
 *
 * @param names with spaces between
 */
export function unchecked(names: string, run: Handler): DirectiveRow {
  return { names: names.split(" "), checkedIn: null, run };
}
