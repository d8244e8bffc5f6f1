/** A fix that a client names: its shell commands, and its policy module as the file that `semodule` reads. */
import type { CommandsArgument, FixParams, ModuleResult } from "../shared/protocol.ts";
import type { Fix } from "../fixes/fix.ts";
import { offersOf } from "../offers/offeredFixes.ts";
import { findingAt } from "./explainFinding.ts";
import type { FileView } from "./fileView.ts";

function fixOf(view: FileView, params: FixParams): Fix | undefined {
  const finding = findingAt(view, params);
  if (finding === undefined) return undefined;
  return offersOf(view.analysis)(finding).find((offer) => offer.fix.id === params.fix)?.fix;
}

/** Null where the finding or the fix is gone, or has no commands. */
export function commandsOfFix(view: FileView, params: FixParams): CommandsArgument | null {
  const fix = fixOf(view, params);
  return fix === undefined || fix.commands.length === 0 ? null : { commands: fix.commands };
}

/** Null where the finding or the fix is gone, or has no module. */
export function moduleFileOf(view: FileView, params: FixParams): ModuleResult | null {
  const fix = fixOf(view, params);
  if (fix?.module === undefined) return null;
  const { name, cil } = fix.module;
  const head = [
    fix.title,
    ...fix.opens.split(/(?<=\.) /u),
    "",
    `Save:    as ${name}.cil on the host that runs nginx; the commands of the quick fix write it there, too`,
    `Install: sudo semodule -i ${name}.cil`,
    `Remove:  sudo semodule -r ${name}`,
  ];
  return { name: `${name}.cil`, text: `${head.map((line) => `; ${line}`.trimEnd()).join("\n")}\n\n${cil}` };
}
