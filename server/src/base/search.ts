/** Binary search. */

/** The first of `count` places from which on all are far enough; `count` where none is. Asks some log2(count) of them. */
export function firstPosition(count: number, isFarEnough: (place: number) => boolean): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (isFarEnough(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
