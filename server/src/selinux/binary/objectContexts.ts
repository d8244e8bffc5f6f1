/** Contexts of objects that have no label of their own: initial SIDs, ports, file systems, network (policydb.c, ocontext_read_selinux). */
import type { PortRecord } from "../policy.ts";
import { MIN_CONTEXT, readContext } from "./context.ts";
import type { ContextLimits } from "./context.ts";
import type { Cursor } from "./cursor.ts";

/** IP protocol numbers that port records may have (kernel ocontext_read: the number itself is stored). */
const PROTOCOLS = new Map([
  [6, "tcp"],
  [17, "udp"],
  [33, "dccp"],
  [132, "sctp"],
]);

export interface ObjectContexts {
  /** Type value by initial SID number. */
  readonly initialSids: ReadonlyMap<number, number>;
  readonly ports: readonly PortRecord[];
}

/** Reads the contexts and the genfs table behind them. `kinds` is 7 or 9. Throws PolicyFormatError. */
export function readObjectContexts(
  cursor: Cursor,
  limits: ContextLimits,
  kinds: number,
  typeName: (value: number) => string,
): ObjectContexts {
  const initialSids = readInitialSids(cursor, limits);
  skipNamed(cursor, limits, 0, 2, "file system contexts");
  const ports = readPorts(cursor, limits, typeName);
  skipNamed(cursor, limits, 0, 2, "network interface contexts");
  skipFixed(cursor, limits, 8, "IPv4 node contexts");
  skipNamed(cursor, limits, 4, 1, "fs_use rules");
  skipFixed(cursor, limits, 32, "IPv6 node contexts");
  if (kinds === 9) {
    skipFixed(cursor, limits, 16, "InfiniBand key contexts");
    skipInfinibandPorts(cursor, limits);
  }
  skipGenfs(cursor, limits);
  return { initialSids, ports };
}

function readInitialSids(cursor: Cursor, limits: ContextLimits): ReadonlyMap<number, number> {
  const count = cursor.count(4 + MIN_CONTEXT, "initial SIDs");
  const sids = new Map<number, number>();
  for (let index = 0; index < count; index++) {
    const sid = cursor.u32("initial SID");
    sids.set(sid, readContext(cursor, limits, "initial SID").type);
  }
  return sids;
}

/**
 * Marks local records. The policy compiler sorts its own by width, then by lowest port (libsepol cil_post.c,
 * cil_post_portcon_compare), and libsemanage puts local ones in front: what stands before the last break of the order
 * is local.
 */
function withLocalMarks(ports: readonly PortRecord[]): readonly PortRecord[] {
  let localEnd = 0;
  for (let index = 1; index < ports.length; index++) {
    const [before, after] = [ports[index - 1], ports[index]];
    if (before !== undefined && after !== undefined && comparePorts(before, after) > 0) {
      localEnd = index;
    }
  }
  return ports.map((record, index) => (index < localEnd ? { ...record, local: true } : record));
}

function comparePorts(left: PortRecord, right: PortRecord): number {
  return left.high - left.low - (right.high - right.low) || left.low - right.low;
}

function readPorts(cursor: Cursor, limits: ContextLimits, typeName: (value: number) => string): readonly PortRecord[] {
  const count = cursor.count(12 + MIN_CONTEXT, "port contexts");
  const ports: PortRecord[] = [];
  for (let index = 0; index < count; index++) {
    const at = cursor.offset;
    const protocol = cursor.u32("protocol of a port context");
    const low = cursor.u32("lowest port of a port context");
    const high = cursor.u32("highest port of a port context");
    if (protocol > 255 || low > high || high > 65535) {
      cursor.fail(`a protocol and ports low to high, found ${protocol} ${low} ${high}`, at);
    }
    const { type } = readContext(cursor, limits, "port context");
    ports.push({ protocol: PROTOCOLS.get(protocol) ?? String(protocol), low, high, type: typeName(type) });
  }
  return withLocalMarks(ports);
}

/** Records of `fixed` bytes, then a context. */
function skipFixed(cursor: Cursor, limits: ContextLimits, fixed: number, what: string): void {
  const count = cursor.count(fixed + MIN_CONTEXT, what);
  for (let index = 0; index < count; index++) {
    cursor.skip(fixed, what);
    readContext(cursor, limits, what);
  }
}

/** Records of `fixed` bytes, `u32 len`, name, then `contexts` contexts. */
function skipNamed(cursor: Cursor, limits: ContextLimits, fixed: number, contexts: number, what: string): void {
  const count = cursor.count(fixed + 4 + contexts * MIN_CONTEXT, what);
  for (let index = 0; index < count; index++) {
    cursor.skip(fixed, what);
    cursor.skip(cursor.u32(`length of a name in ${what}`), `name in ${what}`);
    for (let context = 0; context < contexts; context++) {
      readContext(cursor, limits, what);
    }
  }
}

function skipInfinibandPorts(cursor: Cursor, limits: ContextLimits): void {
  const count = cursor.count(8 + MIN_CONTEXT, "InfiniBand port contexts");
  for (let index = 0; index < count; index++) {
    const length = cursor.u32("length of an InfiniBand device");
    cursor.skip(4, "InfiniBand port");
    cursor.skip(length, "InfiniBand device");
    readContext(cursor, limits, "InfiniBand port context");
  }
}

function skipGenfs(cursor: Cursor, limits: ContextLimits): void {
  const count = cursor.count(8, "genfs file systems");
  for (let index = 0; index < count; index++) {
    cursor.skip(cursor.u32("length of a file system type"), "file system type");
    const paths = cursor.count(8 + MIN_CONTEXT, "genfs paths");
    for (let path = 0; path < paths; path++) {
      cursor.skip(cursor.u32("length of a genfs path"), "genfs path");
      cursor.skip(4, "class of a genfs path");
      readContext(cursor, limits, "genfs context");
    }
  }
}
