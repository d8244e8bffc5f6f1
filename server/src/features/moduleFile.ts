/** The policy module of a fix as the file that `semodule` reads, with what it opens and how it is taken back. */
import type { ModuleParams, ModuleResult } from "../shared/protocol.ts";
import { offersOf } from "../offers/offeredFixes.ts";
import { findingAt } from "./explainFinding.ts";
import type { FileView } from "./fileView.ts";

/** Null where the finding or the fix is gone, or has no module. */
export function moduleFileOf(view: FileView, params: ModuleParams): ModuleResult | null {
  const finding = findingAt(view, params);
  if (finding === undefined) return null;
  const fix = offersOf(view.analysis)(finding).find((offer) => offer.fix.id === params.fix)?.fix;
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
