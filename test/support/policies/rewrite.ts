/** Versions that the packaged compilers cannot write yet, from a file of version 33. */

const VERSION = 16;
const CAPABILITIES = 32;

/**
 * The same policy as version 34 (conditional extended permissions: no change of layout) or 35 (a bitmap of types
 * without auditing behind the permissive ones).
 */
export function rewritten(bytes: Uint8Array, version: 34 | 35): Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(VERSION, true) !== 33) {
    throw new Error("expected a policy of version 33");
  }
  const afterBitmap = (at: number): number => at + 12 + view.getUint32(at + 8, true) * 12;
  const split = afterBitmap(afterBitmap(CAPABILITIES));
  const empty = version === 35 ? [64, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0] : [];
  const result = new Uint8Array(bytes.length + empty.length);
  result.set(bytes.subarray(0, split));
  result.set(empty, split);
  result.set(bytes.subarray(split), split + empty.length);
  new DataView(result.buffer).setUint32(VERSION, version, true);
  return result;
}
