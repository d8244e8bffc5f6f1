/**
 * Full contexts for two types. Answers are asked for types; constraints look at users, roles and levels too. The usual
 * ones of a system service are filled in: `system_u:system_r:DOMAIN:s0` and `system_u:object_r:TYPE:s0`.
 */
import type { Context, Level } from "./context.ts";
import { hasBit } from "./ebitmap.ts";
import type { PolicyDb } from "./policyDb.ts";

/** `s0`: sensitivity 1 is the lowest, and no category. */
const LOWEST: Level = { sensitivity: 1, categories: null };

/**
 * Contexts of a service's domain and of what it uses. A target that is itself a domain (the listening process of a
 * socket) has that domain's role. In a policy without the usual user or roles, the first ones stand in.
 */
export function defaultContexts(db: PolicyDb, source: number, target: number): { source: Context; target: Context } {
  const user = (db.users.find(({ name }) => name === "system_u") ?? db.users[0])?.value ?? 0;
  const context = (type: number, isObject: boolean): Context => {
    return { user, role: roleOf(db, type, isObject), type, low: LOWEST, high: LOWEST };
  };
  return { source: context(source, false), target: context(target, true) };
}

function roleOf(db: PolicyDb, type: number, isObject: boolean): number {
  const mayHave = db.roles.filter(({ name, types }) => name !== "object_r" && hasBit(db.view, types, type - 1));
  const ofProcess = mayHave.find(({ name }) => name === "system_r") ?? mayHave[0];
  const fallback = db.roles.find(({ name }) => name === (isObject ? "object_r" : "system_r")) ?? db.roles[0];
  return (ofProcess ?? fallback)?.value ?? 0;
}
