/** What root would see of a configuration and this user does not. */
import { quoteWord } from "../fixes/quote.ts";
import type { Configuration } from "../nginx/load/configuration.ts";

/** One sentence with the command that checks all of it, for a shell; null where this user may read everything. */
export function askRoot({ files, notes }: Configuration): string | null {
  const denied = new Set(notes.flatMap(({ message, isDenied }) => (isDenied === true ? [message] : [])));
  if (denied.size === 0) return null;
  const what = denied.size === 1 ? "1 part of this configuration is" : `${denied.size} parts of this configuration are`;
  return `${what} not readable to this user; root checks all of it: ${checkAsRoot(files[0]?.path ?? "")}`;
}

/** The command that checks a main file as root. */
export function checkAsRoot(path: string): string {
  const quoted = quoteWord(path);
  return ["sudo nginx-selinux check", ...(quoted.ok ? [quoted.text] : [])].join(" ");
}
