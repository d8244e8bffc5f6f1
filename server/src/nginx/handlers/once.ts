/** Directives that nginx takes once in a block. */
import type { Block, Node } from "../blocks/blocks.ts";
import type { ProblemList } from "../blocks/places.ts";
import { passNames } from "./passNames.ts";

/** The place in the list is the bit in `Block.once`. */
const onceNames: readonly string[] = [...passNames, "resolver", "events", "http", "stream", "mail", "user"];

/** True the first time that a directive stands in a block; otherwise nginx says that it is duplicate. */
export function isFirst(name: string, node: Node, block: Block, problems: ProblemList): boolean {
  const bit = 1 << onceNames.indexOf(name);
  if ((block.once & bit) !== 0) {
    problems.add(node, `"${name}" directive is duplicate`);
    return false;
  }
  block.once |= bit;
  return true;
}
