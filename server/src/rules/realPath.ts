/** What a path stands for. */
import type { PolicyContext } from "./context.ts";

/** Links that systemd makes on every host (systemd-journald-dev-log.socket). */
const SYSTEM_LINKS: ReadonlyMap<string, string> = new Map([["/dev/log", "/run/systemd/journal/dev-log"]]);

/**
 * The path that a host has behind the symbolic links of one in a configuration, whose label counts and which a relabel
 * must name; the path itself where no host is asked or it does not tell.
 */
export function realPath(path: string, { host }: PolicyContext): string {
  const real = host?.realPath(path) ?? path;
  const isSeen = real !== path || host?.label(path).state === "present";
  return isSeen ? real : (SYSTEM_LINKS.get(path) ?? real);
}
