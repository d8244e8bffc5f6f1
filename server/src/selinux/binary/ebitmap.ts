/**
 * Extensible bitmaps: `u32 mapsize (64), u32 highbit, u32 count, count x { u32 startbit, u64 map }` (libsepol ebitmap.c).
 * They stay in the file's bytes; a bitmap is the offset at which it starts.
 */
import type { Cursor } from "./cursor.ts";

const HEAD = 12;
const NODE = 12;

/** Size of an empty bitmap: the least that one takes in the file. */
export const MIN_EBITMAP = HEAD;

/** Walks over one bitmap, checking it, and gives the offset at which it starts. Throws PolicyFormatError. */
export function readEbitmap(cursor: Cursor, what: string): number {
  const start = cursor.offset;
  const mapSize = cursor.u32(what);
  if (mapSize !== 64) {
    cursor.fail(`map size 64 in ${what}, found ${mapSize}`, start);
  }
  const highBit = cursor.u32(what);
  const count = cursor.count(NODE, `nodes in ${what}`);
  if (highBit % 64 !== 0 || (highBit === 0) !== (count === 0)) {
    cursor.fail(`a high bit that fits ${count} nodes in ${what}, found ${highBit}`, start + 4);
  }
  const { view } = cursor;
  let next = 0;
  let at = cursor.offset;
  for (let node = 0; node < count; node++, at += NODE) {
    const startBit = view.getUint32(at, true);
    if (startBit % 64 !== 0 || startBit < next || startBit >= highBit) {
      cursor.fail(`ascending multiples of 64 below ${highBit} in ${what}, found ${startBit}`, at);
    }
    if (view.getUint32(at + 4, true) === 0 && view.getUint32(at + 8, true) === 0) {
      cursor.fail(`a map with bits in ${what}`, at + 4);
    }
    next = startBit + 64;
  }
  cursor.offset = at;
  return start;
}

/** True where `bit` (zero-based) is set in the bitmap that starts at `bitmap`. */
export function hasBit(view: DataView, bitmap: number, bit: number): boolean {
  let low = 0;
  let high = view.getUint32(bitmap + 8, true) - 1;
  while (low <= high) {
    const middle = (low + high) >>> 1;
    const at = bitmap + HEAD + middle * NODE;
    const startBit = view.getUint32(at, true);
    if (bit < startBit) {
      high = middle - 1;
    } else if (bit >= startBit + 64) {
      low = middle + 1;
    } else {
      const inNode = bit - startBit;
      return ((view.getUint32(at + 4 + (inNode >>> 5) * 4, true) >>> (inNode & 31)) & 1) === 1;
    }
  }
  return false;
}

/** Calls `visit` with every set bit (zero-based), ascending. */
export function forEachBit(view: DataView, bitmap: number, visit: (bit: number) => void): void {
  const end = bitmap + HEAD + view.getUint32(bitmap + 8, true) * NODE;
  for (let at = bitmap + HEAD; at < end; at += NODE) {
    const startBit = view.getUint32(at, true);
    for (let half = 0; half < 2; half++) {
      let word = view.getUint32(at + 4 + half * 4, true);
      while (word !== 0) {
        const bit = 31 - Math.clz32(word & -word);
        visit(startBit + half * 32 + bit);
        word = (word & (word - 1)) >>> 0;
      }
    }
  }
}

/** True where every bit of `inner` is set in `outer`. */
export function containsBits(view: DataView, outer: number, inner: number): boolean {
  const innerEnd = inner + HEAD + view.getUint32(inner + 8, true) * NODE;
  const outerEnd = outer + HEAD + view.getUint32(outer + 8, true) * NODE;
  let candidate = outer + HEAD;
  for (let at = inner + HEAD; at < innerEnd; at += NODE) {
    const startBit = view.getUint32(at, true);
    while (candidate < outerEnd && view.getUint32(candidate, true) < startBit) {
      candidate += NODE;
    }
    if (candidate >= outerEnd || view.getUint32(candidate, true) !== startBit) {
      return false;
    }
    for (let word = 4; word <= 8; word += 4) {
      if ((view.getUint32(at + word, true) & ~view.getUint32(candidate + word, true)) !== 0) {
        return false;
      }
    }
  }
  return true;
}
