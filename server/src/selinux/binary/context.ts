/** Security contexts and MLS ranges as the kernel policy writes them (libsepol policydb.c, mls_read_range_helper). */
import type { Cursor } from "./cursor.ts";
import { MIN_EBITMAP, readEbitmap } from "./ebitmap.ts";

/** An MLS level: sensitivity value (1-based) and the categories' bitmap, an offset; null for no category. */
export interface Level {
  readonly sensitivity: number;
  readonly categories: number | null;
}

/** A full context by symbol values (1-based). */
export interface Context {
  readonly user: number;
  readonly role: number;
  readonly type: number;
  readonly low: Level;
  readonly high: Level;
}

/** Highest value of each kind of symbol, against which contexts are checked. */
export interface ContextLimits {
  readonly users: number;
  readonly roles: number;
  readonly types: number;
  readonly sensitivities: number;
}

/** Least size of a level, a range and a context in the file. */
export const MIN_LEVEL = 4 + MIN_EBITMAP;
export const MIN_RANGE = 8 + MIN_EBITMAP;
export const MIN_CONTEXT = 12 + MIN_RANGE;

/** Reads one level. Throws PolicyFormatError. */
export function readLevel(cursor: Cursor, what: string): Level {
  const sensitivity = cursor.u32(what);
  return { sensitivity, categories: readEbitmap(cursor, what) };
}

/** Reads a range: both sensitivities stand before both bitmaps; one item means high = low. Throws PolicyFormatError. */
export function readRange(cursor: Cursor, sensitivities: number, what: string): { low: Level; high: Level } {
  const items = cursor.u32(what);
  if (items !== 1 && items !== 2) {
    cursor.fail(`1 or 2 levels in ${what}, found ${items}`, cursor.offset - 4);
  }
  // Without MLS there is no sensitivity at all, and the record is there with zeros.
  const lowSensitivity = sensitivities === 0 ? cursor.u32(what) : cursor.value(sensitivities, what);
  const highSensitivity =
    items === 1 ? lowSensitivity : sensitivities === 0 ? cursor.u32(what) : cursor.value(sensitivities, what);
  const low = { sensitivity: lowSensitivity, categories: readEbitmap(cursor, what) };
  const high = items === 1 ? low : { sensitivity: highSensitivity, categories: readEbitmap(cursor, what) };
  return { low, high };
}

/** Reads a full context. Throws PolicyFormatError. */
export function readContext(cursor: Cursor, limits: ContextLimits, what: string): Context {
  const user = cursor.value(limits.users, `user of ${what}`);
  const role = cursor.value(limits.roles, `role of ${what}`);
  const type = cursor.value(limits.types, `type of ${what}`);
  return { user, role, type, ...readRange(cursor, limits.sensitivities, `range of ${what}`) };
}
