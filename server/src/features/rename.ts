/** Rename: a name that the configuration defines gets another one, at every place in every file. */
import type { Range, TextEdit, WorkspaceEdit } from "vscode-languageserver";
import type { Position } from "../base/text.ts";
import { locationOf, offsetIn, type TreeView } from "./fileView.ts";
import type { NameKind } from "./names/nameSite.ts";
import { nameSites, siteAt } from "./names/nameSites.ts";
import { nginxVariables } from "./names/nginxVariables.ts";
import { sitesAt } from "./references.ts";

/** A rename that cannot be done; the message is for the user. */
export class CannotRename extends Error {}

/** What nginx takes as a name without quotes (ngx_conf_read_token; variables: ngx_http_script_variables_count). */
const shapes: Readonly<Record<NameKind, RegExp>> = {
  upstream: /^[A-Za-z0-9_][A-Za-z0-9_.-]*$/u,
  location: /^@[A-Za-z0-9_.-]+$/u,
  variable: /^[A-Za-z_][A-Za-z0-9_]*$/u,
  "request zone": /^[A-Za-z0-9_.-]+$/u,
  "connection zone": /^[A-Za-z0-9_.-]+$/u,
  cache: /^[A-Za-z0-9_.-]+$/u,
  "log format": /^[A-Za-z0-9_.-]+$/u,
};

export interface RenameRange {
  readonly range: Range;
  readonly placeholder: string;
}

/** The range and the text that an editor offers for renaming; null where nothing of the configuration's own is named. */
export function renameRangeAt(view: TreeView, position: Position): RenameRange | null {
  const same = sitesAt(view, position);
  const here = siteAt(nameSites(view.configuration), view.file, offsetIn(view, position));
  // A name that is defined elsewhere is nginx's own, or that of a host: another name would mean another thing.
  if (here === undefined || !same.some((site) => site.isDefinition)) return null;
  const { start, end } = here.span;
  return { range: locationOf(view, here).range, placeholder: utf8.decode(view.tree.bytes.subarray(start, end)) };
}

/**
 * The edits of a rename; null where there is nothing to rename. Throws CannotRename for a name that nginx would read
 * otherwise, or that something else has already.
 */
export function renameAt(view: TreeView, position: Position, newName: string): WorkspaceEdit | null {
  const same = sitesAt(view, position);
  const [first] = same;
  if (first === undefined || !same.some((site) => site.isDefinition)) return null;
  const wanted = first.kind === "variable" ? newName.replace(/^\$/u, "") : newName;
  if (!shapes[first.kind].test(wanted))
    throw new CannotRename(`"${newName}" cannot be the name of ${article(first.kind)}`);
  const compared = first.kind === "variable" || first.kind === "upstream" ? wanted.toLowerCase() : wanted;
  if (first.kind === "variable" && compared !== first.name && isOfNginx(compared))
    throw new CannotRename(`"${newName}" is a variable of nginx`);
  if (nameSites(view.configuration).isTaken(first, compared))
    throw new CannotRename(`"${newName}" is the name of another ${first.kind} of this configuration`);
  const changes: Record<string, TextEdit[]> = {};
  for (const site of same) {
    const { uri, range } = locationOf(view, site);
    (changes[uri] ??= []).push({ range, newText: wanted });
  }
  return { changes };
}

/** True for a variable that nginx's modules define: by its name, or by its beginning (`http_`). */
function isOfNginx(variable: string): boolean {
  return nginxVariables.some((name) => (name.endsWith("_") ? variable.startsWith(name) : variable === name));
}

function article(kind: NameKind): string {
  return kind === "upstream" ? "an upstream" : `a ${kind}`;
}

const utf8 = new TextDecoder();
