/** What a path stands for. */
import type { PolicyContext } from "./context.ts";

/**
 * The path that a host has behind the symbolic links of one in a configuration, whose label counts and which a relabel
 * must name; the path itself where no host is asked or it does not tell.
 */
export function realPath(path: string, { host }: PolicyContext): string {
  return host?.realPath(path) ?? path;
}
