/** From the raw bytes of a word to the string that nginx's handlers get. */
/* oxlint-disable typescript/no-non-null-assertion -- elements of typed arrays, read inside of their bounds */

const BACKSLASH = 0x5c;

/** Longest word that is decoded by hand; a `TextDecoder` call costs more than that many characters. */
const SHORT = 48;

/** Words keep a leading byte order mark: nginx takes it for a part of the word. */
const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });

/**
 * Removes the escapes as ngx_conf_read_token does when a word is complete: `\"` `\'` `\\` lose the backslash, `\t` `\r`
 * `\n` become control characters, and in any other pair the backslash stays.
 */
function unescape(bytes: Uint8Array, start: number, end: number): Uint8Array {
  const out = new Uint8Array(end - start);
  let length = 0;
  for (let i = start; i < end; i++) {
    let byte = bytes[i]!;
    if (byte === BACKSLASH && i + 1 < end) {
      const next = unescaped(bytes[i + 1]!);
      if (next !== -1) {
        byte = next;
        i++;
      }
    }
    out[length++] = byte;
  }
  return out.subarray(0, length);
}

/** What a backslash and this byte stand for, or -1 where the backslash stays. */
function unescaped(byte: number): number {
  switch (byte) {
    case 0x22: // "
    case 0x27: // '
    case BACKSLASH:
      return byte;
    case 0x74: // t
      return 0x09;
    case 0x72: // r
      return 0x0d;
    case 0x6e: // n
      return 0x0a;
    default:
      return -1;
  }
}

/** The word at `start..end` as UTF-8 with replacement characters; `escaped` tells whether it holds a backslash. */
export function decodeUtf8(bytes: Uint8Array, start: number, end: number, escaped: boolean): string {
  if (escaped) return utf8.decode(unescape(bytes, start, end));
  if (end - start > SHORT) return utf8.decode(bytes.subarray(start, end));
  let text = "";
  for (let i = start; i < end; i++) {
    const byte = bytes[i]!;
    if (byte >= 0x80) return utf8.decode(bytes.subarray(start, end));
    text += String.fromCharCode(byte);
  }
  return text;
}

/** The word at `start..end` with one code unit per byte. */
export function decodeLatin1(bytes: Uint8Array, start: number, end: number, escaped: boolean): string {
  const raw = escaped ? unescape(bytes, start, end) : bytes.subarray(start, end);
  let text = "";
  for (const byte of raw) text += String.fromCharCode(byte);
  return text;
}
