/** Lines that say what takes so long. */

/** Says what begins, and how long it took. */
export function step<T>(what: string, work: () => T): T {
  const done = begin(what);
  const result = work();
  done();
  return result;
}

/** Says what begins; the function that it gives says how long that took. */
export function begin(what: string): () => void {
  const began = performance.now();
  console.log(`${what} ...`);
  return () => console.log(`${what}: ${((performance.now() - began) / 1000).toFixed(1)} s`);
}
