/**
 * A kernel policy file, versions 24 to 35, little-endian (libsepol policydb.c, policydb_read).
 *
 * The file has no table of contents: one walk over everything finds where each part lies. The walk checks every count,
 * value and reference and must end exactly at the last byte; the big tables stay bytes and are scanned when asked.
 */
import { readItems } from "./avtab.ts";
import type { ItemList } from "./avtab.ts";
import { readConditionals } from "./conditionals.ts";
import type { ConditionalBlock } from "./conditionals.ts";
import { Cursor } from "./cursor.ts";
import { forEachBit, MIN_EBITMAP, readEbitmap } from "./ebitmap.ts";
import { readObjectContexts } from "./objectContexts.ts";
import type { ObjectContexts } from "./objectContexts.ts";
import { readSymbols } from "./symbols.ts";
import type { Symbols } from "./symbols.ts";
import { readNameTransitions, skipRangeTransitions, skipRoleRules } from "./transitions.ts";
import type { NameTransitions } from "./transitions.ts";

const MAGIC = 0xf97cff8c;
const TARGET = "SE Linux";
const OLDEST = 24;
const NEWEST = 35;

/** Real policies have 2 to 9 MB. Bounds the memory that a damaged or hostile file can take. */
const MAX_BYTES = 32 * 2 ** 20;

const CONFIG_MLS = 1;
const CONFIG_REJECT_UNKNOWN = 2;
const CONFIG_ALLOW_UNKNOWN = 4;

/** What the kernel answers for a class or permission that the policy does not know. */
export type HandleUnknown = "allow" | "deny" | "reject";

export interface PolicyDb extends Symbols, ObjectContexts {
  readonly view: DataView;
  readonly version: number;
  readonly mls: boolean;
  readonly handleUnknown: HandleUnknown;
  /** Numbers of the policy capabilities that are on. */
  readonly capabilities: ReadonlySet<number>;
  /** Values of the permissive types. */
  readonly permissive: ReadonlySet<number>;
  readonly rules: ItemList;
  readonly conditionals: readonly ConditionalBlock[];
  readonly nameTransitions: NameTransitions;
  /** Offset of the bitmap of attributes, by type value minus one. The type itself may or may not be in it. */
  readonly typeAttributes: Uint32Array;
}

/** Reads a kernel policy. The bytes are kept, not copied. Throws PolicyFormatError for anything else. */
export function readPolicyDb(bytes: Uint8Array): PolicyDb {
  const cursor = new Cursor(bytes);
  if (bytes.length > MAX_BYTES) {
    cursor.fail(`a file of at most ${MAX_BYTES} bytes, found ${bytes.length}`, MAX_BYTES);
  }
  const header = readHeader(cursor);
  const { version } = header;
  const capabilities = new Set<number>();
  const capabilityBits = readEbitmap(cursor, "policy capabilities");
  const permissiveBits = readEbitmap(cursor, "permissive types");
  if (version >= 35) {
    readEbitmap(cursor, "types without auditing");
  }
  forEachBit(cursor.view, capabilityBits, (bit) => capabilities.add(bit));

  const symbols = readSymbols(cursor, version);
  const types = symbols.types.count;
  const classes = symbols.highestClass;
  // Bit N of this one bitmap is the type with value N, not N + 1 (libsepol policydb.c; services.c).
  const permissive = new Set<number>();
  forEachBit(cursor.view, permissiveBits, (bit) => {
    if (bit < 1 || bit > types) {
      cursor.fail(`permissive types between 1 and ${types}, found ${bit}`, permissiveBits);
    }
    permissive.add(bit);
  });
  const rules = readItems(cursor, { types, classes, xperms: version >= 30 }, "rules");
  const conditionals = readConditionals(cursor, { types, classes, xperms: version >= 34 }, symbols.booleans);
  skipRoleRules(cursor, version);
  const nameTransitions = readNameTransitions(cursor, version, { types, classes });
  const sensitivities = header.mls ? symbols.highestSensitivity : 0;
  const limits = { users: symbols.highestUser, roles: symbols.highestRole, types, sensitivities };
  const objectContexts = readObjectContexts(cursor, limits, header.objectKinds, (value) => {
    const name = symbols.types.names[value];
    return name ?? cursor.fail(`a type that exists, found ${value}`);
  });
  skipRangeTransitions(cursor, { types, classes, sensitivities });
  const typeAttributes = readTypeAttributes(cursor, types);
  if (cursor.remaining > 0) {
    cursor.fail(`the end of the file, found ${cursor.remaining} bytes more`);
  }
  return {
    ...symbols,
    ...objectContexts,
    view: cursor.view,
    version,
    mls: header.mls,
    handleUnknown: header.handleUnknown,
    capabilities,
    permissive,
    rules,
    conditionals,
    nameTransitions,
    typeAttributes,
  };
}

