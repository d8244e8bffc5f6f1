/** References and highlights: every place that names the same upstream, named location, variable, zone or log format. */
import type { DocumentHighlight, DocumentHighlightKind, Location } from "vscode-languageserver";
import type { Position } from "../base/text.ts";
import { locationOf, offsetIn, type TreeView } from "./fileView.ts";
import type { NameSite } from "./names/nameSite.ts";
import { nameSites, siteAt } from "./names/nameSites.ts";

const read: DocumentHighlightKind = 2;
const write: DocumentHighlightKind = 3;

/** The places that mean the same as the name at a position, in every file; none where there is no name. */
export function sitesAt(view: TreeView, position: Position): readonly NameSite[] {
  const sites = nameSites(view.configuration);
  const site = siteAt(sites, view.file, offsetIn(view, position));
  return site === undefined ? [] : sites.same(site);
}

/** `withDefinitions`: the places that define the name belong to the answer too (LSP `includeDeclaration`). */
export function referencesAt(view: TreeView, position: Position, withDefinitions: boolean): readonly Location[] {
  return sitesAt(view, position)
    .filter((site) => withDefinitions || !site.isDefinition)
    .map((site) => locationOf(view, site));
}

export function highlightsAt(view: TreeView, position: Position): readonly DocumentHighlight[] {
  return sitesAt(view, position)
    .filter((site) => site.file === view.file)
    .map((site) => ({ range: locationOf(view, site).range, kind: site.isDefinition ? write : read }));
}
