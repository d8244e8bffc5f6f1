/** One line index for each tree, made when a position of it is first asked for. */
import type { Tree } from "./tree.ts";
import { LineIndex } from "../../base/text.ts";

const indexes = new WeakMap<Tree, LineIndex>();

/** Gives a tree a line index of its own, before it is first asked for. */
export function setLineIndex(tree: Tree, index: LineIndex): void {
  indexes.set(tree, index);
}

/** The line index of a tree's bytes. */
export function lineIndexOf(tree: Tree): LineIndex {
  let index = indexes.get(tree);
  if (index === undefined) {
    index = new LineIndex(tree.bytes);
    indexes.set(tree, index);
  }
  return index;
}
