/** Text as the kernel and libselinux see it: as bytes. */

const encoder = new TextEncoder();

const beyondAscii = /[^\0-\x7f]/;

/** The UTF-8 of a text, one byte per code unit (0 to 255). ASCII is its own. Linear in the text. */
export function byteString(text: string): string {
  if (!beyondAscii.test(text)) return text;
  return text.replace(/[^\0-\x7f]+/gu, (characters) => {
    let bytes = "";
    for (const byte of encoder.encode(characters)) bytes += String.fromCharCode(byte);
    return bytes;
  });
}
