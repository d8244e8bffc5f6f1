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
  let seen = 0;
  for (let i = start; i < end; i++) seen |= bytes[i]!;
  return seen < 0x80 ? fromCodes(bytes, start, end) : utf8.decode(bytes.subarray(start, end));
}

const fromCode = String.fromCharCode;

/** Each byte as a code unit. Eight at a time: a string that grows by one is a new one each time. */
function fromCodes(b: Uint8Array, start: number, end: number): string {
  let text = "";
  let i = start;
  for (; i + 8 <= end; i += 8)
    text += fromCode(b[i]!, b[i + 1]!, b[i + 2]!, b[i + 3]!, b[i + 4]!, b[i + 5]!, b[i + 6]!, b[i + 7]!);
  if (i + 4 <= end) {
    text += fromCode(b[i]!, b[i + 1]!, b[i + 2]!, b[i + 3]!);
    i += 4;
  }
  if (i + 2 <= end) {
    text += fromCode(b[i]!, b[i + 1]!);
    i += 2;
  }
  return i < end ? text + fromCode(b[i]!) : text;
}

/** The word at `start..end` with one code unit per byte. */
export function decodeLatin1(bytes: Uint8Array, start: number, end: number, escaped: boolean): string {
  if (!escaped) return fromCodes(bytes, start, end);
  const raw = unescape(bytes, start, end);
  return fromCodes(raw, 0, raw.length);
}
