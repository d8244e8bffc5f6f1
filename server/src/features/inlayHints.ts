/** Inlay hints: the type of a port or a socket, right behind it. */
import type { InlayHint } from "vscode-languageserver";
import type { Range } from "../base/text.ts";
import type { InlayHintsSetting } from "../shared/settings.ts";
import { offsetIn, rangeIn, type FileView } from "./fileView.ts";

/** More than any editor shows at once. */
const MOST = 2000;

/** The hints of a part of a file: none, those of refused targets, or all. One for each place. */
export function inlayHintsOf(view: FileView, range: Range, wanted: InlayHintsSetting): readonly InlayHint[] {
  if (wanted === "off") return [];
  const { accesses, evaluator } = view.analysis;
  const start = offsetIn(view, range.start);
  const end = offsetIn(view, range.end);
  const labels = new Map<number, Set<string>>();
  for (const access of accesses) {
    if (access.file !== view.file || access.span.start < start || access.span.end > end) continue;
    if (access.kind !== "connect" && access.kind !== "bind") continue;
    if (labels.size >= MOST) break;
    const { verdict, target } = evaluator.ask(access).decision;
    if (target === null || (wanted === "denied" && verdict !== "denied")) continue;
    labels.set(access.span.end, (labels.get(access.span.end) ?? new Set<string>()).add(target));
  }
  return [...labels]
    .toSorted(([a], [b]) => a - b)
    .map(([at, types]) => ({
      position: rangeIn(view, { start: at, end: at }).start,
      label: [...types].join(", "),
      paddingLeft: true,
    }));
}
