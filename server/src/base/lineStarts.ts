/** Where the lines of a text begin. Lines end with LF, CR LF or CR, as LSP has it. */
/* oxlint-disable typescript/no-non-null-assertion -- elements of typed arrays, read inside of their bounds */

export interface LineStarts {
  /** Byte offsets, ascending, the first one 0; as many as there are lines. */
  readonly offsets: Uint32Array;
  /** False where a byte may be part of a character outside of ASCII. */
  readonly isAscii: boolean;
}

const LF = 0x0a;
const CR = 0x0d;

/** True where a line ends with the byte at an offset. */
export function endsLine(bytes: Uint8Array, offset: number): boolean {
  const byte = bytes[offset]!;
  return byte <= CR && (byte === LF || (byte === CR && bytes[offset + 1] !== LF));
}

/** Looks at four bytes at a time, and at each of them only where one may be a line end. */
export function findLines(bytes: Uint8Array): LineStarts {
  const found = new Starts(bytes);
  const first = Math.min(-bytes.byteOffset & 3, bytes.length);
  const count = (bytes.length - first) >>> 2;
  const words = count === 0 ? new Int32Array() : new Int32Array(bytes.buffer, bytes.byteOffset + first, count);
  found.enter(0, first);
  let seen = 0;
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!;
    seen |= word;
    if (hasByteUpToCr(word)) found.enter(first + 4 * i, first + 4 * i + 4);
  }
  found.enter(first + 4 * words.length, bytes.length);
  return { offsets: found.offsets(), isAscii: (seen & HIGH_BITS) === 0 && found.isAscii };
}

const HIGH_BITS = 0x80808080 | 0;

/** False only where none of the four bytes is below 14: a borrow sets the highest bit of each that is, where it was clear. */
function hasByteUpToCr(word: number): boolean {
  return ((word - 0x0e0e0e0e) & ~word & HIGH_BITS) !== 0;
}

/** The line starts that were found; grows as needed. */
class Starts {
  readonly #bytes: Uint8Array;
  #offsets: Uint32Array;
  #count = 1;
  isAscii = true;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#offsets = new Uint32Array((bytes.length >>> 5) + 2);
  }

  /** Adds the lines that end with a byte from `start` to before `end`. */
  enter(start: number, end: number): void {
    for (let p = start; p < end; p++) {
      if (this.#bytes[p]! >= 0x80) this.isAscii = false;
      if (!endsLine(this.#bytes, p)) continue;
      if (this.#count === this.#offsets.length) {
        const larger = new Uint32Array(this.#count * 2);
        larger.set(this.#offsets);
        this.#offsets = larger;
      }
      this.#offsets[this.#count++] = p + 1;
    }
  }

  offsets(): Uint32Array {
    return this.#offsets.subarray(0, this.#count);
  }
}
