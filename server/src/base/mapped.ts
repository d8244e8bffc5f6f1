/** Iterables that are made while they are read. */

/** The items, each as `make` makes it, one by one: never all of them at once. It may be read again. */
export function mapped<T, R>(items: Iterable<T>, make: (item: T) => R): Iterable<R> {
  return {
    *[Symbol.iterator]() {
      for (const item of items) yield make(item);
    },
  };
}