interface Header {
  readonly version: number;
  readonly mls: boolean;
  readonly handleUnknown: HandleUnknown;
  /** Number of kinds of object contexts. */
  readonly objectKinds: number;
}

function readHeader(cursor: Cursor): Header {
  const magic = cursor.u32("magic number");
  if (magic !== MAGIC) {
    cursor.fail(`magic number f97cff8c of a kernel policy, found ${magic.toString(16).padStart(8, "0")}`, 0);
  }
  const length = cursor.u32("length of the target name");
  const start = cursor.offset;
  if (length !== TARGET.length) {
    cursor.fail(`target name "${TARGET}" of 8 bytes, found length ${length}`, start - 4);
  }
  cursor.skip(length, "target name");
  for (let index = 0; index < length; index++) {
    if (cursor.view.getUint8(start + index) !== TARGET.charCodeAt(index)) {
      cursor.fail(`target name "${TARGET}"`, start);
    }
  }
  const version = cursor.u32("policy version");
  if (version < OLDEST || version > NEWEST) {
    cursor.fail(`a policy version between ${OLDEST} and ${NEWEST}, found ${version}`, cursor.offset - 4);
  }
  const config = cursor.u32("configuration flags");
  const known = CONFIG_MLS | CONFIG_REJECT_UNKNOWN | CONFIG_ALLOW_UNKNOWN;
  const unknown = config & (CONFIG_REJECT_UNKNOWN | CONFIG_ALLOW_UNKNOWN);
  if ((config & ~known) !== 0 || unknown === (CONFIG_REJECT_UNKNOWN | CONFIG_ALLOW_UNKNOWN)) {
    cursor.fail(`known configuration flags, found ${config}`, cursor.offset - 4);
  }
  const symbolTables = cursor.u32("number of symbol tables");
  const objectKinds = cursor.u32("number of kinds of object contexts");
  const expectedKinds = version >= 31 ? 9 : 7;
  if (symbolTables !== 8 || objectKinds !== expectedKinds) {
    cursor.fail(`8 symbol tables and ${expectedKinds} kinds of object contexts`, cursor.offset - 8);
  }
  return {
    version,
    mls: (config & CONFIG_MLS) !== 0,
    handleUnknown: unknown === CONFIG_REJECT_UNKNOWN ? "reject" : unknown === CONFIG_ALLOW_UNKNOWN ? "allow" : "deny",
    objectKinds,
  };
}

function readTypeAttributes(cursor: Cursor, types: number): Uint32Array {
  if (types * MIN_EBITMAP > cursor.remaining) {
    cursor.fail(`attributes of ${types} types`);
  }
  const offsets = new Uint32Array(types);
  for (let index = 0; index < types; index++) {
    offsets[index] = readEbitmap(cursor, "attributes of a type");
  }
  return offsets;
}

/** Calls `visit` with the type's own value and with the value of each of its attributes. */
export function forEachAttribute(db: PolicyDb, type: number, visit: (value: number) => void): void {
  visit(type);
  const bitmap = db.typeAttributes[type - 1];
  if (bitmap !== undefined) {
    forEachBit(db.view, bitmap, (bit) => {
      if (bit + 1 !== type) {
        visit(bit + 1);
      }
    });
  }
}
