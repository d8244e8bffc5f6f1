/** Reproducible damage to policy files: flipped bits, cut ends, huge and swapped numbers. */

/** Numbers in [0, 1) that depend on the seed alone (mulberry32). */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
  };
}

const EXTREMES = [0, 1, 2, 0x7f, 0xff, 0xffff, 0x1_0000, 0x0fff_ffff, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff];

/** A damaged copy. The same bytes and seed give the same damage. */
export function damaged(bytes: Uint8Array, seed: number): Uint8Array {
  const random = randomOf(seed);
  const below = (limit: number): number => Math.floor(random() * limit);
  // Not `slice`: that of a Buffer shares its bytes.
  const copy = new Uint8Array(bytes);
  switch (below(5)) {
    case 0: {
      for (let flips = 1 + below(4); flips > 0; flips--) {
        const at = below(copy.length);
        copy[at] = (copy[at] ?? 0) ^ (1 << below(8));
      }
      return copy;
    }
    case 1:
      return copy.subarray(0, below(copy.length));
    case 2: {
      // A number of four bytes, at any place: counts and lengths among them.
      const at = below(copy.length - 3);
      new DataView(copy.buffer).setUint32(at, EXTREMES[below(EXTREMES.length)] ?? 0, true);
      return copy;
    }
    case 3: {
      const at = below(copy.length);
      const removed = 1 + below(16);
      copy.copyWithin(at, at + removed);
      return copy.subarray(0, Math.max(at, copy.length - removed));
    }
    default: {
      const from = below(copy.length);
      const length = below(Math.min(64, copy.length - from));
      copy.copyWithin(below(copy.length - length), from, from + length);
      return copy;
    }
  }
}
