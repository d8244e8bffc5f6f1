/** The eight symbol tables at the head of a kernel policy (libsepol policydb.c, the *_read functions). */
import { MIN_CONSTRAINT, readConstraint, skipValidateTransitions } from "./constraints.ts";
import type { Constraint } from "./constraints.ts";
import { MIN_LEVEL, MIN_RANGE, readLevel, readRange } from "./context.ts";
import type { Cursor } from "./cursor.ts";
import { MIN_EBITMAP, readEbitmap } from "./ebitmap.ts";

/** The avtab holds types and classes in 16 bits; more cannot be referred to. */
const MAX_VALUE = 0xffff;
const MAX_PERMISSIONS = 32;

export interface ClassSymbol {
  readonly name: string;
  readonly value: number;
  /** Permission name -> access vector bit, inherited ones included. */
  readonly permissions: ReadonlyMap<string, number>;
  readonly constraints: readonly Constraint[];
}

interface TypeTable {
  /** Highest value. */
  readonly count: number;
  /** Name by value; undefined where no type or attribute has that value (an attribute that was optimised away). */
  readonly names: readonly (string | undefined)[];
  /** 1 for attributes, by value. */
  readonly isAttribute: Uint8Array;
  /** Value of the type that bounds this one, 0 for none, by value. */
  readonly bounds: Uint16Array;
  /** Every name, aliases and attributes included -> value. */
  readonly values: ReadonlyMap<string, number>;
}

interface RoleSymbol {
  readonly name: string;
  readonly value: number;
  /** Offsets of bitmaps: roles that it dominates, and its types. */
  readonly dominates: number;
  readonly types: number;
}

interface UserSymbol {
  readonly name: string;
  readonly value: number;
  /** Offset of the bitmap of its roles. */
  readonly roles: number;
}

export interface Symbols {
  readonly classes: ReadonlyMap<string, ClassSymbol>;
  readonly highestClass: number;
  readonly types: TypeTable;
  readonly roles: readonly RoleSymbol[];
  readonly highestRole: number;
  readonly users: readonly UserSymbol[];
  readonly highestUser: number;
  /** Booleans in the order of their values, with their persistent state. */
  readonly booleans: readonly BooleanSymbol[];
  readonly highestSensitivity: number;
}

export interface BooleanSymbol {
  readonly name: string;
  readonly value: number;
  readonly state: boolean;
}

interface Head {
  readonly highest: number;
  readonly count: number;
}

function readHead(cursor: Cursor, minimal: number, what: string): Head {
  const highest = cursor.u32(`highest value of ${what}`);
  const at = cursor.offset;
  const count = cursor.count(minimal, what);
  if (highest > MAX_VALUE) {
    cursor.fail(`at most ${MAX_VALUE} ${what}, found ${highest}`, at - 4);
  }
  return { highest, count };
}

function readFlag(cursor: Cursor, what: string): boolean {
  const value = cursor.u32(what);
  if (value > 1) {
    cursor.fail(`${what} 0 or 1, found ${value}`, cursor.offset - 4);
  }
  return value === 1;
}

/** Sets an entry that must be new; the kernel too refuses a policy that names a symbol twice. */
function define<Key, Value>(cursor: Cursor, map: Map<Key, Value>, key: Key, value: Value, what: string): void {
  if (map.has(key)) {
    cursor.fail(`each ${what} once, found ${String(key)} again`);
  }
  map.set(key, value);
}

/** Reads all symbol tables of a policy of this version. Throws PolicyFormatError. */
export function readSymbols(cursor: Cursor, version: number): Symbols {
  const commons = readCommons(cursor);
  const { classes, highestClass } = readClasses(cursor, version, commons);
  const roleHead = readHead(cursor, 12 + 2 * MIN_EBITMAP, "roles");
  const roles = readRoles(cursor, roleHead);
  const types = readTypes(cursor);
  const userHead = readHead(cursor, 12 + MIN_EBITMAP + MIN_RANGE + MIN_LEVEL, "users");
  const users = readUsers(cursor, userHead);
  const booleans = readBooleans(cursor);
  const highestSensitivity = readSensitivities(cursor);
  skipCategories(cursor);
  return {
    classes,
    highestClass,
    types,
    roles,
    highestRole: roleHead.highest,
    users,
    highestUser: userHead.highest,
    booleans,
    highestSensitivity,
  };
}

