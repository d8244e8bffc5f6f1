/** Answers that are kept. */

/** The answer for a key: the one that is kept, or a new one, which is kept then. */
export function memo<K, V>(
  kept: { get(key: K): V | undefined; set(key: K, value: V): unknown },
  key: K,
  make: () => V,
): V {
  const known = kept.get(key);
  if (known !== undefined) return known;
  const value = make();
  kept.set(key, value);
  return value;
}

/**
 * A map for `memo` that forgets everything when it is full: for answers that many keys near each other share. A few dozen
 * entries are enough for what findings leave: with more they outlive a scavenge or two, and V8 moves each to the old
 * generation before it is forgotten. A full map is replaced, not cleared: the table that `clear` leaves points to the next
 * one, so one that was moved to the old generation takes every later one there with it (V8's `OrderedHashTable::Clear`).
 */
export class BoundedMap<K, V> {
  #kept = new Map<K, V>();
  readonly #most: number;

  /** `most`: entries, at least 1. */
  constructor(most: number) {
    this.#most = most;
  }

  get(key: K): V | undefined {
    return this.#kept.get(key);
  }

  set(key: K, value: V): void {
    if (this.#kept.size >= this.#most) this.#kept = new Map();
    this.#kept.set(key, value);
  }
}
