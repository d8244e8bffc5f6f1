/**
 * 26 hexadecimal digits that two texts share only by chance (1 in 2^52 for each half). Not for secrets: whoever chooses
 * the texts can make them collide. Pure, because the engine knows no Node.
 */
export function fingerprint(text: string): string {
  return half(text, 0x811c9dc5) + half(text, 0x9e3779b9);
}

/** 52 bits: two multiplicative hashes of 32 bits (the second gives 20) that stir each other at the end. */
function half(text: string, seed: number): string {
  let first = seed ^ 0x243f6a88;
  let second = seed ^ 0x13198a2e;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    first = Math.imul(first ^ unit, 0x9e3779b1);
    second = Math.imul(second ^ unit, 0x5f356495);
  }
  const low = stirred(first) ^ Math.imul(second ^ (second >>> 13), 0xc2b2ae35);
  const high = stirred(second) ^ Math.imul(first ^ (first >>> 13), 0xc2b2ae35);
  return (high >>> 12).toString(16).padStart(5, "0") + (low >>> 0).toString(16).padStart(8, "0");
}

function stirred(value: number): number {
  return Math.imul(value ^ (value >>> 16), 0x85ebca6b);
}