/** Adds `count` permissions (`u32 len, u32 value, name`) with values up to `highest`. */
function readPermissions(cursor: Cursor, into: Map<string, number>, count: number, highest: number): void {
  for (let index = 0; index < count; index++) {
    const length = cursor.u32("length of a permission name");
    const value = cursor.value(highest, "value of a permission");
    define(cursor, into, cursor.identifier(length, "permission name"), (1 << (value - 1)) >>> 0, "permission");
  }
}

function readPermissionHead(cursor: Cursor): Head {
  const highest = cursor.u32("highest permission");
  const count = cursor.count(9, "permissions");
  if (highest > MAX_PERMISSIONS || count > highest) {
    cursor.fail(`at most ${MAX_PERMISSIONS} permissions, found ${count} up to ${highest}`, cursor.offset - 8);
  }
  return { highest, count };
}

function readCommons(cursor: Cursor): ReadonlyMap<string, ReadonlyMap<string, number>> {
  const head = readHead(cursor, 17, "commons");
  const commons = new Map<string, ReadonlyMap<string, number>>();
  for (let index = 0; index < head.count; index++) {
    const length = cursor.u32("length of a common's name");
    cursor.value(head.highest, "value of a common");
    const permissionHead = readPermissionHead(cursor);
    const name = cursor.identifier(length, "name of a common");
    const permissions = new Map<string, number>();
    readPermissions(cursor, permissions, permissionHead.count, permissionHead.highest);
    define(cursor, commons, name, permissions, "common");
  }
  return commons;
}

function readClasses(
  cursor: Cursor,
  version: number,
  commons: ReadonlyMap<string, ReadonlyMap<string, number>>,
): { classes: ReadonlyMap<string, ClassSymbol>; highestClass: number } {
  const head = readHead(cursor, 29, "classes");
  const classes = new Map<string, ClassSymbol>();
  for (let index = 0; index < head.count; index++) {
    const length = cursor.u32("length of a class name");
    const commonLength = cursor.u32("length of a class's common");
    const value = cursor.value(head.highest, "value of a class");
    const permissionHead = readPermissionHead(cursor);
    const constraintCount = cursor.count(MIN_CONSTRAINT, "constraints");
    const name = cursor.identifier(length, "class name");
    const permissions = new Map<string, number>();
    if (commonLength > 0) {
      const common = cursor.identifier(commonLength, "common of a class");
      const inherited = commons.get(common);
      if (inherited === undefined) {
        cursor.fail(`a common that exists, found ${common}`);
      }
      for (const [permission, bit] of inherited) {
        permissions.set(permission, bit);
      }
    }
    readPermissions(cursor, permissions, permissionHead.count, permissionHead.highest);
    const constraints: Constraint[] = [];
    for (let constraint = 0; constraint < constraintCount; constraint++) {
      constraints.push(readConstraint(cursor, version));
    }
    skipValidateTransitions(cursor, version);
    if (version >= 27) {
      cursor.skip(12, "defaults of a class");
    }
    if (version >= 28) {
      cursor.skip(4, "default type of a class");
    }
    define(cursor, classes, name, { name, value, permissions, constraints }, "class");
  }
  return { classes, highestClass: head.highest };
}

