/** Changes of owners, modes and groups, and the commands that make them and take them back. */
import { READ, SEARCH, WRITE, type Rights } from "../permissions/unixObject.ts";
import { quoteWord } from "./quote.ts";

/** A change of owners and modes, or of a group's members. */
export type PermissionChange =
  | {
      /** An entry of an ACL, setfacl(1). */
      readonly kind: "acl";
      readonly path: string;
      readonly user: string;
      readonly rights: Rights;
      /** Rights of the entry that there is; null where there is none. */
      readonly before: Rights | null;
    }
  /** Rights that the owner lacks, chmod(1). */
  | { readonly kind: "owner"; readonly path: string; readonly rights: Rights }
  | { readonly kind: "group"; readonly user: string; readonly group: string };

/** `r-x` in the short form that setfacl and chmod take: `rx`. */
export function letters(rights: Rights): string {
  return (
    ((rights & READ) !== 0 ? "r" : "") + ((rights & WRITE) !== 0 ? "w" : "") + ((rights & SEARCH) !== 0 ? "x" : "")
  );
}

/** The words of the command that makes a change, and of the one that takes it back; not quoted. */
export function wordsOf(change: PermissionChange): {
  readonly run: readonly string[];
  readonly undo: readonly string[];
} {
  switch (change.kind) {
    case "acl": {
      const { path, user, rights, before } = change;
      return {
        run: ["setfacl", "-m", `u:${user}:${letters(rights)}`, path],
        undo:
          before === null
            ? ["setfacl", "-x", `u:${user}`, path]
            : ["setfacl", "-m", `u:${user}:${letters(before) || "-"}`, path],
      };
    }
    case "owner": {
      const { path, rights } = change;
      return { run: ["chmod", `u+${letters(rights)}`, path], undo: ["chmod", `u-${letters(rights)}`, path] };
    }
    case "group": {
      const { user, group } = change;
      return { run: ["usermod", "-aG", group, user], undo: ["gpasswd", "-d", user, group] };
    }
  }
}

/** The commands, quoted for a shell; null where a word cannot be written. */
export function linesOf(
  changes: readonly PermissionChange[],
): { readonly run: readonly string[]; readonly undo: readonly string[] } | null {
  const run: string[] = [];
  const undo: string[] = [];
  for (const change of changes) {
    const words = wordsOf(change);
    const [forth, back] = [words.run, words.undo].map((each) => lineOf(each));
    if (forth === undefined || forth === null || back === undefined || back === null) return null;
    run.push(`sudo ${forth}`);
    undo.unshift(`sudo ${back}`);
  }
  return { run, undo };
}

/** The words as one line for a shell; null where one of them cannot be written. */
export function lineOf(words: readonly string[]): string | null {
  const quoted = words.map((word, index) =>
    // An option of ours begins with a dash.
    index > 0 && /^-[A-Za-z]+$/.test(word) ? { ok: true as const, text: word } : quoteWord(word),
  );
  return quoted.every((each) => each.ok) ? quoted.map(({ text }) => text).join(" ") : null;
}
