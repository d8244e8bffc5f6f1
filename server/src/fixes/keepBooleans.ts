/** Keeping a boolean as it is at run time. */
import type { Candidate } from "./candidate.ts";
import { fixWith, type Fix } from "./fix.ts";

/** Candidates that make runtime values persistent, one boolean each. `runtime`: values that differ from persistent ones. */
export function keepBooleanCandidates(runtime: ReadonlyMap<string, boolean>): readonly Candidate[] {
  return [...runtime].map(([name, value]) => ({
    id: `keep-${name}`,
    tier: "purpose",
    title: `Keep ${name} ${value ? "on" : "off"} after a reboot`,
    changes: [{ kind: "boolean", name, value }],
    restore: null,
    durable: true,
    notes: () => [`Changes nothing now: ${name} is ${value ? "on" : "off"} already.`],
  }));
}

/** `setsebool -P` back to the persistent value also sets the runtime one: it must be given back. */
export function withRuntimeUndo(fixes: readonly Fix[], runtime: ReadonlyMap<string, boolean>): readonly Fix[] {
  return fixes.map((fix) => {
    const again = fix.changes.flatMap((change) =>
      change.kind === "boolean" && runtime.get(change.name) === change.value
        ? [`sudo setsebool ${change.name} ${change.value ? "on" : "off"}`]
        : [],
    );
    return fixWith(fix, { undo: [...fix.undo, ...again] });
  });
}
