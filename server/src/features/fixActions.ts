/** The quick fixes of one offered fix: insert its commands or edit the configuration, run them, copy them. */
import type { CodeAction, Command, TextEdit } from "vscode-languageserver";
import type { PlacedFinding } from "../analysis/finding.ts";
import type { Fix } from "../fixes/fix.ts";
import type { OfferedFix } from "../offers/offeredFixes.ts";
import {
  copyCommandsCommand,
  runInTerminalCommand,
  showModuleCommand,
  type CommandsArgument,
  type FixParams,
} from "../shared/protocol.ts";
import { commentText, insertionPoint } from "./commentLines.ts";
import { placeOf } from "./explainFinding.ts";
import { locationOf, rangeIn, type FileView } from "./fileView.ts";
import { linesOfFix, replacedBlocks } from "./insertedCommands.ts";

const kind = "quickfix";

/** What a client does beside applying edits. */
export interface ActionAbilities {
  /** It has our client commands. */
  readonly commands: boolean;
  /** It applies edits with placeholders. */
  readonly snippets: boolean;
}

/** The actions of one fix, in the order in which they are shown. */
export function fixActions(
  view: FileView,
  finding: PlacedFinding,
  offer: OfferedFix,
  { commands }: ActionAbilities,
): readonly CodeAction[] {
  const applied = applyFix(view, finding, offer, commands);
  const { fix } = offer;
  return [
    ...(applied === undefined ? [] : [applied]),
    ...(commands && fix.commands.length > 0 ? commandActions(fix) : []),
  ];
}

/**
 * The commands of a fix as a comment above the directive, and its edits of the configuration. Undefined where the comment
 * stands there already, or could not be read by nginx.
 */
function applyFix(
  view: FileView,
  finding: PlacedFinding,
  { fix, edits, solves, preferred }: OfferedFix,
  commands: boolean,
): CodeAction | undefined {
  const changes: Record<string, TextEdit[]> = {};
  if (fix.commands.length > 0) {
    const comment = commentEdits(view, finding, fix);
    if (comment === null || (comment.length === 0 && edits.length === 0)) return undefined;
    if (comment.length > 0) changes[view.uriOf(view.file)] = [...comment];
  }
  for (const edit of edits) {
    const { uri, range } = locationOf(view, edit);
    changes[uri] = [...(changes[uri] ?? []), { range, newText: edit.text }];
  }
  const title = `${deed(fix, edits.length > 0)}: ${inSentence(fix.title)}`;
  return {
    title: solves > 1 ? `${title} (clears ${solves} findings)` : title,
    kind,
    isPreferred: preferred,
    edit: { changes },
    ...(fix.module === undefined || !commands ? {} : { command: previewOf(view, finding, fix) }),
  };
}

/** The edits that put the commands above the directive, in place of those of another fix; null where nginx could not read them. */
function commentEdits(view: FileView, finding: PlacedFinding, fix: Fix): readonly TextEdit[] | null {
  const point = insertionPoint(view.tree, finding.span.start);
  const text = commentText(point, linesOfFix(fix));
  if (text === null) return null;
  const before = replacedBlocks(view, finding);
  if (before.some(({ commands }) => commands.join("\n") === fix.commands.join("\n"))) return [];
  const adjacent = before.find(({ end }) => end === point.offset);
  const start = adjacent?.start ?? point.offset;
  return [
    { range: rangeIn(view, { start, end: point.offset }), newText: text },
    ...before.filter((block) => block !== adjacent).map((block) => ({ range: rangeIn(view, block), newText: "" })),
  ];
}

function deed(fix: Fix, edits: boolean): string {
  if (!edits) return "Insert commands";
  return fix.commands.length > 0 ? "Change the configuration and insert commands" : "Change the configuration";
}

function commandActions(fix: Fix): readonly CodeAction[] {
  const argument: CommandsArgument = { commands: fix.commands };
  const title = inSentence(fix.title);
  return [
    {
      title: `Run in terminal: ${title}`,
      kind,
      command: { title: "Run in terminal", command: runInTerminalCommand, arguments: [argument] },
    },
    {
      title: `Copy commands: ${title}`,
      kind,
      command: { title: "Copy commands", command: copyCommandsCommand, arguments: [argument] },
    },
  ];
}

/** A title behind a colon: `Label ...` becomes `label ...`. */
function inSentence(title: string): string {
  return /^[A-Z][a-z]/.test(title) ? title.charAt(0).toLowerCase() + title.slice(1) : title;
}

/** Shows the module's file, which the user saves where the commands are run. */
function previewOf(view: FileView, finding: PlacedFinding, fix: Fix): Command {
  const argument: FixParams = { ...placeOf(view, finding), fix: fix.id };
  return { title: "Show the policy module", command: showModuleCommand, arguments: [argument] };
}
