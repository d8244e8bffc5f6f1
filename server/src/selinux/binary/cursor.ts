/** Bounds-checked little-endian reading of a kernel policy; every read that would leave the bytes is a PolicyFormatError. */
import { PolicyFormatError } from "./policyFormatError.ts";

/** Longest identifier accepted. Real ones stay below 100 bytes; a longer one is damage, and would end up in messages. */
const MAX_IDENTIFIER = 512;

/** What an identifier may be made of. Names end up in shell commands: nothing that a shell treats specially. */
const IDENTIFIER = /^[A-Za-z0-9_.@:+=-]+$/;
/** One native call for a name is several times faster than a loop over its bytes, which is cold when a policy is read. */
const decoder = new TextDecoder();

export class Cursor {
  readonly view: DataView;
  offset: number;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array, offset = 0) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.offset = offset;
    this.#bytes = bytes;
  }

  get remaining(): number {
    return this.view.byteLength - this.offset;
  }

  /** Throws the PolicyFormatError for the present position, or for `offset`. */
  fail(expected: string, offset = this.offset): never {
    throw new PolicyFormatError(offset, expected);
  }

  u32(what: string): number {
    if (this.remaining < 4) {
      this.fail(`${what} (4 bytes), found the end of the file`);
    }
    const value = this.view.getUint32(this.offset, true);
    this.offset += 4;
    return value;
  }

  skip(length: number, what: string): void {
    if (length > this.remaining) {
      this.fail(`${what} of ${length} bytes, found the end of the file`);
    }
    this.offset += length;
  }

  /** A count of records of at least `minimal` bytes each. Refused before anything is allocated for records that cannot be there. */
  count(minimal: number, what: string): number {
    const count = this.u32(`number of ${what}`);
    if (count * minimal > this.remaining) {
      this.fail(`a number of ${what} that fits the file, found ${count}`, this.offset - 4);
    }
    return count;
  }

  /** A number in 1..`highest`: the value of a symbol. */
  value(highest: number, what: string): number {
    const value = this.u32(what);
    if (value < 1 || value > highest) {
      this.fail(`${what} between 1 and ${highest}, found ${value}`, this.offset - 4);
    }
    return value;
  }

  /** An identifier of `length` bytes (no terminator). */
  identifier(length: number, what: string): string {
    if (length < 1 || length > MAX_IDENTIFIER) {
      this.fail(`${what} of 1 to ${MAX_IDENTIFIER} bytes, found length ${length}`);
    }
    const start = this.offset;
    this.skip(length, what);
    const text = decoder.decode(this.#bytes.subarray(start, this.offset));
    if (!IDENTIFIER.test(text)) {
      this.fail(`${what} of letters, digits and _-.@:+=`, start);
    }
    return text;
  }
}
