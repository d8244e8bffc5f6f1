/** Patterns of `COPY --exclude` and of the like (Go's `filepath.Match`, with `**`). */
import { matchComponent } from "../nginx/load/glob.ts";

/** Parts of a pattern that are read; a longer one excludes nothing. */
const MOST_PARTS = 32;

/** True where a pattern excludes a path, or a directory above it. Both are relative to what is copied. */
export function excludes(pattern: string, path: string): boolean {
  const parts = partsOf(pattern);
  const names = partsOf(path);
  if (parts.length === 0 || parts.length > MOST_PARTS || names.length === 0) return false;
  // How many names the parts so far can stand for.
  let reached = new Set([0]);
  for (const part of parts) {
    const next = new Set<number>();
    for (const at of reached) {
      if (part === "**") for (let i = at; i <= names.length; i++) next.add(i);
      else if (at < names.length && matchComponent(part, names[at] ?? "")) next.add(at + 1);
    }
    reached = next;
  }
  return [...reached].some((count) => count > 0);
}

function partsOf(path: string): readonly string[] {
  return path.split("/").filter((part) => part !== "" && part !== ".");
}
