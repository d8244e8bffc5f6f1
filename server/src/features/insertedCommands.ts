/** The comments that quick fixes insert: the commands of one fix, above the directive that they are for. */
import { findingsIn } from "../analysis/analysis.ts";
import type { PlacedFinding } from "../analysis/finding.ts";
import { memo } from "../base/memo.ts";
import type { Fix } from "../fixes/fix.ts";
import type { Tree } from "../nginx/tree/tree.ts";
import { offersOf } from "../offers/offeredFixes.ts";
import { commentsAbove, insertionPoint } from "./commentLines.ts";
import type { FileView } from "./fileView.ts";

/** Comment lines above a directive that are looked at. */
const MOST_COMMENTS = 60;
const head = "# SELinux: ";
const commandIndent = "#   ";

/** The commands of one fix as they stand in a file. */
export interface InsertedBlock {
  /** Byte offsets of its first line, and of the line below it. */
  readonly start: number;
  readonly end: number;
  readonly commands: readonly string[];
}

/** The comment lines that say a fix and its commands, which an edit needs before nginx reads it. */
export function linesOfFix({ title, commands, edit }: Fix): readonly string[] {
  return [
    `${head}${title}${edit === undefined ? "" : "; run first, before nginx is reloaded:"}`,
    ...commands.map((command) => `${commandIndent}${command}`),
  ];
}

const heads = new WeakMap<Tree, boolean>();
const headBytes = new TextEncoder().encode(head);
const HASH = 0x23;

/** False for a file in which no block can begin, as in most: after every edit all of its findings ask. */
function hasHead({ bytes }: Tree): boolean {
  for (let at = bytes.indexOf(HASH); at >= 0; at = bytes.indexOf(HASH, at + 1))
    if (headBytes.every((byte, i) => bytes[at + i] === byte)) return true;
  return false;
}

/** The blocks above the directive at an offset, the nearest first. */
export function insertedBlocks(tree: Tree, offset: number): readonly InsertedBlock[] {
  if (!memo(heads, tree, () => hasHead(tree))) return [];
  const blocks: InsertedBlock[] = [];
  let commands: string[] = [];
  let end = -1;
  for (const line of commentsAbove(tree, insertionPoint(tree, offset).offset, MOST_COMMENTS)) {
    if (commands.length === 0) end = line.end;
    if (line.text.startsWith(commandIndent)) commands.unshift(line.text.slice(commandIndent.length));
    else {
      if (line.text.startsWith(head) && commands.length > 0) blocks.push({ start: line.start, end, commands });
      commands = [];
    }
  }
  return blocks;
}

/** True where the commands of a fix of this finding stand above its directive. */
export function commandsAreAbove(view: FileView, finding: PlacedFinding): boolean {
  return insertedBlocks(view.tree, finding.span.start).some((block) => isOf(view, finding, block));
}

/**
 * The blocks that an insertion for this finding takes the place of: all above its directive but those of other findings whose
 * commands stand there too, of this directive or of another one on its line.
 */
export function replacedBlocks(view: FileView, finding: PlacedFinding): readonly InsertedBlock[] {
  const blocks = insertedBlocks(view.tree, finding.span.start);
  if (blocks.length === 0) return [];
  const { offset } = insertionPoint(view.tree, finding.span.start);
  const others = findingsIn(view.analysis, view.file).filter(
    (other) => other !== finding && insertionPoint(view.tree, other.span.start).offset === offset,
  );
  return blocks.filter((block) => isOf(view, finding, block) || !others.some((other) => isOf(view, other, block)));
}

/** True where a block holds the commands of a fix of the finding. */
function isOf(view: FileView, finding: PlacedFinding, { commands }: InsertedBlock): boolean {
  return offersOf(view.analysis)(finding).some(
    ({ fix }) => fix.commands.length === commands.length && fix.commands.every((each, i) => each === commands[i]),
  );
}
