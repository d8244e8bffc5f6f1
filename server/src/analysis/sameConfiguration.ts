/** Whether a configuration that was loaded again says what it said before. */
import type { Configuration } from "../nginx/load/configuration.ts";

/** True where two configurations have the same trees, problems, notes and includes. */
export function sameConfiguration(old: Configuration, configuration: Configuration): boolean {
  return (
    old.files.length === configuration.files.length &&
    old.files.every(
      (file, i) => file.tree === configuration.files[i]?.tree && file.path === configuration.files[i]?.path,
    ) &&
    sameMessages(old.problems, configuration.problems) &&
    sameMessages(old.notes, configuration.notes) &&
    sameEdges(old, configuration)
  );
}

function sameMessages(
  old: readonly { readonly message: string }[],
  now: readonly { readonly message: string }[],
): boolean {
  return old.length === now.length && old.every(({ message }, i) => message === now[i]?.message);
}

function sameEdges(old: Configuration, configuration: Configuration): boolean {
  if (old.includes.size !== configuration.includes.size) return false;
  for (const [key, edge] of old.includes) {
    const other = configuration.includes.get(key);
    if (other === undefined || other.unseen !== edge.unseen || other.targets.length !== edge.targets.length)
      return false;
    if (edge.targets.some((target, i) => target !== other.targets[i])) return false;
  }
  return true;
}
