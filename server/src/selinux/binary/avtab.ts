/**
 * The access vector table: `u16 source, target, class, specified`, then `u32 data`, or 34 bytes for extended
 * permissions (libsepol avtab.c). It stays in the file's bytes and is scanned when asked.
 */
import type { Cursor } from "./cursor.ts";

/** Kinds of items: the `specified` bits; an item has exactly one. */
export const ALLOW = 1;
export const AUDITDENY = 4;
export const TYPE_TRANSITION = 0x10;
/** Kinds whose data is an access vector, and that a decision rests on. */
export type AccessKind = typeof ALLOW | typeof AUDITDENY;

const ENABLED = 0x8000;
const XPERMS = 0x700;
const TYPE_RULES = 0x70;
const KNOWN = new Set([ALLOW, 2, AUDITDENY, TYPE_TRANSITION, 0x20, 0x40, 0x100, 0x200, 0x400]);
const PLAIN_ITEM = 12;
const XPERM_ITEM = 42;

/** Where a list of items lies in the file. */
export interface ItemList {
  readonly start: number;
  readonly end: number;
}

export interface ItemLimits {
  readonly types: number;
  readonly classes: number;
  /** Extended permissions may occur: since version 30, in conditional lists since 34. */
  readonly xperms: boolean;
}

/** Walks over `u32 count, count x item`, checking every item, and gives where they are. Throws PolicyFormatError. */
export function readItems(cursor: Cursor, limits: ItemLimits, what: string): ItemList {
  const count = cursor.count(PLAIN_ITEM, what);
  const start = cursor.offset;
  const { view } = cursor;
  const size = view.byteLength;
  const { types, classes } = limits;
  let at = start;
  for (let index = 0; index < count; index++) {
    if (at + PLAIN_ITEM > size) {
      cursor.fail(`${what}: ${count - index} more items, found the end of the file`, at);
    }
    const source = view.getUint16(at, true);
    const target = view.getUint16(at + 2, true);
    const cls = view.getUint16(at + 4, true);
    const kind = view.getUint16(at + 6, true) & ~ENABLED;
    if (source < 1 || source > types || target < 1 || target > types || cls < 1 || cls > classes) {
      cursor.fail(`${what}: types up to ${types} and a class up to ${classes}, found ${source} ${target} ${cls}`, at);
    }
    if (kind === ALLOW || kind === AUDITDENY) {
      at += PLAIN_ITEM;
    } else if (!KNOWN.has(kind)) {
      cursor.fail(`${what}: one known kind of rule, found ${kind}`, at + 6);
    } else if ((kind & XPERMS) !== 0) {
      if (!limits.xperms) {
        cursor.fail(`${what}: no extended permissions in this version`, at + 6);
      }
      if (at + XPERM_ITEM > size) {
        cursor.fail(`${what}: a whole item, found the end of the file`, at);
      }
      at += XPERM_ITEM;
    } else {
      const data = view.getUint32(at + 8, true);
      if ((kind & TYPE_RULES) !== 0 && (data < 1 || data > types)) {
        cursor.fail(`${what}: a type between 1 and ${types}, found ${data}`, at + 8);
      }
      at += PLAIN_ITEM;
    }
  }
  cursor.offset = at;
  return { start, end: at };
}

/**
 * Calls `visit` with every item of this kind: source, target and class by value, and its data (an access vector, or
 * the value of a type).
 */
export function scanItems(
  view: DataView,
  list: ItemList,
  kind: number,
  visit: (source: number, target: number, cls: number, data: number) => void,
): void {
  let at = list.start;
  while (at < list.end) {
    const specified = view.getUint16(at + 6, true) & ~ENABLED;
    if (specified === kind) {
      const target = view.getUint16(at + 2, true);
      visit(view.getUint16(at, true), target, view.getUint16(at + 4, true), view.getUint32(at + 8, true));
    }
    at += (specified & XPERMS) === 0 ? PLAIN_ITEM : XPERM_ITEM;
  }
}