function readRoles(cursor: Cursor, head: Head): readonly RoleSymbol[] {
  const roles: RoleSymbol[] = [];
  for (let index = 0; index < head.count; index++) {
    const length = cursor.u32("length of a role name");
    const value = cursor.value(head.highest, "value of a role");
    cursor.u32("bounds of a role");
    const name = cursor.identifier(length, "role name");
    const dominates = readEbitmap(cursor, "roles dominated by a role");
    roles.push({ name, value, dominates, types: readEbitmap(cursor, "types of a role") });
  }
  return roles;
}

function readTypes(cursor: Cursor): TypeTable {
  const head = readHead(cursor, 17, "types");
  // Each value has a bitmap at the end of the file; this also keeps the tables below in proportion to the file.
  if (head.highest * MIN_EBITMAP > cursor.remaining) {
    cursor.fail(`a highest type that fits the file, found ${head.highest}`, cursor.offset - 8);
  }
  const names: (string | undefined)[] = Array.from({ length: head.highest + 1 }, () => undefined);
  const isAttribute = new Uint8Array(head.highest + 1);
  const bounds = new Uint16Array(head.highest + 1);
  const values = new Map<string, number>();
  for (let index = 0; index < head.count; index++) {
    const at = cursor.offset;
    const length = cursor.u32("length of a type name");
    const value = cursor.value(head.highest, "value of a type");
    const properties = cursor.u32("properties of a type");
    const bound = cursor.u32("bounds of a type");
    if (properties > 3 || bound > head.highest) {
      cursor.fail("known properties and bounds of a type", at + 8);
    }
    const name = cursor.identifier(length, "type name");
    define(cursor, values, name, value, "type");
    if (properties === 0) {
      continue; // An alias: only another name for the value.
    }
    if (names[value] !== undefined) {
      cursor.fail(`each type value once, found ${value} again`, at + 4);
    }
    names[value] = name;
    isAttribute[value] = (properties & 2) === 0 ? 0 : 1;
    bounds[value] = bound;
  }
  return { count: head.highest, names, isAttribute, bounds, values };
}

function readUsers(cursor: Cursor, head: Head): readonly UserSymbol[] {
  const users: UserSymbol[] = [];
  for (let index = 0; index < head.count; index++) {
    const length = cursor.u32("length of a user name");
    const value = cursor.value(head.highest, "value of a user");
    cursor.u32("bounds of a user");
    const name = cursor.identifier(length, "user name");
    const roles = readEbitmap(cursor, "roles of a user");
    // The sensitivities come later in the file, hence no limit to check against yet.
    readRange(cursor, 0, "range of a user");
    readLevel(cursor, "default level of a user");
    users.push({ name, value, roles });
  }
  return users;
}

function readBooleans(cursor: Cursor): readonly BooleanSymbol[] {
  const head = readHead(cursor, 13, "booleans");
  const byValue = new Map<number, BooleanSymbol>();
  const names = new Map<string, number>();
  for (let index = 0; index < head.count; index++) {
    const value = cursor.value(head.highest, "value of a boolean");
    const state = readFlag(cursor, "state of a boolean");
    const length = cursor.u32("length of a boolean name");
    const name = cursor.identifier(length, "boolean name");
    define(cursor, names, name, value, "boolean");
    define(cursor, byValue, value, { name, value, state }, "value of a boolean");
  }
  return [...byValue.values()].sort((left, right) => left.value - right.value);
}

function readSensitivities(cursor: Cursor): number {
  const head = readHead(cursor, 9 + MIN_LEVEL, "sensitivities");
  for (let index = 0; index < head.count; index++) {
    const length = cursor.u32("length of a sensitivity name");
    readFlag(cursor, "alias flag of a sensitivity");
    cursor.skip(length, "sensitivity name");
    readLevel(cursor, "level of a sensitivity");
  }
  return head.highest;
}

function skipCategories(cursor: Cursor): void {
  const head = readHead(cursor, 13, "categories");
  for (let index = 0; index < head.count; index++) {
    const length = cursor.u32("length of a category name");
    cursor.value(head.highest, "value of a category");
    readFlag(cursor, "alias flag of a category");
    cursor.skip(length, "category name");
  }
}
