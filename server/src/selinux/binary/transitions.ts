/** Transitions outside the avtab: by file name, of roles, of ranges (libsepol policydb.c, filename_trans_read and others). */
import { MIN_RANGE, readRange } from "./context.ts";
import type { Cursor } from "./cursor.ts";
import { hasBit, MIN_EBITMAP, readEbitmap } from "./ebitmap.ts";

export interface NameTransitions {
  readonly start: number;
  readonly count: number;
  /** Since version 33: one record per name, target and class, with bitmaps of sources. */
  readonly compressed: boolean;
}

interface Limits {
  readonly types: number;
  readonly classes: number;
}

/** Walks over the role transitions and role allow rules. Throws PolicyFormatError. */
export function skipRoleRules(cursor: Cursor, version: number): void {
  const record = version >= 26 ? 16 : 12;
  cursor.skip(cursor.count(record, "role transitions") * record, "role transitions");
  cursor.skip(cursor.count(8, "role allow rules") * 8, "role allow rules");
}

/** Walks over the file name transitions, checking them. Throws PolicyFormatError. */
export function readNameTransitions(cursor: Cursor, version: number, limits: Limits): NameTransitions {
  const compressed = version >= 33;
  if (version < 25) {
    return { start: cursor.offset, count: 0, compressed };
  }
  const count = cursor.count(compressed ? 16 : 20, "file name transitions");
  const start = cursor.offset;
  for (let index = 0; index < count; index++) {
    cursor.skip(cursor.u32("length of a transition's file name"), "file name of a transition");
    if (compressed) {
      cursor.value(limits.types, "target of a file name transition");
      cursor.value(limits.classes, "class of a file name transition");
      const data = cursor.count(MIN_EBITMAP + 4, "sources of a file name transition");
      for (let datum = 0; datum < data; datum++) {
        readEbitmap(cursor, "sources of a file name transition");
        cursor.value(limits.types, "new type of a file name transition");
      }
    } else {
      cursor.value(limits.types, "source of a file name transition");
      cursor.value(limits.types, "target of a file name transition");
      cursor.value(limits.classes, "class of a file name transition");
      cursor.value(limits.types, "new type of a file name transition");
    }
  }
  return { start, count, compressed };
}

/**
 * The type value that a new object of this name gets, or undefined where no rule has the name. Source, target and
 * class by value; `name` as bytes.
 */
export function findNameTransition(
  view: DataView,
  table: NameTransitions,
  source: number,
  target: number,
  cls: number,
  name: Uint8Array,
): number | undefined {
  let at = table.start;
  for (let index = 0; index < table.count; index++) {
    const length = view.getUint32(at, true);
    const isName = length === name.length && hasBytes(view, at + 4, name);
    at += 4 + length;
    if (!table.compressed) {
      const isKey =
        view.getUint32(at, true) === source &&
        view.getUint32(at + 4, true) === target &&
        view.getUint32(at + 8, true) === cls;
      if (isName && isKey) {
        return view.getUint32(at + 12, true);
      }
      at += 16;
      continue;
    }
    const isKey = isName && view.getUint32(at, true) === target && view.getUint32(at + 4, true) === cls;
    const data = view.getUint32(at + 8, true);
    at += 12;
    for (let datum = 0; datum < data; datum++) {
      const sources = at;
      at += MIN_EBITMAP + view.getUint32(at + 8, true) * 12;
      if (isKey && hasBit(view, sources, source - 1)) {
        return view.getUint32(at, true);
      }
      at += 4;
    }
  }
  return undefined;
}

/** Calls `visit` for every rule of this source: the name's bytes, and values of target, class and new type. */
export function forEachNameTransition(
  view: DataView,
  table: NameTransitions,
  source: number,
  visit: (name: Uint8Array, target: number, cls: number, newType: number) => void,
): void {
  let at = table.start;
  for (let index = 0; index < table.count; index++) {
    const length = view.getUint32(at, true);
    const name = new Uint8Array(view.buffer, view.byteOffset + at + 4, length);
    at += 4 + length;
    if (!table.compressed) {
      if (view.getUint32(at, true) === source) {
        visit(name, view.getUint32(at + 4, true), view.getUint32(at + 8, true), view.getUint32(at + 12, true));
      }
      at += 16;
      continue;
    }
    const target = view.getUint32(at, true);
    const cls = view.getUint32(at + 4, true);
    const data = view.getUint32(at + 8, true);
    at += 12;
    for (let datum = 0; datum < data; datum++) {
      const sources = at;
      at += MIN_EBITMAP + view.getUint32(at + 8, true) * 12;
      if (hasBit(view, sources, source - 1)) {
        visit(name, target, cls, view.getUint32(at, true));
      }
      at += 4;
    }
  }
}

function hasBytes(view: DataView, offset: number, bytes: Uint8Array): boolean {
  for (let index = 0; index < bytes.length; index++) {
    if (view.getUint8(offset + index) !== bytes[index]) {
      return false;
    }
  }
  return true;
}

/** Walks over the range transitions. Throws PolicyFormatError. */
export function skipRangeTransitions(cursor: Cursor, limits: Limits & { readonly sensitivities: number }): void {
  const count = cursor.count(12 + MIN_RANGE, "range transitions");
  for (let index = 0; index < count; index++) {
    cursor.value(limits.types, "source of a range transition");
    cursor.value(limits.types, "target of a range transition");
    cursor.value(limits.classes, "class of a range transition");
    readRange(cursor, limits.sensitivities, "range of a range transition");
  }
}
