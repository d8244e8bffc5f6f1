/** Hover: what nginx does at this place, and what the policy says of it. */
import type { Hover } from "vscode-languageserver";
import type { Access } from "../nginx/access.ts";
import type { Position } from "../base/text.ts";
import { escapeMarkdown } from "../base/markdown.ts";
import { describeAccess, describeDecision } from "./describeDecision.ts";
import { offsetIn, rangeIn, touches, type FileView } from "./fileView.ts";

/** Accesses that one hover lists. */
const MOST = 10;

/** Null where nothing is known about the position. */
export function hoverAt(view: FileView, position: Position): Hover | null {
  const offset = offsetIn(view, position);
  const here = accessesAt(view, offset);
  const first = here[0];
  if (first === undefined) return null;
  const { evaluator, context } = view.analysis;
  const { policy } = context;
  const parts = here
    .slice(0, MOST)
    .map(
      ({ access }) => `nginx ${describeAccess(access)}\n\n${describeDecision(evaluator.ask(access).decision, policy)}`,
    );
  if (here.length > MOST) parts.push(`... and ${here.length - MOST} more`);
  const { title } = policy.facts.info;
  return {
    contents: { kind: "markdown", value: [...parts, `*${escapeMarkdown(title)}*`].join("\n\n---\n\n") },
    range: rangeIn(view, first.span),
  };
}

interface Found {
  readonly access: Access;
  readonly span: Access["span"];
}

/** Accesses whose place is here, and otherwise those that a pass directive here leads to. */
function accessesAt(view: FileView, offset: number): readonly Found[] {
  const { accesses } = view.analysis;
  const direct = accesses
    .filter((access) => access.file === view.file && touches(access.span, offset))
    .map((access) => ({ access, span: access.span }));
  if (direct.length > 0) return direct;
  return accesses.flatMap((access) => {
    const step = access.via.find((each) => each.file === view.file && touches(each.span, offset));
    return step === undefined ? [] : [{ access, span: step.span }];
  });
}
