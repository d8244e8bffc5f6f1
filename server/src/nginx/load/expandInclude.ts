/** What the argument of an include leads to: the paths to read, and what of them cannot be seen. */
import type { Remark } from "./configuration.ts";
import { expandGlob, isGlob, type ListingBudget } from "./glob.ts";
import type { Location, PathMap } from "./pathMap.ts";
import type { ConfigReader } from "./reader.ts";
import { hasPlaceholder } from "../tree/template.ts";
import { deniedRemark } from "./remarks.ts";

/** The same for every statement that has the same argument. */
export interface Expansion {
  /** Paths to read, in order. */
  readonly paths: readonly string[];
  /** True where nginx may read more than these. */
  readonly unseen: boolean;
  /** Why something was not read where this is not an error of nginx. */
  readonly remarks: readonly Remark[];
  /** Null where the argument leads nowhere. */
  readonly location: Location | null;
}

/** The expansion of an include that nginx rejects. */
export const nothing: Expansion = { paths: [], unseen: false, remarks: [], location: null };

/** Expands the argument of an include. Rejects only where `reader.checkpoint` does. */
export async function expandInclude(
  argument: string,
  paths: PathMap,
  reader: ConfigReader,
  budget: ListingBudget,
): Promise<Expansion> {
  const named = paths.nginxPath(argument);
  if (hasPlaceholder(argument)) return unseen(`not followed: "${argument}" has a template placeholder`);
  const location = paths.locate(argument);
  if (location === null)
    return unseen(`not followed: "${named}" is outside of /etc/nginx, and only a copy of that directory is read here`);
  if (!isGlob(argument)) {
    const path = location.rest === "" ? location.base : `${location.base}/${location.rest}`;
    return { paths: [path], unseen: false, remarks: [], location };
  }
  const found = await expandGlob(location.base, location.rest, reader, budget);
  const remarks = found.hidden.map(({ path, failure }) =>
    failure.code === "denied"
      ? deniedRemark(path, failure)
      : { message: `not followed: "${path}": ${failure.message}` },
  );
  // On its own machine no match is no match. A copy without the directory says nothing of what is there.
  if (!found.listed && remarks.length === 0 && paths.copy !== null) {
    return { ...unseen(`not followed: this copy has no "${named}"`), location };
  }
  return { paths: found.paths, unseen: remarks.length > 0, remarks, location };
}

function unseen(message: string): Expansion {
  return { paths: [], unseen: true, remarks: [{ message }], location: null };
}
