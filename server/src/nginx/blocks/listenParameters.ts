/** Parameters of a `listen` that matter to others than nginx. */
import type { Span } from "../../base/text.ts";

/** True where the parameters behind the address of a `listen` contain `ssl` or `quic`. `address`: its place in `bytes`. */
export function speaksTls(bytes: Uint8Array, address: Span): boolean {
  const text = new TextDecoder("latin1").decode(bytes.subarray(address.end, address.end + MOST_PARAMETERS));
  return /^[^;]*\s(?:ssl|quic)[\s;]/u.test(text);
}

const MOST_PARAMETERS = 300;
