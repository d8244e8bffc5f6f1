/**
 * The file in which compiled code is kept between runs. V8 takes what is in it without a proof, so it has a checksum: a file
 * that was cut off or damaged counts as empty.
 *
 * Numbers are 32 bits, little-endian. First the CRC-32 of all that follows, and how many runs have added to it; then for
 * each file of the program the CRC-32 of its text, the lengths of its name and of its code, the name, and the code. Name and
 * code are filled up to 8 bytes: V8 copies code that begins elsewhere.
 */
import { closeSync, constants, fstatSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { crc32 } from "node:zlib";

/** The code of one file of the program. */
export interface CompiledFile {
  /** CRC-32 of the text that it was compiled from. */
  readonly source: number;
  readonly code: Buffer;
}

export interface CompiledCode {
  /** How many runs have added what they called. */
  readonly runs: number;
  /** By the name of the file. */
  readonly files: ReadonlyMap<string, CompiledFile>;
}

export const noCompiledCode: CompiledCode = { runs: 0, files: new Map() };

const HEADER = 8;
const FILE_HEADER = 16;

/** Bytes of such a file; the largest that was seen has a tenth. */
const MOST = 16 * 2 ** 20;

/** What the file holds; nothing where it is missing, damaged, or another user could have written it. */
export function readCompiledCode(path: string): CompiledCode {
  try {
    const bytes = readOwnFile(path);
    if (bytes === null || crc32(bytes.subarray(4)) !== bytes.readUInt32LE(0)) return noCompiledCode;
    const files = new Map<string, CompiledFile>();
    for (let at = HEADER; at < bytes.length;) {
      const nameStart = at + FILE_HEADER;
      const nameEnd = nameStart + bytes.readUInt32LE(at + 4);
      const start = filledUp(nameEnd);
      const end = start + bytes.readUInt32LE(at + 8);
      if (end > bytes.length) return noCompiledCode;
      files.set(bytes.toString("latin1", nameStart, nameEnd), {
        source: bytes.readUInt32LE(at),
        code: bytes.subarray(start, end),
      });
      at = filledUp(end);
    }
    return { runs: bytes.readUInt32LE(4), files };
  } catch {
    return noCompiledCode;
  }
}

/** The bytes of a file of this user that no other user may write; null of anything else, which is not waited for. */
function readOwnFile(path: string): Buffer | null {
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
  try {
    const facts = fstatSync(file);
    const isOwn = facts.isFile() && facts.uid === process.geteuid?.() && (facts.mode & 0o022) === 0;
    return isOwn && facts.size <= MOST ? readFileSync(file) : null;
  } finally {
    closeSync(file);
  }
}

/**
 * Readers see the old file or the new one, never a part; a link is not followed. Throws the file system's errors, and leaves
 * nothing behind then.
 */
export function writeCompiledCode(path: string, { runs, files }: CompiledCode): void {
  const rest = Buffer.concat([
    numbers(runs),
    ...[...files].flatMap(([name, { source, code }]) => [
      numbers(source, name.length, code.length, 0),
      Buffer.from(name.padEnd(filledUp(name.length), "\0"), "latin1"),
      code,
      Buffer.alloc(filledUp(code.length) - code.length),
    ]),
  ]);
  const temporary = `${path}.${process.pid}.${process.hrtime.bigint()}`;
  try {
    writeFileSync(temporary, Buffer.concat([numbers(crc32(rest)), rest]), { mode: 0o600, flag: "wx" });
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

function numbers(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length);
  for (const [i, value] of values.entries()) bytes.writeUInt32LE(value, 4 * i);
  return bytes;
}

/** The next multiple of 8 bytes. */
function filledUp(length: number): number {
  return Math.ceil(length / 8) * 8;
}
