/**
 * The one error of the binary policy reader: the bytes are not a kernel policy that it understands.
 * `offset` is the byte at which reading stopped, `expected` what should have been there.
 */
export class PolicyFormatError extends Error {
  readonly offset: number;
  readonly expected: string;

  constructor(offset: number, expected: string) {
    super(`Not a readable SELinux policy: at byte ${offset} expected ${expected}`);
    this.name = "PolicyFormatError";
    this.offset = offset;
    this.expected = expected;
  }
}
